"""Online clearance on the running platform: one submission, and the status moves by itself to release."""

from __future__ import annotations

import pytest

from tests.conftest import Running
from tests.shipment import RISKY, Shipment


@pytest.mark.clause("H9.1.6c1")
def test_status_moves_through_review_inspection_and_release(platform: Running) -> None:
    green = Shipment(platform)
    green.file()
    assert green.becomes("released") == "released"
    told = green.trace("trader", green.reference)
    assert [e["kind"] for e in told["events"] if e["ref"].endswith(green.reference)] == ["filed", "assess", "release"]
    assert green.trace("trader")["missing"] == []

    risky = Shipment(platform, RISKY)
    risky.file()
    risky.becomes("targeted")
    asked = risky.trace("trader", risky.reference)
    assert asked["card"]["state"]["en"] == "Targeted"
    missing = [line for line in asked["missing"] if line["rule"] == "REL-INSPECTED"]
    assert {line["owner"]["org"] for line in missing} == {"customs", "border", "maritime"}
    assert all(line["deadline"] > line["since"] for line in missing)
    assert "RISK" not in str(asked)
    order = risky.order()
    findings = [{"agency": agency, "outcome": "release"} for agency in order["data"]["agencies"]]
    risky.call("customs", "POST", f"/api/inspections/{order['id']}/findings", json={"findings": findings})
    risky.becomes("released")
    told = risky.trace("trader", risky.reference)
    steps = [event["kind"] for event in told["events"] if event["ref"].endswith(risky.reference)]
    assert steps == ["filed", "assess", "target", "inspect", "release"]
    assert told["card"]["state"]["en"] == "Released"
    assert told["missing"] == []
