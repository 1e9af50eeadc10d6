"""A word that states only half of its facts is refused when it is imported, and leaves nothing in the registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from kouan.kernel.alerts import Alert
from kouan.kernel.connectors import Connector
from kouan.kernel.drivers import Driver
from kouan.kernel.formats import Format
from kouan.kernel.handlers import Follower, Handler, Job
from kouan.kernel.indicators import Indicator
from kouan.kernel.lifecycles import Lifecycle, Track
from kouan.kernel.modules import Module, declare, modules
from kouan.kernel.records import Facts, Party, Record, field, record_types
from kouan.kernel.rules import Rule
from kouan.kernel.signals import Signal
from kouan.kernel.text import Text
from kouan.kernel.words import Incomplete, Word, every, named
from tests.kernel import sandbox

T = Text("文", "text")
TRACK = Track(name="t", title=T, owner="customs", start="a", states={"a": T}, actions=())
WHOLE: dict[type, dict[str, Any]] = {
    Rule: {"at": "filing", "of": "a.b.c", "title": T, "clause": "1", "severity": "warn", "owner": "customs"},
    Lifecycle: {"tracks": (TRACK,)},
    Handler: {"title": T, "on": ("a.b.c:filed",)},
    Follower: {"title": T},
    Job: {"title": T, "every": timedelta(1)},
    Format: {"title": T, "standard": "S", "records": (), "media": "text/plain"},
    Connector: {"title": T, "org": "customs", "tells": {}, "setting": "X"},
    Driver: {"title": T, "protocol": "P", "signal": "s"},
    Signal: {"title": T, "columns": (), "level": 1, "kept": timedelta(1)},
    Alert: {
        "title": T, "clause": "1", "severity": "notice", "parameters": {}, "owner": "portoffice",
        "respond": timedelta(1), "clears_after": timedelta(1),
    },
    Indicator: {
        "title": T, "unit": T, "clause": "1", "formula": T, "good": "up", "how": "count", "group": "trade", "owner": "customs",
        "readers": ("*",),
    },
}
MISSING = [(kind, fact) for kind, facts in WHOLE.items() for fact in ("code", *facts)]
TEXTS = [(kind, "title") for kind, facts in WHOLE.items() if "title" in facts]


def name_of(value: object) -> str:
    return value.__name__ if isinstance(value, type) else str(value)


def make(kind: type, **facts: Any) -> type:
    """A concrete word of a kind with these facts."""
    methods = {name: (lambda self, *_: None) for name in getattr(kind, "__abstractmethods__", ())}
    return type(f"Some{kind.__name__}", (kind,), {**methods, **facts})


@pytest.fixture(autouse=True)
def _apart() -> Iterator[None]:
    with sandbox.only():
        yield


def test_all_kinds_of_words_are_tried() -> None:
    assert set(WHOLE) == set(Word.kinds)


@pytest.mark.parametrize("kind", WHOLE, ids=name_of)
def test_a_whole_word_is_registered_under_its_code(kind: type) -> None:
    made = make(kind, code="x", **WHOLE[kind])
    assert every(kind) == (made,)
    assert named(kind, "x") is made


@pytest.mark.parametrize(("kind", "fact"), MISSING, ids=name_of)
def test_a_missing_fact_is_refused_by_name(kind: type, fact: str) -> None:
    facts = {"code": "x", **WHOLE[kind]}
    del facts[fact]
    with pytest.raises(Incomplete, match=f"`{fact}`"):
        make(kind, **facts)
    assert every(kind) == ()


@pytest.mark.parametrize(("kind", "fact"), TEXTS, ids=name_of)
def test_a_title_in_one_language_is_refused(kind: type, fact: str) -> None:
    with pytest.raises(Incomplete, match="both languages"):
        make(kind, code="x", **{**WHOLE[kind], fact: "only English"})
    assert every(kind) == ()


@pytest.mark.parametrize("kind", WHOLE, ids=name_of)
def test_a_code_is_taken_once(kind: type) -> None:
    first = make(kind, code="x", **WHOLE[kind])
    with pytest.raises(Incomplete, match="taken"):
        type("Another", (first,), {"code": "x"})
    assert every(kind) == (first,)


def test_an_abstract_word_is_not_registered() -> None:
    class HalfARule(Rule):
        severity = "warn"

    class Base(Rule):
        abstract = True

        def judge(self, record: Any, found: Any) -> None: ...

    assert every(Rule) == ()
    assert not hasattr(HalfARule, "code")
    assert not hasattr(Base, "code")


@pytest.mark.parametrize(("zh", "en"), [("", "a"), ("文", ""), ("  ", "a"), ("文", "\t"), ("", "")])
def test_a_text_without_a_language_is_refused(zh: str, en: str) -> None:
    with pytest.raises(ValueError, match="both languages"):
        Text(zh, en)


def test_a_text_fills_both_languages_and_knows_its_placeholders() -> None:
    assert Text("{n}号", "No. {n}").fill(n=3).out() == {"zh": "3号", "en": "No. 3"}
    with pytest.raises(KeyError):
        Text("{n}", "{n}").fill(m=1)


@pytest.mark.parametrize(
    "change",
    [{"start": "gone"}, {"final": ("gone",)}, {"within": {"gone": timedelta(1)}}],
    ids=lambda change: next(iter(change)),
)
def test_a_lifecycle_with_an_unknown_state_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Incomplete, match="gone"):
        make(Lifecycle, code="x", tracks=(replace(TRACK, **change),))
    assert every(Lifecycle) == ()


def test_a_module_name_is_taken_once() -> None:
    mine = Module(name="base.thing", title=T, summary=T, clauses=("7",))
    assert declare(mine) is declare(mine)
    with pytest.raises(ValueError, match="twice"):
        declare(Module(name="base.thing", title=Text("另", "other"), summary=T, clauses=("7",)))
    assert modules() == (mine,)
    assert mine.board == "base"


FACTS = {
    "name": "a.b.c", "title": T, "summary": T, "clause": "1", "kind": "filing", "ref": "c", "key": ("number",),
    "parties": (Party.filer("owner"),), "filers": ("trader",), "retention": 1,
}  # fmt: skip


def record(annotations: dict[str, Any] | None = None, defaults: dict[str, Any] | None = None, **facts: Any) -> type:
    """A record type with these facts and a field `number` beside the given ones."""
    names = {"number": str, **(annotations or {})}
    space = {
        "__annotations__": {"facts": ClassVar[Facts], **names},
        "__module__": __name__,
        "facts": Facts(**{**FACTS, **facts}),
        "number": field("号", "Number"),
        **(defaults or {}),
    }
    return type("Some", (Record,), space)


@pytest.mark.parametrize("fact", FACTS)
def test_a_record_without_one_of_its_facts_is_refused(fact: str) -> None:
    facts = dict(FACTS)
    del facts[fact]
    with pytest.raises(TypeError, match=fact):
        Facts(**facts)  # type: ignore[arg-type]  # the fact is left out on purpose


def test_a_record_without_facts_is_refused() -> None:
    with pytest.raises(Incomplete, match="`facts`"):
        type("Some", (Record,), {"__annotations__": {"number": str}, "number": field("号", "Number")})
    assert record_types() == ()


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("board.module.record", {"name": "a.b"}),
    ("no parties", {"parties": ()}),
    ("same name", {"parties": (Party.filer("customs"), Party.kind("customs", "number"))}),
    ("unknown fields", {"key": ("gone",)}),
    ("unknown fields", {"parties": (Party.field("p", "gone"),)}),
    ("unknown fields", {"parties": (Party.like("p", "gone"),)}),
    ("unknown fields", {"parties": (Party.kind("customs", "number", "gone"),)}),
    ("unknown fields", {"subject": "gone"}),
    ("declare it with field", {"defaults": {"number": ...}}),
    ("level is 1 to 4", {"defaults": {"number": field("号", "Number", level=5)}}),
    ("must accept None", {"subject": "number", "defaults": {"number": field("号", "Number", level=3)}}),
    ("need a `subject`", {"annotations": {"x": str | None}, "defaults": {"x": field("x", "x", level=3, default=None)}}),
]


@pytest.mark.parametrize(("said", "change"), REFUSED, ids=lambda value: value if isinstance(value, str) else None)
def test_a_record_with_half_a_fact_is_refused(said: str, change: dict[str, Any]) -> None:
    with pytest.raises(Incomplete, match=said):
        record(**change)
    assert record_types() == ()


@pytest.mark.parametrize(("zh", "en"), [("", "Number"), ("号", "")])
def test_a_field_in_one_language_is_refused(zh: str, en: str) -> None:
    with pytest.raises(ValueError, match="both languages"):
        record(defaults={"number": field(zh, en)})
    assert record_types() == ()


def test_a_whole_record_is_registered_and_its_name_taken_once() -> None:
    made = record()
    assert record_types() == (made,)
    with pytest.raises(Incomplete, match="taken"):
        type("Other", (Record,), {
            "__annotations__": {"facts": ClassVar[Facts], "number": str}, "facts": Facts(**FACTS),
            "number": field("号", "Number"),
        })  # fmt: skip
    assert record_types() == (made,)
