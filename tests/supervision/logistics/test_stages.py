"""Stages, what is missing next and what does not agree, out of facts alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.facilities.yard.api import Stay
from kouan.supervision.logistics.stages import (
    DISCREPANCIES,
    STAGES,
    Cargo,
    Clearance,
    Line,
    Voyage,
    cargo,
    masses,
    veiled,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LINE = Line("bill:B1", "container:MSKU9070323", "manifest:C/M1", NOW - timedelta(days=2), 11_000.0)


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def stay(**more: Any) -> Stay:
    return Stay(**{"began": ago(3), "how_in": "discharge", "presence": "yard", "since": ago(3), "discharged": ago(3), **more})


def clearance(state: str, **more: Any) -> Clearance:
    return Clearance("declaration:T/1", state, more.pop("since", ago(2)), **more)


HERE = Voyage("vessel:imo:9321483", "2611E", eta=ago(4), arrived=ago(3.5), last_discharge=ago(3))
SEA = Voyage("vessel:imo:9321483", "2611E", eta=NOW + timedelta(hours=4))


@pytest.mark.parametrize(
    ("voyage", "held", "declared", "stage", "owner"),
    [
        (SEA, None, None, "manifested", "carrier"), (HERE, None, None, "arrived", "terminal"),
        (SEA, None, clearance("released"), "manifested", "carrier"), (HERE, stay(), None, "discharged", "trader"),
        (HERE, stay(position="A1-01-1", moves=2), None, "yard", "trader"), (HERE, stay(), clearance("lodged"), "discharged", "customs"),
        (HERE, stay(), clearance("rejected"), "discharged", "trader"), (HERE, stay(), clearance("targeted"), "targeted", "terminal"),
        (HERE, stay(presence="bay"), clearance("targeted", visit="open", waiting=("border",)), "bay", "border"),
        (HERE, stay(), clearance("inspected", visit="over"), "inspected", "customs"), (HERE, stay(), clearance("held"), "held", "customs"),
        (HERE, stay(), clearance("released"), "released", "trucker"),
        (HERE, stay(ended=ago(1), how_out="gate-out", presence="out"), clearance("released"), "out", None),
    ],
)  # fmt: skip
def test_each_stage_and_whose_the_next_step_is(
    voyage: Voyage, held: Stay | None, declared: Clearance | None, stage: str, owner: str | None
) -> None:
    one = cargo(LINE, voyage, held, declared, NOW)
    assert (one.stage, one.next.owner if one.next else None) == (stage, owner)
    assert one.wrong == ()


@pytest.mark.parametrize(("late", "wrong"), [(0.5, ("gone_unreleased",)), (1.0, ()), (2.0, ())])
def test_a_release_after_the_gate_is_no_release(late: float, wrong: tuple[str, ...]) -> None:
    gone = stay(ended=ago(1), how_out="gate-out", presence="out")
    assert cargo(LINE, HERE, gone, clearance("released", since=ago(late)), NOW).wrong == wrong


def test_short_landed_only_when_the_discharge_is_over() -> None:
    assert cargo(LINE, HERE, None, None, NOW).wrong == ()
    assert cargo(LINE, HERE, None, None, NOW + timedelta(hours=6)).wrong == ("short_landed",)
    left = Voyage("v", "1", etd=ago(1), arrived=ago(9), last_discharge=ago(2))
    assert cargo(LINE, left, None, clearance("released"), NOW).wrong == ("short_landed", "released_not_landed")
    assert cargo(LINE, Voyage("v", "1", etd=ago(1)), None, None, NOW).wrong == ()


states = st.sampled_from([None, "lodged", "assessed", "targeted", "inspected", "released", "held", "rejected", "cancelled"])


@given(states, st.sampled_from(["", "open", "over"]), st.sampled_from(["yard", "bay", "out", None]), st.booleans())
def test_who_may_not_see_the_declaration_learns_nothing_of_control(
    state: str | None, visit: str, presence: str | None, at_sea: bool
) -> None:
    held = stay(presence=presence, ended=ago(1) if presence == "out" else None, at_bay=ago(2)) if presence else None
    declared = clearance(state, visit=visit, order="order:O-1", ordered=ago(2)) if state else None
    whole = cargo(LINE, SEA if at_sea else HERE, held, declared, NOW)
    assert whole.stage in STAGES
    assert set(whole.wrong) <= set(DISCREPANCIES)
    shown = veiled(whole)
    assert shown.clearance is None
    assert shown.stage not in ("targeted", "bay", "inspected", "held")
    assert not {"targeted", "bay", "inspected", "held"} & {name for name, _ in shown.steps}
    twin = veiled(cargo(LINE, whole.voyage, held, clearance("assessed") if state and state != "released" else declared, NOW))
    if state not in (None, "released"):
        assert told(shown) == told(twin)


def told(one: Cargo) -> tuple[object, ...]:
    return one.stage, one.next, one.wrong


@given(st.floats(1_000, 25_000), st.floats(0, 5_000))
def test_a_weighed_mass_between_goods_and_goods_with_box_agrees(goods: float, tare: float) -> None:
    line = Line("b", "c", gross_kg=goods)
    assert masses([line], {"c": stay(gross_kg=goods + tare)}) == set()
    assert masses([line], {"c": stay(gross_kg=goods * 1.06 + 5_001)}) == {"c"}
    assert masses([line], {"c": stay(gross_kg=goods * 0.94)}) == {"c"}
    assert masses([line], {"c": stay()}) == masses([Line("b", "c")], {"c": stay(gross_kg=99_999)}) == set()


def test_a_bill_is_weighed_over_all_its_boxes_and_shared_boxes_with_all_their_bills() -> None:
    two = [Line("b", box, gross_kg=20_000.0, boxes=2) for box in ("c", "d")]
    assert masses(two, {"c": stay(gross_kg=6_000), "d": stay(gross_kg=18_000)}) == set()
    assert masses(two, {"c": stay(gross_kg=6_000), "d": stay(gross_kg=9_000)}) == {"c", "d"}
    assert masses(two, {"c": stay(gross_kg=6_000)}) == set()
    shared = [Line(bill, "c", gross_kg=5_000.0) for bill in ("b1", "b2")]
    assert masses(shared, {"c": stay(gross_kg=12_500)}) == set()
    assert masses(shared, {"c": stay(gross_kg=7_000)}) == {"c"}
