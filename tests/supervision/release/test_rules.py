"""What must hold before release, rule by rule, and what the reader of a reason learns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kouan.base.manifest.api import Manifest
from kouan.base.portcall.api import PortCall
from kouan.kernel.rules import Found, Kept, Need
from kouan.supervision.inspection.api import InspectionOrder
from kouan.supervision.release import rules
from kouan.supervision.targeting.api import Assessment, content_of
from tests.facts import NOW, consignment, declaration, found, kept

REF = "declaration:TRADER/WH-1"
ASSESSED, ORDERED = Need(rules.ASSESSMENT, ref=REF), Need(rules.ORDER, ref=REF)
SHIP = "vessel:imo:9321483"


def assessment(outcome: str, **more: Any) -> Kept:
    stated = {"declaration": REF, "of_version": 1, "content": content_of(declaration()), "score": 0, "outcome": outcome}
    reasons = [{"rule": "RISK-ARMS", "zh": "武器", "en": "arms", "score": 80, "agency": "border"}]
    return kept(Assessment.model_validate({**stated, "reasons": reasons, **more}), filer="customs")


def order(state: str, result: str | None = None, **waiting: str) -> Kept:
    stated = {
        "number": "ORD-1", "declaration": REF, "agencies": ["customs", "maritime"], "result": result,
        "planned_at": datetime(2026, 11, 22, 5, tzinfo=UTC), "reasons": ["border: arms"],
    }  # fmt: skip
    states = {"terminal": "planned", "customs": "waiting", "border": "unconcerned", "maritime": "entered", **waiting}
    tracks = {name: {"state": s, "since": "2026-11-22T03:00:00Z"} for name, s in states.items()}
    return kept(InspectionOrder.model_validate(stated), state=state, tracks=tracks, filer="customs")


def call(customs: str, voyage: str = "2611E", eta: datetime = NOW, port: str = "CNWHH") -> Kept:
    stated = {
        "vessel": SHIP, "ship_name": "WANGHAI STAR", "flag": "CN", "voyage": voyage, "port": port, "eta": eta, "crew_count": 20,
    }  # fmt: skip
    return kept(PortCall.model_validate(stated), tracks={"customs": {"state": customs}}, filer="agent")


def unmet(rule: type[rules.Rule], facts: Found, record: Any = None) -> Any:
    return rule().judge(record or declaration(), facts)


def test_another_office_or_none_is_not_ours_to_decide() -> None:
    for rule in (rules.OwnOffice, rules.OfficeOfRelease):
        assert unmet(rule, found()) is None
        assert "9902" in unmet(rule, found(), declaration(office="9902")).reason.zh
        assert unmet(rule, found(), declaration(office=None)) is not None


def test_assessed_means_assessed_as_it_stands_now() -> None:
    assert unmet(rules.Assessed, found()) is not None
    assert unmet(rules.Assessed, found((ASSESSED, [assessment("green")]))) is None
    assert unmet(rules.Assessed, found((ASSESSED, [assessment("green", content="of before")]))) is not None


def test_green_needs_no_visit_and_targeted_needs_one() -> None:
    assert unmet(rules.Inspected, found((ASSESSED, [assessment("green")]))) is None
    said = unmet(rules.Inspected, found((ASSESSED, [assessment("targeted")])))
    assert "joint inspection" in said.reason.en


def test_the_notice_of_a_visit_says_when_and_whom_but_not_why() -> None:
    said = unmet(rules.Inspected, found((ASSESSED, [assessment("targeted")]), (ORDERED, [order("planned")])))
    assert "ORD-1" in said.reason.en
    assert "2026-11-22 13:00 (UTC+0800)" in said.reason.en
    assert "customs" in said.reason.en
    assert "maritime" not in said.reason.en
    assert said.ref == "order:ORD-1"
    for text in (said.reason.zh, said.reason.en):
        assert "武器" not in text
        assert "arms" not in text


def test_a_visit_called_for_later_holds_green_goods_too() -> None:
    facts = found((ASSESSED, [assessment("green")]), (ORDERED, [order("moved")]))
    assert unmet(rules.Inspected, facts) is not None


@pytest.mark.parametrize(("result", "holds"), [("release", True), ("treat", False), ("return", False), ("detain", False)])
def test_the_class_of_the_last_visit_decides(result: str, holds: bool) -> None:
    facts = found((ASSESSED, [assessment("targeted")]), (ORDERED, [order("finished", result)]))
    assert (unmet(rules.Inspected, facts) is None) == holds


def test_only_the_newest_visit_counts() -> None:
    facts = found((ASSESSED, [assessment("targeted")]), (ORDERED, [order("finished", "release"), order("finished", "treat")]))
    assert unmet(rules.Inspected, facts) is None


def test_a_call_that_is_known_must_be_accepted_by_customs() -> None:
    record, calls = declaration(vessel=SHIP), rules.calls_wanted(SHIP)
    assert unmet(rules.CallAccepted, found(), record) is None
    assert unmet(rules.CallAccepted, found((calls, [call("accepted")])), record) is None
    said = unmet(rules.CallAccepted, found((calls, [call("received")])), record)
    assert "WANGHAI STAR" in said.reason.en
    assert said.ref.startswith("portcall:")


def test_calls_elsewhere_or_long_past_do_not_count() -> None:
    record, calls = declaration(vessel=SHIP), rules.calls_wanted(SHIP)
    assert unmet(rules.CallAccepted, found((calls, [call("received", port="CNSHA")])), record) is None
    assert unmet(rules.CallAccepted, found((calls, [call("received", eta=NOW - timedelta(days=90))])), record) is None


def test_the_voyage_stated_picks_the_call() -> None:
    calls = rules.calls_wanted(SHIP)
    facts = found((calls, [call("accepted", "2612E"), call("received", "2611E")]))
    assert unmet(rules.CallAccepted, facts, declaration(vessel=SHIP, voyage="2611E")) is not None
    assert unmet(rules.CallAccepted, facts, declaration(vessel=SHIP, voyage="2612E")) is None
    assert unmet(rules.CallAccepted, facts, declaration(vessel=SHIP)) is None


@pytest.mark.parametrize(
    ("voyage", "state", "holds"), [("2611E", "received", False), ("2611E", "accepted", True), ("2612E", "received", True)]
)
@pytest.mark.parametrize("stated", [None, "2600E"])
def test_the_manifest_of_the_bills_decides_on_the_voyage(voyage: str, state: str, holds: bool, stated: str | None) -> None:
    record, rule = declaration(vessel=SHIP, voyage=stated), rules.CallAccepted()
    head = Manifest.model_validate({"number": "M1", "vessel": SHIP, "voyage": "2611E"})
    lines = (Need(rules.CONSIGNMENT, ref="bill:B1"), [kept(consignment(), filer="carrier")])
    assert lines[0] in rule.needs(record, "trader")
    [wanted] = rule.further(record, found(lines))
    calls = [call("received", "2600E"), call(state, voyage)]
    facts = found(lines, (wanted, [kept(head, filer="carrier")]), (rules.calls_wanted(SHIP), calls))
    assert (rule.judge(record, facts) is None) == holds


def test_every_bill_stands_on_a_manifest() -> None:
    line = (Need(rules.CONSIGNMENT, ref="bill:B1"), [kept(consignment())])
    assert unmet(rules.OnManifest, found(line)) is None
    assert unmet(rules.OnManifest, found(line), declaration(bills=[])) is None
    said = unmet(rules.OnManifest, found(line), declaration(bills=["B1", "B2"]))
    assert said.ref == "bill:B2"
    assert rules.OnManifest.owner == "carrier"


@pytest.mark.parametrize(("state", "may"), [("lodged", True), ("assessed", True), ("targeted", False), ("released", False)])
def test_what_customs_has_begun_to_decide_on_is_not_amended(state: str, may: bool) -> None:
    need = next(iter(rules.AmendableState().needs(declaration(), "trader")))
    facts = found((need, [kept(declaration(), state=state)]))
    assert (unmet(rules.AmendableState, facts) is None) == may
    assert unmet(rules.AmendableState, found()) is None


def test_every_rule_of_release_says_whose_it_is() -> None:
    for rule in (rules.Assessed, rules.Inspected, rules.CallAccepted, rules.OnManifest):
        assert rule.within is not None
        assert rule.owner in ("customs", "carrier")
