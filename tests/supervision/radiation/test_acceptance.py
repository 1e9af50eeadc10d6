"""A gamma count above background: the gate stays shut, and the case cannot be closed without a second reading."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.shipment import Shipment

LANES, SCANS = "/api/records/facilities/gate/lane", "/api/records/supervision/radiation/measurement"
CASES = "/api/records/supervision/radiation/case"
CURVE = [52.0, 49.0, 61.0, 240.0, 910.0, 830.0, 190.0, 55.0, 50.0]


def scan(lane: str, at: datetime, **more: Any) -> dict[str, Any]:
    """What a portal tells."""
    counts = {"at": at.isoformat(), "step_s": 0.2, "cps": CURVE, "background_cps": 50.0}
    told = {"number": f"M-{secrets.token_hex(4)}", "portal": f"rpm-{lane}", "lane": f"lane:{lane}", "curve": counts}
    return {**told, "nuclide": "Cs-137", **more}


def case_at(client: httpx.Client, lane: str) -> dict[str, Any]:
    """The case that the alarm opens, within seconds."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        if found := client.get(CASES, params={"lane": f"lane:{lane}"}).json()["items"]:
            one: dict[str, Any] = found[0]
            return one
        time.sleep(0.2)
    raise AssertionError("no case was opened")


@pytest.mark.clause("M10b")
def test_an_alarm_shuts_the_lane_until_a_second_reading_closes_its_case(platform: Running) -> None:
    shipment = Shipment(platform)
    lane, vehicle = f"in-{secrets.token_hex(3)}", shipment.plate()
    at = datetime.now(UTC)
    with platform.client("terminal") as terminal, platform.client("customs") as customs:
        asked = {"code": lane, "name_zh": "辐射测试道", "name_en": "Portal lane", "direction": "in"}
        assert terminal.post(LANES, json=asked).status_code == 201
        quiet = {**scan(lane, at), "curve": {"at": at.isoformat(), "step_s": 0.2, "cps": [48.0, 55.0, 60.0], "background_cps": 50.0}}
        assert terminal.post(SCANS, json=quiet).status_code == 201

        def shut() -> bool:
            answer = shipment.present(lane, vehicle, [])
            unmet = {reason["rule"] for reason in answer["reasons"] if not reason["met"]}
            assert ("GATE-RADIATION-CASE" in unmet) <= (answer["decision"] == "refuse")
            return "GATE-RADIATION-CASE" in unmet

        assert not shut()
        box, plate = shipment.box.removeprefix("container:"), vehicle.removeprefix("vehicle:")
        alarm = scan(lane, at, vehicle=f"vehicle:{plate}", containers=[f"container:{box}"])
        assert terminal.post(SCANS, json=alarm).status_code == 201
        case = case_at(customs, lane)
        assert shut()
        assert case["data"]["curve"]["cps"] == CURVE
        assert (case["data"]["peak_cps"], case["data"]["nuclide"]) == (910.0, "Cs-137")
        assert case["data"]["vehicle"] == alarm["vehicle"]
        assert 50 < case["data"]["threshold_cps"] < 910

        def act(name: str, **changes: Any) -> httpx.Response:
            return customs.post(f"{CASES}/{case['id']}/actions/{name}", json={"data": changes})

        assert act("isolate").status_code == 200
        refused = act("close", outcome="natural")
        assert (refused.status_code, refused.json()["rule"]) == (422, "RAD-SECOND")
        early = {"at": (at - timedelta(hours=1)).isoformat(), "instrument": "spectrometer-2", "peak_cps": 64.0, "background_cps": 50.0}
        assert act("measure", second=early).status_code == 200
        assert act("close", outcome="natural").json()["rule"] == "RAD-LATER"
        assert shut()
        later = {**early, "at": datetime.now(UTC).isoformat(), "nuclide": "K-40"}
        assert act("measure", second=later).status_code == 200
        closed = act("close", outcome="natural")
        assert closed.status_code == 200, closed.text
        assert not shut()
        assert terminal.post(f"{CASES}/{case['id']}/actions/close", json={}).status_code in (403, 404, 409)


def test_a_person_at_an_e_gate_is_tied_to_the_case_and_the_firm_learns_nothing(platform: Running) -> None:
    lane = f"in-e{secrets.token_hex(3)}"
    with platform.client("border") as border, platform.client("trader") as trader:
        told = scan(lane, datetime.now(UTC), person=f"person:P/CN/E{secrets.randbelow(10**8):08d}", nuclide="I-131")
        assert border.post(SCANS, json=told).status_code == 201
        case = case_at(border, lane)
        assert case["data"]["person"].startswith("person:")
        assert case["data"]["person"] != told["person"]
        assert trader.get(CASES, params={"lane": f"lane:{lane}"}).json()["items"] == []
