"""All declared words fit together: what one names, another declares; both languages and the clause stand with each."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import BaseModel

from kouan.app.registry import BOARDS
from kouan.base.identity.api import KINDS
from kouan.base.receipt.records import CODES
from kouan.kernel import topics
from kouan.kernel.connectors import Connector
from kouan.kernel.formats import Format
from kouan.kernel.handlers import Handler
from kouan.kernel.lifecycles import Lifecycle, lifecycle_of
from kouan.kernel.modules import modules
from kouan.kernel.records import Record, record_type, record_types
from kouan.kernel.references import kinds
from kouan.kernel.rules import Rule
from kouan.kernel.text import Text
from kouan.kernel.words import Word, every
from tests.conformance.clauses import is_known

TYPES = record_types()
NAMES = {cls.facts.name for cls in TYPES}
PLATFORM = "platform"
HAN = re.compile(r"[\u4e00-\u9fff]")


def named(word: Any) -> str:
    return str(getattr(word, "code", None) or getattr(word, "name", None) or word.facts.name)


def speaks_both(text: Text) -> bool:
    """Chinese text is Chinese unless it is a name or sign that both languages share."""
    return (bool(HAN.search(text.zh)) and not HAN.search(text.en)) or text.zh == text.en


@pytest.mark.parametrize("module", modules(), ids=named)
def test_a_module_speaks_both_languages_and_serves_clauses_that_exist(module: Any) -> None:
    assert module.board in BOARDS
    assert speaks_both(module.title)
    assert speaks_both(module.summary)
    assert module.clauses
    assert [clause for clause in module.clauses if not is_known(clause)] == []
    assert all(page.path.startswith("/") and speaks_both(page.title) for page in module.pages)


@pytest.mark.parametrize("cls", TYPES, ids=named)
def test_a_record_names_what_exists(cls: type[Record]) -> None:
    facts, module = cls.facts, cls.facts.name.rpartition(".")[0]
    assert module in {m.name for m in modules()}
    assert is_known(facts.clause)
    assert facts.ref in kinds()
    assert facts.label in {*cls.fields, ""}
    assert {filer for filer in facts.filers if filer not in {*KINDS, PLATFORM}} <= {"*"}
    assert {p.by.removeprefix("kind:") for p in facts.parties if p.by.startswith("kind:")} <= set(KINDS)
    assert len({p.name for p in facts.parties}) == len(facts.parties)
    assert 1 <= facts.retention <= 100
    assert cls.doc()
    assert [other.facts.name for other in TYPES if other.facts.ref == facts.ref] == [facts.name]


@pytest.mark.parametrize("cls", TYPES, ids=named)
def test_every_field_of_a_record_and_its_parts_has_both_names(cls: type[Record]) -> None:
    for name, field in cls.fields.items():
        assert speaks_both(field.title), name
    for part in parts_of(cls):
        for name, info in part.model_fields.items():
            stated = (info.json_schema_extra or {}).get("x-kouan", {})  # type: ignore[union-attr]  # a dict, as field() makes it
            assert speaks_both(Text(stated["zh"], stated["en"])), f"{part.__name__}.{name}"


def parts_of(cls: type[BaseModel]) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()

    def look(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in found:
            found.add(annotation)
            for info in annotation.model_fields.values():
                look(info.annotation)
        for inner in getattr(annotation, "__args__", ()):
            look(inner)

    for info in cls.model_fields.values():
        look(info.annotation)
    return found


@pytest.mark.parametrize("rule", every(Rule), ids=named)
def test_a_rule_judges_a_record_that_exists_and_can_be_mended_by_someone(rule: type[Rule]) -> None:
    assert rule.of in NAMES
    assert rule.owner in {*KINDS, PLATFORM, "filer", "declarant", ""}
    assert rule.severity in ("refuse", "warn", "hold", "divert")
    assert speaks_both(rule.title)
    if re.match(r"HS/T 82|H?[0-9]+\.", rule.clause):
        assert is_known(rule.clause)
    assert re.fullmatch(r"[A-Z]{2,5}-[A-Z0-9-]+", rule.code)


@pytest.mark.parametrize("life", every(Lifecycle), ids=named)
def test_a_lifecycle_leads_somewhere_by_someone(life: type[Lifecycle]) -> None:
    assert life.code in NAMES
    moments = {rule.at for rule in every(Rule) if rule.of == life.code}
    fields = record_type(life.code).fields
    assert len({track.name for track in life.tracks}) == len(life.tracks)
    for track in life.tracks:
        assert track.owner in {*KINDS, PLATFORM}
        assert len({action.name for action in track.actions}) == len(track.actions)
        for action in track.actions:
            assert set(action.by) <= {*KINDS, PLATFORM, "*"}
            assert action.by
            assert {action.rules_at} <= {*moments, ""}
            assert {action.receipt} <= {*CODES, ""}
            assert set(action.sets) <= set(fields)
        reached = {track.start, *(a.to for a in track.actions)}
        assert set(track.states) - reached <= set(life_begins(life, track.name))
        stuck = set(track.states) - set(track.final) - {s for a in track.actions for s in (a.frm or track.states)}
        assert stuck == set(), f"{track.name}: no way out of {stuck}"
        assert set(track.within or {}) & set(track.final) == set()


def life_begins(life: type[Lifecycle], track: str) -> set[str]:
    """States in which some records begin, beyond the track's own start (`begin` of the lifecycle decides)."""
    overridden = life.begin.__func__ is not Lifecycle.begin.__func__  # type: ignore[attr-defined]  # a class method
    return {state for t in life.tracks if t.name == track for state in t.states} if overridden else set()


@pytest.mark.parametrize("handler", every(Handler), ids=named)
def test_a_handler_hears_what_can_be_said(handler: type[Handler]) -> None:
    heard = {topic for topic, codes in topics._listening.items() if handler.code in codes}
    assert heard >= set(handler.on)
    assert heard
    assert {handler.acts_for} <= {*KINDS, ""}
    for topic in heard:
        record, _, what = topic.partition(":")
        assert record in NAMES
        life = lifecycle_of(record)
        actions = {action.name for track in life.tracks for action in track.actions} if life else set()
        assert what in {"filed", "amend", "overdue", "*", *actions}


@pytest.mark.parametrize("connector", every(Connector), ids=named)
def test_a_connector_tells_a_party_no_more_than_it_may_see(connector: type[Connector]) -> None:
    assert connector.org in KINDS
    for name, told in connector.tells.items():
        cls = record_type(name)
        by = {party.by: party.sees for party in cls.facts.parties}
        sees = by.get(f"kind:{connector.org}", by.get("everyone"))
        assert sees is not None, f"{connector.org} is no party of {name}"
        wanted = set(cls.fields) if "*" in told else set(told)
        assert wanted <= set(cls.fields)
        assert sees == "*" or wanted <= set(sees) or "*" in told


@pytest.mark.parametrize("kind", every(Format), ids=named)
def test_a_format_reads_its_own_samples_without_a_problem(kind: type[Format]) -> None:
    made = kind()
    assert set(kind.records) <= {*NAMES, "*"}
    for sample in made.samples():
        reading = made.read(sample.body, record=sample.record, office="9901")
        assert reading.parts, sample.name
        for part in reading.parts:
            assert not hasattr(part, "problems"), (sample.name, part)
            for draft in part.drafts:
                record_type(draft.record).model_validate(dict(draft.data))


def test_every_kind_of_word_has_titles_in_both_languages() -> None:
    for kind, known in Word.kinds.items():
        for word in known.values():
            if isinstance(getattr(word, "title", None), Text):
                assert speaks_both(word.title), f"{kind.__name__} {word.code}"
