"""CSV and XLSX of every record type: what is exported and imported again is the same fact, in any encoding people use."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kouan.app.registry import load as load_all
from kouan.base.exchange.codecs.sheet import to_csv, to_xlsx
from kouan.base.exchange.drafts import settled
from kouan.base.exchange.examples import bare, exampled
from kouan.base.exchange.service.intake import _placed
from kouan.base.exchange.sheets import headers
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Submission, format_named
from kouan.kernel.http.reads import _plain
from kouan.kernel.port import prepare
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record, record_type
from kouan.kernel.store.ops import Site

META = ("ref", "state", "filed_at", "filed_by")
SITE = Site("CNWHH", "9901")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), min_size=1, max_size=30) | st.sampled_from(
    ["=1+1", "+86", "-1", "@x", "'=a", "''", "a,b;c", 'say "x"', "line\nbreak", "0012", "1e5", "2026-11-23", "真", "是", "[1]", "{a"]
)  # fmt: skip
ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")


@cache
def types() -> dict[str, dict[str, Any]]:
    load_all()
    return {cls.facts.name: dict(example) for cls, example in exampled()}


def values(annotation: Any) -> st.SearchStrategy[Any]:
    kind = bare(annotation)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if kind is bool:
        return st.booleans()
    if kind is int:
        return st.integers(0, 10**6)
    if kind is float:
        return st.decimals(0, 10**6, places=3).map(float)
    if kind is datetime:
        return st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # bounds take no zone
    return TEXT.filter(lambda text: text.strip() and text not in ERRORS) if kind is str else st.none()


@st.composite
def records(draw: st.DrawFn) -> Record:
    name = draw(st.sampled_from(sorted(types())))
    cls, data = record_type(name), dict(types()[name])
    for field, info in cls.model_fields.items():
        value = draw(values(info.annotation)) if draw(st.booleans()) else None
        if value is not None and field not in cls.facts.key:
            try:
                cls.model_validate({**data, field: value})
            except ValidationError:
                continue
            data[field] = value
    return cls.model_validate(data)


def exported(record: Record) -> tuple[list[str], list[Any]]:
    shown = record.model_dump(mode="json")
    return [*META, *type(record).fields], [*("x",) * 4, *(_plain(shown.get(name)) for name in type(record).fields)]


def imported(kind: str, cls: type[Record], body: bytes) -> Record:
    found = format_named(kind)
    assert found is not None
    reading = found.read(body, record=cls.facts.name, office="9901")
    part = reading.parts[0]
    assert isinstance(part, Submission), part
    return cls.model_validate(dict(settled(part.drafts[0], PLATFORM, SITE).data))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(record=records(), kind=st.sampled_from(["csv", "xlsx", "gb18030", "plain"]))
def test_what_is_exported_and_imported_is_the_same_fact(record: Record, kind: str) -> None:
    heads, row = exported(record)
    if kind == "gb18030":  # as offices write it: its Chinese heads tell its encoding from UTF-8, a single sign would not
        titles = {name: f"{facts.title.zh} / {facts.title.en}" for name, facts in record.fields.items()}
        heads = [titles.get(head, head) for head in heads]
    if kind == "xlsx":
        body = to_xlsx(heads, [row])
    else:
        text = to_csv(heads, [row]).decode("utf-8-sig")
        body = text.encode("gb18030") if kind == "gb18030" else to_csv(heads, [row]) if kind == "csv" else text.encode()
    again = imported("xlsx" if kind == "xlsx" else "csv", type(record), body)
    before, after = record.model_dump(mode="json"), again.model_dump(mode="json")
    assert {k: v for k, v in after.items() if v not in (None, "")} == {k: v for k, v in before.items() if v not in (None, "")}


@pytest.mark.parametrize("name", sorted(types()))
def test_both_names_of_every_column_name_one_field(name: str) -> None:
    cls = record_type(name)
    known = headers(name)
    for field, facts in cls.fields.items():
        assert known[f"{facts.title.zh} / {facts.title.en}"] == field, "two fields of this record have the same names"
        assert facts.title.zh != facts.title.en or facts.title.en.isupper()


@pytest.mark.parametrize("name", sorted(types()))
def test_a_missing_cell_is_named_by_row_and_column_in_both_languages(name: str) -> None:
    cls, example = record_type(name), types()[name]
    wanted = [field for field, info in cls.model_fields.items() if info.is_required() and field in example]
    given_ = [field for field in example if field not in wanted[:1]] or ["@"]
    if not wanted or given_ == ["@"]:
        return
    found = format_named("csv")
    assert found is not None
    body = to_csv(given_, [[_plain(example[field]) for field in given_]])
    part = found.read(body, record=name, office="9901").parts[0]
    assert isinstance(part, Submission)
    with pytest.raises(Refused) as refused:
        prepare([settled(draft, PLATFORM, SITE) for draft in part.drafts], PLATFORM)
    problem = next(p for p in _placed(refused.value, part).problems if p.field == wanted[0])
    assert problem.position == f"row 2, column {cls.fields[wanted[0]].title.zh}"
    assert problem.reason.zh != problem.reason.en
