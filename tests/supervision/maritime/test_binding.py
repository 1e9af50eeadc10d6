"""What orders bind a stay to, and which goods a limit means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.portcall.api import PortCall
from kouan.kernel.rules import Found
from kouan.operations.berth.api import BerthPlan, Slot
from kouan.operations.berth.service import earliest
from kouan.supervision.maritime.binding import broken, complies, falls_under, soonest
from kouan.supervision.maritime.records import MaritimeOrder
from kouan.supervision.maritime.rules import DangerousGoodsKnown, OrderSaysSomething

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
B1, B2 = "place:CNWHH/BERTH/B1", "place:CNWHH/BERTH/B2"


def order(kind: str = "berth", **more: Any) -> MaritimeOrder:
    said = {"number": "MSA-1", "call": "portcall:X/Y/1", "reason_zh": "理由", "reason_en": "reason"}
    return MaritimeOrder.model_validate({**said, "kind": kind, **more})


def slot(berth: str = B1, after: float = 0, hours: float = 10) -> Slot:
    begin = NOW + timedelta(hours=after)
    return Slot(berth, begin, begin + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("binding", "stay", "field"),
    [
        (order(berths=[B1]), slot(), ""),
        (order(berths=[B1]), slot(B2), "berth"),
        (order(not_berths=[B1]), slot(), "berth"),
        (order("window", not_before=NOW + timedelta(hours=1)), slot(), "planned_from"),
        (order("window", not_before=NOW), slot(), ""),
        (order("window", not_after=NOW + timedelta(hours=9)), slot(), "planned_to"),
        (order("stop"), slot(), "call"),
        (order("escort", conditions="one tug"), slot(), ""),
    ],
)
def test_an_order_says_which_field_breaks_it(binding: MaritimeOrder, stay: Slot, field: str) -> None:
    assert broken(stay, binding) == field
    assert complies(stay, [binding]) is (field == "")


@pytest.mark.parametrize(
    ("cargo", "limit", "means"),
    [
        ("3", "3", True), ("1.1D", "1", True), ("1.1D", "1.1", True), ("1.1D", "1.1D", True), ("1.1D", "1.4", False),
        ("1.4S", "1.4S", True), ("1.4D", "1.4S", False), ("1", "1.1", False), ("2.1", "2", True), ("3", "2", False),
    ],
)  # fmt: skip
def test_a_limit_means_its_class_and_divisions(cargo: str, limit: str, means: bool) -> None:
    assert falls_under(cargo, limit) is means


def test_the_latest_not_before_counts() -> None:
    assert soonest([order(berths=[B1])]) is None
    later = NOW + timedelta(hours=5)
    assert soonest([order("window", not_before=NOW), order("window", not_before=later)]) == later


@pytest.mark.parametrize(
    ("binding", "field"),
    [
        (order("berth"), "berths"), (order("window"), "not_before"), (order("escort"), "conditions"),
        (order("window", not_before=NOW, not_after=NOW), "not_after"), (order("stop", effect="halted"), "effect"), (order("stop"), None),
    ],
)  # fmt: skip
def test_an_order_says_what_it_orders(binding: MaritimeOrder, field: str | None) -> None:
    unmet = OrderSaysSomething().judge(binding, Found(NOW, "maritime"))
    assert (unmet.field if unmet else None) == field


@pytest.mark.parametrize(("un", "of", "fine"), [("1203", "3", True), ("0004", "1.1D", True), ("1203", "8", False), ("0001", "1.1", False)])
def test_un_numbers_are_checked_against_the_list(un: str, of: str, fine: bool) -> None:
    call = PortCall.model_validate({
        "vessel": "vessel:imo:9321483", "ship_name": "X", "flag": "CN", "voyage": "1", "port": "CNWHH", "eta": NOW, "crew_count": 1,
        "dangerous": [{"un_number": un, "imdg_class": of, "description": "X"}],
    })  # fmt: skip
    assert (DangerousGoodsKnown().judge(call, Found(NOW, "agent")) is None) is fine


def plan(begin: float, hours: float, gap: int = 30, call: str = "a") -> BerthPlan:
    start = NOW + timedelta(hours=begin)
    said = {"call": f"portcall:{call}", "berth": B1, "planned_from": start, "planned_to": start + timedelta(hours=hours)}
    return BerthPlan.model_validate({**said, "gap_minutes": gap})


stays = st.builds(plan, st.integers(0, 200), st.integers(1, 40), st.integers(15, 120))


@given(st.lists(stays, max_size=8), stays, st.integers(0, 200))
def test_the_earliest_slot_is_free_and_none_is_earlier(taken: list[BerthPlan], wanted: BerthPlan, from_hour: int) -> None:
    begin = NOW + timedelta(hours=from_hour)

    def free(start: datetime) -> bool:
        end = start + (wanted.planned_to - wanted.planned_from) + timedelta(minutes=wanted.gap_minutes)
        return all(end <= t.planned_from or t.planned_to + timedelta(minutes=t.gap_minutes) <= start for t in taken)

    found = earliest(B1, begin, wanted, taken)
    assert found.begin >= begin
    assert free(found.begin)
    assert found.end - found.begin == wanted.planned_to - wanted.planned_from
    ends = [t.planned_to + timedelta(minutes=t.gap_minutes) for t in taken]
    assert not any(free(start) for start in [begin, *ends] if begin <= start < found.begin)
