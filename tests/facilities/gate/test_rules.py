"""The gate's own rules, and the decision that all rules make together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.app import registry
from kouan.facilities.gate import deciding, rules
from kouan.facilities.gate.records import Judgement, Lane, Passage
from kouan.kernel.rules import Found, Kept, Need
from tests.facts import NOW, found, kept

registry.load()
OUT = Lane(
    code="out-1", name_zh="出港1道", name_en="Exit lane 1", direction="out", divert_to="CNWHH/waiting", place="CNWHH/lane/out-1"
)
LANE = (Need(rules.LANE, key="out-1"), [kept(OUT)])


def passage(**more: Any) -> Passage:
    stated = {
        "number": "P1", "lane": "out-1", "direction": "out", "vehicle": "鲁B12345", "at": NOW, "decision": "refuse",
        "containers": ["MSKU9070323"],
    }  # fmt: skip
    return Passage.model_validate({**stated, **more})


def unmet(rule: type[rules.GateRule], record: Passage, facts: Found | None = None) -> Any:
    return rule().judge(record, facts or found())


def gone(direction: str, decision: str = "open") -> Kept:
    return kept(passage(number=f"P-{direction}-{decision}", direction=direction, decision=decision))


@pytest.mark.parametrize("plate", ["鲁B12345", "粤Z1234港", "AB1234", "鲁BD12345"])
def test_plates_of_three_places_pass(plate: str) -> None:
    assert unmet(rules.PlateShape, passage(vehicle=plate)) is None


def test_a_misread_plate_or_trailer_is_looked_at_by_a_person() -> None:
    said = unmet(rules.PlateShape, passage(vehicle="鲁BO2345"))
    assert rules.PlateShape.severity == "divert"
    assert "鲁BO2345" in said.reason.en
    assert unmet(rules.PlateShape, passage(trailer="XX"))


def test_a_wrong_check_digit_comes_with_the_likely_number() -> None:
    said = unmet(rules.ContainerDigit, passage(containers=["MSKU9070323", "MSKU9070324"]))
    assert said.field == "containers.1"
    assert "perhaps" in said.reason.en
    assert "可能是" in said.reason.zh
    assert unmet(rules.ContainerDigit, passage()) is None
    assert not rules.ContainerDigit().applies(passage(containers=[]), found())


@pytest.mark.parametrize(("mass", "may"), [(0, True), (49_000, True), (49_000.5, False), (60_000, False)])
def test_forty_nine_tonnes(mass: float, may: bool) -> None:
    assert (unmet(rules.GrossMass, passage(gross_kg=mass)) is None) == may


def test_what_was_not_weighed_is_not_judged_by_mass() -> None:
    assert not rules.GrossMass().applies(passage(), found())


def test_a_lane_serves_one_direction() -> None:
    assert unmet(rules.LaneDirection, passage(), found(LANE)) is None
    assert "going out only" in unmet(rules.LaneDirection, passage(direction="in"), found(LANE)).reason.en


@pytest.mark.parametrize(
    ("history", "doubt"),
    [([], False), ([gone("in")], False), ([gone("out")], True), ([gone("in"), gone("out")], False),
     ([gone("out", "refuse"), gone("in")], False), ([gone("out", "refuse"), gone("out")], True)],
)  # fmt: skip
def test_a_box_leaves_once_for_each_time_it_came(history: list[Kept], doubt: bool) -> None:
    facts = found((rules.history("container:MSKU9070323"), history))
    assert (unmet(rules.LeavesOnce, passage(), facts) is not None) == doubt


@pytest.mark.parametrize(("minutes", "flagged"), [(0, False), (-15, False), (-16, True), (1, False), (3, True)])
def test_late_and_early_reports_are_kept_and_flagged(minutes: int, flagged: bool) -> None:
    rule = rules.ToldInTime()
    assert (rule.judge(passage(at=NOW + timedelta(minutes=minutes)), found()) is not None) == flagged
    assert rule.severity == "warn"


judgements = st.builds(
    Judgement, rule=st.just("R"), met=st.booleans(), severity=st.sampled_from(["refuse", "hold", "divert", "warn"]),
    zh=st.just("因"), en=st.just("why"),
)  # fmt: skip


@given(st.lists(judgements, max_size=12))
def test_refuse_outweighs_divert_outweighs_open(said: list[Judgement]) -> None:
    decision = deciding.decide(said)
    unmet_ = {one.severity for one in said if not one.met}
    assert (decision == "refuse") == bool(unmet_ & {"refuse", "hold"})
    assert (decision == "open") == (not unmet_ & {"refuse", "hold", "divert"})
    assert decision == deciding.decide(list(reversed(said)))


def test_the_passage_is_kept_with_every_reason_and_with_what_the_rules_know() -> None:
    record = deciding.decided(passage(), found(LANE))
    assert isinstance(record, Passage)
    assert record.decision == "refuse"
    assert record.to is None
    assert record.place == "place:CNWHH/LANE/OUT-1"
    assert {"GATE-PLATE", "GATE-CONTAINER", "GATE-LANE"} <= {one.rule for one in record.judgements}
    assert all(one.zh and one.en for one in record.judgements)


def test_a_diverted_vehicle_is_told_where_to_go() -> None:
    record = deciding.decided(passage(vehicle="鲁BO2345", containers=[]), found(LANE))
    assert isinstance(record, Passage)
    assert (record.decision, record.to, record.business) == ("divert", "place:CNWHH/WAITING", "empty")
