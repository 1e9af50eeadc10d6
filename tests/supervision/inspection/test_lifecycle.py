"""The life of an order: who is waited for, who may write what, and which class decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.lifecycles import Step
from kouan.kernel.principal import Principal
from kouan.supervision.inspection.lifecycle import AGENCIES, InspectionLife, worst
from kouan.supervision.inspection.records import CLASSES, InspectionOrder

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def who(kind: str) -> Principal:
    return Principal(10, kind, kind, f"user-of-{kind}", frozenset({"officer"}))


def order(*agencies: str) -> InspectionOrder:
    stated = {"number": "ORD-1", "declaration": "TRADER/WH-1", "agencies": agencies}
    return InspectionOrder.model_validate(stated)


def change(action: str, before: dict[str, Any], given_: dict[str, Any], kind: str = "customs") -> dict[str, Any]:
    found = InspectionLife.find(action)
    assert found is not None
    return dict(InspectionLife.change(*found, Step(before, given_, who(kind), NOW)))


def test_only_agencies_that_are_named_are_waited_for() -> None:
    states = InspectionLife.begin(order("customs", "maritime"))
    assert states == {"terminal": "planned", "customs": "waiting", "border": "unconcerned", "maritime": "waiting"}
    assert InspectionLife.overall(states) == "planned"
    assert InspectionLife.overall({**states, "terminal": "moved"}) == "moved"
    assert InspectionLife.overall({**states, "customs": "entered"}) == "planned"
    assert InspectionLife.overall({**states, "customs": "entered", "maritime": "entered"}) == "finished"


@given(st.permutations(list(AGENCIES)), st.lists(st.sampled_from(list(CLASSES)), min_size=3, max_size=3))
def test_the_worst_class_decides_in_any_order_once_all_have_entered(turns: list[str], outcomes: list[str]) -> None:
    doc: dict[str, Any] = {"agencies": list(AGENCIES)}
    for turn, (agency, outcome) in enumerate(zip(turns, outcomes, strict=True)):
        doc |= change(f"{agency}.enter", doc, {"findings": [{"agency": agency, "outcome": outcome}]})
        assert ("result" in doc) == (turn == 2)
    assert doc["result"] == worst(outcomes)
    assert [finding["agency"] for finding in doc["findings"]] == turns
    assert list(CLASSES).index(doc["result"]) == max(list(CLASSES).index(one) for one in outcomes)


def test_an_entry_changes_its_own_agencys_finding_alone() -> None:
    border = {"agency": "border", "outcome": "detain", "note": "", "officer": "b", "by": "border", "at": "2026-11-22T02:00:00Z"}
    before = {"agencies": list(AGENCIES), "findings": [border]}
    forged = [{"agency": "border", "outcome": "release"}, {"agency": "customs", "outcome": "release", "officer": "somebody"}]
    after = change("customs.enter", before, {"findings": forged})
    assert after["findings"][0] == border
    mine = after["findings"][1]
    assert (mine["officer"], mine["by"], mine["at"]) == ("user-of-customs", "customs", "2026-11-22T03:00:00.000000Z")


def test_customs_that_enters_for_another_agency_stands_as_who_entered() -> None:
    after = change("border.enter", {"agencies": ["border"]}, {"findings": [{"agency": "border", "outcome": "treat"}]})
    assert (after["findings"][0]["agency"], after["findings"][0]["by"], after["result"]) == ("border", "customs", "treat")
    found = InspectionLife.find("border.enter")
    assert found is not None
    assert found[1].by == ("border", "customs")


@pytest.mark.parametrize("findings", [None, [], "x", [{"agency": "border", "outcome": "release"}], [{"agency": "customs"}], [3]])
def test_an_entry_without_a_class_of_its_own_is_refused(findings: object) -> None:
    with pytest.raises(Refused):
        change("customs.enter", {"agencies": ["customs"]}, {"findings": findings})


def test_fields_that_an_action_does_not_set_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        change("customs.enter", {"agencies": ["customs"]}, {"result": "release"})
    assert refused.value.code == "field_not_set"
    with pytest.raises(Refused):
        change("terminal.move", {"agencies": ["customs"]}, {"moved_at": "2020-01-01T00:00:00Z"}, "terminal")


def test_joining_adds_the_agency_and_its_reason_until_the_visit_is_over() -> None:
    before = {"agencies": ["customs"], "reasons": ["customs: a"]}
    assert change("maritime.join", before, {"reasons": ["maritime: b"]}) == {
        "agencies": ["customs", "maritime"], "reasons": ["customs: a", "maritime: b"],
    }  # fmt: skip
    with pytest.raises(Conflict):
        change("maritime.join", {**before, "result": "release"}, {"reasons": []})


def test_the_move_is_stamped_by_the_platform() -> None:
    assert change("terminal.move", {"agencies": ["customs"]}, {}, "terminal") == {"moved_at": "2026-11-22T03:00:00.000000Z"}
