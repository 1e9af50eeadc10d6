"""One-time joint inspection on the running platform: three agencies, one visit, release by class."""

from __future__ import annotations

import pytest

from tests.conftest import Running
from tests.shipment import GREEN, Shipment


@pytest.mark.clause("H9.2.1b1")
@pytest.mark.parametrize(("worst", "state"), [("release", "released"), ("detain", "held")])
def test_three_agencies_target_one_box_and_one_visit_releases_by_class(platform: Running, worst: str, state: str) -> None:
    shipment = Shipment(platform, GREEN)
    shipment.file()
    shipment.becomes("released")
    orders = [
        shipment.call(agency, "POST", "/api/inspections/target", json={"container": shipment.box, "reason": f"{agency} asks"})
        for agency in ("maritime", "border", "customs")
    ]
    assert len({order["id"] for order in orders}) == 1
    order = orders[-1]
    assert sorted(order["data"]["agencies"]) == ["border", "customs", "maritime"]
    assert order["data"]["planned_at"]
    assert order["data"]["bay"]
    assert shipment.state() == "targeted"
    moved = f"/api/records/supervision/inspection/order/{order['id']}/actions/terminal.move"
    assert shipment.call("terminal", "POST", moved, json={})["state"] == "moved"
    findings = [
        {"agency": "customs", "outcome": "release", "note": "as declared"},
        {"agency": "border", "outcome": worst, "note": "looked into"}, {"agency": "maritime", "outcome": "release", "note": ""},
    ]  # fmt: skip
    done = shipment.call("customs", "POST", f"/api/inspections/{order['id']}/findings", json={"findings": findings})
    assert (done["state"], done["data"]["result"]) == ("finished", worst)
    assert shipment.becomes("released", "held") == state
