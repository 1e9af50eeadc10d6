"""Hit rates: Wilson's interval against known values, rows that add up, results laid at the right door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.text import Text
from kouan.supervision.inspection.api import InspectionOrder
from kouan.supervision.targeting.feedback import before, rate, result_of
from kouan.supervision.targeting.listing import lines
from kouan.supervision.targeting.records import Assessment
from tests.facts import NOW, declaration, kept


@pytest.mark.parametrize(
    ("n", "hits", "low", "high"), [(10, 0, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (10, 5, 0.2366, 0.7634), (100, 10, 0.0552, 0.1744)]
)
def test_the_interval_is_wilsons(n: int, hits: int, low: float, high: float) -> None:
    found = rate(n, n, hits)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_rate(inspected: int, more: int) -> None:
    hits = min(inspected, more)
    found = rate(inspected, inspected, hits)
    if not inspected:
        assert (found.rate, found.low, found.high) == (None, None, None)
        return
    assert found.rate is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.rate + 1e-12
    assert found.rate - 1e-12 <= found.high <= 1


def test_rows_name_rules_profiles_chance_and_officers() -> None:
    selected = {"": 10, "random": 2, "RISK-ARMS": 3, "KETTLES/2": 5}
    found = {"": (6, 2), "random": (2, 0), "officer": (1, 1), "KETTLES/2": (3, 1)}
    titles = {"RISK-ARMS": Text("武", "Arms")}, {"KETTLES/2": Text("壶", "Kettles")}
    rows = {(one.kind, one.code): one for one in lines(selected, found, *titles)}
    assert rows["all", ""].rate.inspected == 6
    assert rows["random", "random"].rate.hits == 0
    assert rows["officer", "officer"].rate.selected == 1
    assert rows["rule", "RISK-ARMS"].title.en == "Arms"
    assert rows["rule", "RISK-ARMS"].rate.rate is None
    assert rows["profile", "KETTLES/2"].rate.rate == pytest.approx(1 / 3)


def order(result: str, **more: object) -> InspectionOrder:
    findings = [{"agency": "customs", "outcome": result, "at": NOW}, {"agency": "border", "outcome": "release", "at": NOW}]
    told = {"number": "ORD-1", "declaration": "TRADER/WH-1", "agencies": ["customs", "border"], "findings": findings, "result": result}
    return InspectionOrder.model_validate({**told, **more})


def assessment(outcome: str, chosen: str = "rules") -> Assessment:
    reasons = [{"rule": "KETTLES/2", "zh": "因", "en": "because", "score": 60}]
    told = {"declaration": "TRADER/WH-1", "of_version": 1, "score": 60, "outcome": outcome, "chosen": chosen, "reasons": reasons}
    return Assessment.model_validate(told)


@pytest.mark.parametrize(
    ("outcome", "chosen", "expected"), [("targeted", "rules", "rules"), ("targeted", "random", "random"), ("green", "rules", "officer")]
)
def test_a_result_is_laid_at_the_door_of_what_selected(outcome: str, chosen: str, expected: str) -> None:
    visited, said = kept(order("detain")), kept(assessment(outcome, chosen))
    told = result_of(visited, kept(declaration(declarant="ACME")), said)
    assert (told["chosen"], told["hit"], told["found_by"], told["declarant"]) == (expected, True, ["customs"], "ACME")
    assert told["selection"] == (visited.ref if expected == "officer" else said.ref)
    assert result_of(kept(order("release")), None, None)["hit"] is False


def test_the_assessment_that_stood_when_the_visit_was_ordered_counts() -> None:
    early, late = kept(assessment("green")), kept(assessment("targeted"), at=NOW + timedelta(minutes=5))
    assert before([late, early], NOW + timedelta(minutes=1)) is early
    assert before([late, early], NOW + timedelta(minutes=9)) is late
    assert before([late], NOW) is None
