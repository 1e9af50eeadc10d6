"""Checks by column: they agree with the one-by-one checks of the standards, and each fault is found in its class."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.movement.api import Move
from kouan.base.quality.checks import Check, not_future, not_older
from kouan.base.quality.derived import checks_of
from kouan.base.quality.documents import columns_of
from kouan.base.quality.engine import Engine
from kouan.base.quality.records import QualityRule
from kouan.kernel.formats import Draft
from kouan.kernel.text import Text
from kouan.standards.identifiers.api import check as identified
from tests.base.conftest import House

FIX = Text("改", "Mend it")
AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
STATUS = "base.movement.status"


def faulty(check: Check, values: list[Any], known: Any = None) -> list[int]:
    engine = Engine(threads=1)
    try:
        engine.load(columns_of([check.field], [{check.field: value} for value in values]))
        verdict = engine.judge([check], AT, known)
        return [row - 1 for row in engine.faults(verdict)]
    finally:
        engine.close()


def one(kind: Any, **stated: Any) -> Check:
    return Check("x", "f", kind, "compliance", FIX, **stated)


NUMBERS = (one("required"), one("range", low=-2, high=1e6), one("range", high=7), one("type", about="integer"), one("type", about="number"),
           one("length", high=3), one("pattern", pattern="[0-9]+"))  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.integers(-5, 2**40)) | st.lists(st.none() | st.floats(width=32)), st.sampled_from(NUMBERS))
def test_a_column_of_numbers_is_judged_as_its_text_would_be(values: list[Any], check: Check) -> None:
    kind = pa.float64() if any(isinstance(value, float) for value in values) else pa.int64()
    if kind == pa.float64() and check.about == "integer":
        return  # the text of a fraction is rounded by the cast; the column itself is looked at as text, too
    engine, column = Engine(threads=1), pa.array(values, kind)
    rows = pa.array(range(len(values)), pa.int64())
    try:
        engine.load(pa.table({"_row": rows, "f": column}), "typed")
        engine.run("create table written as select _row, cast(f as varchar) f from typed")
        native, text = (sorted(engine.faults(engine.judge([check], AT, {}, name), most=10_000)) for name in ("typed", "written"))
    finally:
        engine.close()
    assert native == text


@pytest.mark.parametrize(("check", "values", "wrong"), [
    (one("required"), ["a", "", None, "[]", " ", "  [] ", "[] ", "[]x", " a", "!", "\t"], [1, 2, 3, 4, 5, 6]),
    (one("pattern", pattern="[A-Z]{2}[0-9]+"), ["AB1", "ab1", "AB", None, ""], [1, 2]),
    (one("codes", values=("a", "b'c")), ["a", "b'c", "c", None], [2]),
    (one("code_list", about="country"), ["CN", "XQ", None], [1]),
    (one("range", low=1, high=5), ["1", "5.0", "6", "x", None], [2, 3]),
    (one("length", high=2), ["ab", "港口岸", None], [1]),
    (one("type", about="moment"), ["2026-05-06T08:00:00Z", "2026-05-06", "昨天"], [2]),
    (one("type", about="integer"), ["1", "1.5", "x", "9" * 30], [2, 3]),
    (one("equal", about="f"), ["a", None], []),
    (one("unique"), ["a", "b", "a", None, None, "a"], [2, 5]),
    (one("exists", about=STATUS), ["a", "b", None], [1]),
    (not_future("x", "f"), [AT.isoformat(), (AT + timedelta(hours=1)).isoformat(), "x"], [1]),
    (not_older("x", "f", 30), [AT.isoformat(), (AT - timedelta(days=31)).isoformat(), "x"], [1]),
    (one("required"), ["a'; drop table t; --", "\x00"], [1]),
])  # fmt: skip
def test_each_check_finds_its_faults_and_no_others(check: Check, values: list[Any], wrong: list[int]) -> None:
    assert faulty(check, values, {"x": ["a"]}) == wrong


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text(alphabet="MSKUJZ0123456789 -:x", max_size=13) | st.from_regex(r"[A-Z]{3}[UJZ][0-9]{7}", fullmatch=True),
                min_size=1, max_size=60))  # fmt: skip
def test_a_container_column_is_judged_as_each_container_is(values: list[str]) -> None:
    plain = [value for value in dict.fromkeys(value.replace(":", "").strip() for value in values) if value]
    expected = [at for at, value in enumerate(plain) if not identified("container", value).ok]
    assert faulty(one("check_digit", about="container"), plain) == expected


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1_000_000, 9_999_999), min_size=1, max_size=60))
def test_an_imo_column_is_judged_as_each_number_is(numbers: list[int]) -> None:
    values = [f"vessel:imo:{number}" for number in numbers]
    expected = [at for at, number in enumerate(numbers) if not identified("imo", str(number)).ok]
    assert faulty(one("check_digit", about="imo"), [*values, "vessel:mmsi:414999001", "vessel:BWHS"]) == expected


def test_a_pattern_that_the_engine_does_not_read_is_left_out_and_said() -> None:
    engine = Engine(threads=1)
    engine.load(pa.table({"_row": [1], "f": ["a"]}))
    verdict = engine.judge([one("pattern", pattern="(?=a)a")], AT)
    engine.close()
    assert (verdict.skipped, verdict.any) == (("x",), 0)


def test_a_record_type_makes_checks_by_itself() -> None:
    found = {check.code.removeprefix("base.movement.move."): check.of for check in checks_of(Move)}
    assert found["at.required"] == "completeness"
    assert found["activity.values"] == found["gross_kg.range"] == "compliance"
    assert found["equipment.check-digit"] == "authenticity"


async def test_stewards_add_rules_and_documents_are_checked_against_them(house: House) -> None:
    rule = {"code": "code-known", "of": STATUS, "field_name": "code", "check": "codes", "values": ["21", "24"],
            "fix_zh": "改", "fix_en": "Mend"}  # fmt: skip
    await house.port.file(house.who("customs"), [Draft(QualityRule.facts.name, rule)])
    rows = [
        {"code": "21", "at": "2026-11-20T03:20:00Z", "equipment": "container:MSKU9070323"},
        {"code": "99", "at": "2199-01-01T00:00:00Z", "equipment": "container:MSKU9070324", "odd": 1},
        {"at": "2026-11-20T03:20:00Z"},
    ]
    async with house.client("trader") as client:
        answer = (await client.post("/api/quality/check", json={"record": STATUS, "rows": rows})).json()
        said = {(fault["row"], fault["field"], fault["class"]) for fault in answer["faults"]}
        assert said >= {(2, "code", "compliance"), (2, "at", "timeliness"), (2, "equipment", "authenticity"), (2, "odd", "compliance"),
                        (3, "code", "completeness")}  # fmt: skip
        assert not {fault["row"] for fault in answer["faults"]} & {1}
        assert all(fault["fix"]["zh"] and fault["fix"]["en"] and fault["severity"] in ("error", "warning") for fault in answer["faults"])
        assert answer["scores"]["completeness"] == 66.66
        assert (await client.post("/api/quality/check", json={"record": "no.such.type", "rows": [{}]})).status_code == 404
        assert (await client.post("/api/quality/measure", json={"record": STATUS})).status_code == 403
    for wrong in ({"field_name": "nosuch"}, {"of": "a.b.c"}, {"check": "pattern", "pattern": "(?=a)"}, {"check": "range"}):
        with pytest.raises(Exception, match=r".") as refusal:
            await house.port.file(house.who("customs"), [Draft(QualityRule.facts.name, {**rule, "code": "b", **wrong})])
        assert refusal.value.code == "base.quality.applicable", wrong
    assert not await house.rows("select 1 from r_base_movement_status"), "nothing is kept"


async def test_what_is_kept_is_scored(house: House) -> None:
    rows = [{"code": "21", "at": f"2026-11-20T03:2{n}:00Z", "equipment": "container:MSKU907032" + str(3 + n)} for n in range(3)]
    await house.port.file(house.who("terminal", "operator"), [Draft(STATUS, row) for row in rows])
    async with house.client("customs") as client:
        score = (await client.post("/api/quality/measure", json={"record": STATUS})).json()
    assert (score["rows"], score["faulty"], score["authenticity"], score["completeness"]) == (3, 2, 33.33, 100.0)
    assert (await house.rows("select doc from r_base_quality_score"))[0]["doc"]["authenticity"] == 33.33
