"""Counting: what a record counts for, and totals that come to the same in whatever order and however often it is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.app import registry
from kouan.kernel.indicators import Indicator, Seen, Step
from kouan.kernel.records import record_type
from kouan.kernel.words import every, named
from kouan.operations.monitoring import folding, rights
from kouan.operations.monitoring.adding import COUNTED, Cell, Change, Fact, changes_of, spelled
from kouan.operations.monitoring.reading import Day, Series

registry.load()
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
CUSTOMS = 10


def of(code: str) -> type[Indicator]:
    return named(Indicator, code)


def declared(*steps: tuple[str, float, bool], **doc: Any) -> Seen:
    """A declaration filed at AT, with acts so many hours later."""
    taken = tuple(Step(name, AT + timedelta(hours=after), CUSTOMS, automatic) for name, after, automatic in steps)
    return Seen({"type_code": "IMA", **doc}, AT, taken)


def test_every_indicator_reads_fields_that_its_records_have() -> None:
    assert len([one for one in every(Indicator) if {"*", "portoffice"} & set(one.readers)]) >= 45, "the wall of the port office"
    for one in every(Indicator):
        if one.tally:
            cls = record_type(one.tally.record)
            assert one.tally.uses() <= set(cls.fields), one.code
            assert all(cls.fields[name].level < 3 for name in one.tally.uses()), f"{one.code} reads what is restricted"
        assert one.clause
        assert rights.dividers(one) is not None


def test_clearance_time_is_from_lodging_to_the_first_release() -> None:
    seen = declared(("assess", 0.1, True), ("release", 6, True), ("hold", 7, False), ("release", 20, False))
    (part,) = folding.parts_of(of("clearance.import_median"), seen)
    assert part.value == 6
    assert part.at == AT + timedelta(hours=6)
    assert folding.parts_of(of("clearance.export_median"), seen) == []
    assert folding.parts_of(of("clearance.import_median"), declared(("assess", 0.1, True))) == [], "not released yet"


def test_released_without_a_hand_means_no_person_and_no_visit() -> None:
    share = of("clearance.untouched")
    assert [p.value for p in folding.parts_of(share, declared(("release", 1, True)))] == [1]
    assert [p.value for p in folding.parts_of(share, declared(("release", 1, False)))] == [0]
    assert [p.value for p in folding.parts_of(share, declared(("inspect", 1, True), ("release", 2, True)))] == [0]


def test_goods_count_by_country_and_chapter_each_currency_for_itself() -> None:
    items = [
        {"origin": "KR", "hs": "851679", "value": "100.5", "currency": "USD", "net_kg": 10},
        {"origin": "KR", "hs": "850440", "value": "20", "currency": "USD", "net_kg": 5},
        {"origin": "JP", "hs": "x", "value": "7", "currency": "USD"},
        {"origin": "JP", "hs": "0201", "value": "900", "currency": "CNY"},
    ]
    found = folding.parts_of(of("trade.value_usd"), declared(items=items))
    by = {(part.by["country"], part.by["chapter"]): part.value for part in found}
    assert by == {("KR", "85"): Decimal("120.5"), ("JP", "?"): Decimal(7)}
    assert sum(part.value for part in folding.parts_of(of("trade.mass"), declared(items=items))) == Decimal("0.015")


@given(
    lines=st.lists(st.fixed_dictionaries({"origin": st.sampled_from(["KR", "CN", ""]), "destination": st.sampled_from(["DE", "US", ""])})),
    way=st.sampled_from(["IMA", "EXA", "TRA", None]), destination=st.sampled_from(["NL", "", None]),
)  # fmt: skip
def test_goods_are_divided_by_the_partner_of_the_trade(lines: list[dict[str, str]], way: str | None, destination: str | None) -> None:
    """An import by where it was made, an export by where it goes: the line's own destination, else the declaration's."""
    items = [{**line, "net_kg": 1000} for line in lines]
    found = folding.parts_of(of("trade.mass"), declared(type_code=way, destination=destination, items=items))
    expected: dict[str, int] = {}
    for line in lines:
        country = (line["destination"] or destination or "?") if way == "EXA" else line["origin"] or "?"
        expected[country] = expected.get(country, 0) + 1
    assert {part.by["country"]: int(part.value) for part in found} == expected


def test_boxes_count_in_teu_and_what_is_taken_back_counts_off() -> None:
    def parts(**doc: Any) -> list[folding.Part]:
        return folding.parts_of(of("boxes.quay_teu"), Seen({"activity": "discharge", "at": AT.isoformat(), **doc}, AT))

    assert [p.value for p in parts(size_type="22G1", function="original")] == [1]
    assert [p.value for p in parts(size_type="45G1", function="original")] == [2]
    assert [p.value for p in parts(size_type="45G1", function="cancellation")] == [-2]
    assert parts(size_type="45G1", function="correction") == []
    assert [p.by["direction"] for p in parts(activity="load")] == ["out"]
    assert parts(activity="gate-in") == []


def kept(*steps: tuple[str, float], **doc: Any) -> Seen:
    """A record filed at AT, with acts so many minutes later."""
    return Seen(doc, AT, tuple(Step(name, AT + timedelta(minutes=after), CUSTOMS, False) for name, after in steps))


def values(code: str, seen: Seen) -> list[float]:
    return [float(part.value) for part in folding.parts_of(of(code), seen)]


def test_a_warning_is_answered_by_the_first_who_takes_it_up() -> None:
    warning = {"at": (AT - timedelta(minutes=1)).isoformat(), "alert": "operations.site.reefer_temperature", "escalated": 1}
    seen = kept(("raise", 2), ("act", 4), ("close", 30), **warning)
    assert values("alerts.response", seen) == [5]
    assert values("alerts.response", kept(("raise", 2), **warning)) == [], "nobody has answered yet"
    assert values("alerts.escalated", seen) == [1]
    assert values("alerts.escalated", kept(("dismiss", 1), **{**warning, "escalated": 0})) == [0]
    assert values("alerts.reefer", seen) == [1]
    assert values("alerts.reefer", kept(**{**warning, "alert": "operations.site.long_queue"})) == []


def test_gate_and_quay_figures_say_what_persons_did_and_what_is_dangerous() -> None:
    passage = {"at": AT.isoformat(), "decision": "open", "direction": "in"}
    assert (values("gate.overridden", kept(**passage)), values("gate.booked", kept(**passage))) == ([0], [0])
    assert values("gate.overridden", kept(**passage, override_reason="seal re-read")) == [1]
    assert values("gate.booked", kept(**passage, booking="booking:T/1")) == [1]
    move = {"activity": "load", "at": AT.isoformat(), "dangerous": ["1203"]}
    assert values("boxes.dangerous", kept(**move)) == [1]
    assert values("boxes.dangerous", kept(**{**move, "dangerous": []})) == []
    assert values("boxes.dangerous", kept(**move, function="cancellation")) == []
    assert values("inspection.move_time", kept(("acknowledge", 3), ("complete", 25), activity="to-bay")) == [25]
    assert values("inspection.joint", kept(agencies=["customs", "border"])) == [1]


def test_agencies_that_had_the_case_at_once_are_parallel_and_those_in_turn_are_not() -> None:
    def step(since: int, until: int | None) -> dict[str, Any]:
        ends = None if until is None else (AT + timedelta(hours=until)).isoformat()
        return {"ready_at": (AT + timedelta(hours=since)).isoformat(), "decided_at": ends}

    assert values("clearance.parallel", kept(("grant", 300), steps=[step(0, 3), step(2, 5)])) == [1]
    assert values("clearance.parallel", kept(("refuse", 300), steps=[step(0, 3), step(3, 5)])) == [0]
    assert values("clearance.parallel", kept(("begin", 1), steps=[step(0, 3), step(1, 5)])) == [], "not decided"
    assert values("clearance.parallel", kept(("grant", 300), steps=[step(0, 3), step(1, None)])) == [0]
    assert values("clearance.case_time", kept(("grant", 300))) == [5]


def test_data_figures_come_from_scores_runs_certificates_and_devices() -> None:
    score = {"at": AT.isoformat(), "rows": 10, "compliance": 100.0, "completeness": 90.0, "authenticity": 80.0, "timeliness": 70.0}
    assert values("data.quality", kept(**score)) == [85]
    assert values("data.quality", kept(**{**score, "rows": 0})) == [], "of no rows nothing is said"
    run = {"ended": AT.isoformat(), "kept": 7, "refused": 2, "kind": "folder"}
    assert (values("data.rows_kept", kept(**run)), values("data.rows_refused", kept(**run))) == ([7], [2])
    given_back = kept(("confirm", 1), ("withdraw", 9), ("return", 10), verdict="returned")
    assert (values("clearance.verified_online", given_back), values("clearance.verified_valid", given_back)) == ([1], [1])
    assert values("clearance.verified_valid", kept(("deny", 1), verdict="expired")) == [0]
    assert values("clearance.verified_online", kept(("try", 1), verdict="away")) == []
    lost = {"at": AT.isoformat(), "what": "offline"}
    assert [values("devices.lost", kept(**lost, why=why)) for why in ("silent", "will", "retired")] == [[1], [1], []]
    told = kept(received_at=AT.isoformat(), within=False, partner="org:b")
    assert (values("data.links_told", told), values("data.links_within", told)) == ([1], [0])


def test_a_level_counts_until_it_is_left() -> None:
    warning = Seen({"at": AT.isoformat()}, AT, (Step("close", AT + timedelta(days=2), CUSTOMS, False),))
    first, last = folding.parts_of(of("alerts.open"), warning)
    assert (first.value, last.value, last.at) == (1, -1, AT + timedelta(days=2))


@given(st.lists(st.floats(1e-5, 1e5), min_size=1, max_size=200), st.sampled_from((0.5, 0.9)))
def test_quantiles_out_of_classes_are_within_half_a_per_cent(values: list[float], share: float) -> None:
    counts: dict[int, int] = {}
    for value in values:
        counts[folding.bin_of(value)] = counts.get(folding.bin_of(value), 0) + 1
    exact = float(np.quantile(values, share, method="inverted_cdf"))
    assert folding.quantile(counts, share) == pytest.approx(exact, rel=0.00502)


def test_a_days_end_is_the_ports_own() -> None:
    late = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    assert folding.begins("day", late, ZONE).date() == date(2026, 11, 21)
    assert folding.begins("hour", late, ZONE).hour == 0


CODES = ("gate.passages", "clearance.filed", "trade.value_usd")
PARTS = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(0, 4), st.sampled_from(("in", "out")), st.integers(-3, 9), st.booleans()), max_size=4
)


def _facts(record: int, parts: list[tuple[str, int, str, int, bool]]) -> set[Fact]:
    return {
        Fact(UUID(int=record), code, at, "a.b.c", f"r:{record}", COUNTED, AT + timedelta(hours=9 * day), spelled({"direction": way}),
             20 + record % 2, 0, 1, Decimal(value), simulated, (1,))
        for at, (code, day, way, value, simulated) in enumerate(parts)
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), PARTS), max_size=14))
def test_totals_are_those_of_the_facts_that_stand_however_they_came(told: list[tuple[int, Any]]) -> None:
    """Told twice, changed, withdrawn, late: what is added up step by step is what stands at the end."""
    kept: dict[int, set[Fact]] = {}
    totals: dict[Cell, Change] = {}
    for record, parts in [*told, *told[-3:]]:
        before, now = kept.get(record, set()), _facts(record, parts)
        for cell, (by, _) in changes_of(before - now, now - before, ZONE).items():
            held = totals.setdefault(cell, Change())
            held.n, held.total, held.simulated = held.n + by.n, held.total + by.total, held.simulated + by.simulated
        kept[record] = now
    anew = {cell: by for cell, (by, _) in changes_of((), set().union(*kept.values()), ZONE).items()}
    assert {cell: by for cell, by in totals.items() if by != Change()} == {cell: by for cell, by in anew.items() if by != Change()}
    whole = sum(by.total for cell, by in anew.items() if cell.whole and cell.grain == "day" and not cell.org)
    assert whole == sum(fact.value for facts in kept.values() for fact in facts)


def test_loaded_figures_are_never_counted_twice() -> None:
    whole, ways, finer = frozenset[str](), frozenset({"direction"}), frozenset({"direction", "mode"})
    assert folding.fitting([ways, whole], whole, added=True) == whole, "the total as it was told"
    assert folding.fitting([finer, ways], whole, added=True) == ways, "else its parts, the fewest"
    assert folding.fitting([ways], whole, added=False) is None, "medians do not add up"
    assert folding.fitting([whole], ways, added=True) is None


def test_a_period_adds_up_what_adds_up_and_weighs_what_does_not() -> None:
    first, last = date(2026, 11, 19), date(2026, 11, 20)
    counts = Series(of("clearance.filed"), COUNTED, {first: Day(3, 3.0), last: Day(5, 5.0)})
    assert counts.value(first, last) == 8
    share = Series(of("clearance.untouched"), COUNTED, {first: Day(3, 3.0), last: Day(1, 0.0)})
    assert share.value(first, last) == 75
    level = Series(of("alerts.open"), COUNTED, {first: Day(2, 2.0)}, before=4.0)
    assert level.daily([first, last]) == [6, 6]
    assert counts.value(date(2026, 11, 1), date(2026, 11, 2)) is None, "not counted yet is not nought"
    assert counts.value(date(2026, 11, 21), date(2026, 11, 21)) == 0
