"""A reefer by its own sensor: registered, heard by the broker, raised, and warned with its cargo."""

from __future__ import annotations

import json
import secrets
import time
from datetime import timedelta
from typing import Any

import pytest

from kouan.kernel.clock import now, stamp
from kouan_sim.identifiers import container
from tests.conftest import Running
from tests.facilities.devices.acting import connected, enrolled, heard, mqtt_port, until
from tests.operations.alerts.conftest import Staff

WARM = "operations.site.reefer_temperature"
METRICS = [{"name": "temperature", "unit": "Cel", "low": -60, "high": 60}, {"name": "setpoint", "unit": "Cel", "low": -60, "high": 30}]


def other_side(platform: Running, box: str, code: str) -> tuple[str, int]:
    """History beside records: what each party sees of the box's temperatures from move to move; activity of the last and readings."""
    path, asked = f"/api/site/reefers/{box}", {"since": stamp(now() - timedelta(hours=1)), "until": stamp(now() + timedelta(hours=1))}
    with platform.client("portoffice") as office, platform.client("trader") as trader, platform.client("customs") as customs:
        limit = time.monotonic() + 60  # the history is a moment behind the picture
        told = office.get(path, params=asked)
        while sum(one["readings"] for one in told.json().get("stays", ())) < 3:
            assert time.monotonic() < limit, told.text
            time.sleep(0.3)
            told = office.get(path, params=asked)
        before, after = told.json()["stays"]
        assert (before["device"], before["lowest"], before["highest"], before["farthest"]) == (code, -18.2, -9.5, 8.5)
        assert before["name"]["zh"]
        assert told.json()["simulated"] is True
        assert (before["move"], after["readings"], after["position"]) == (None, 0, "A0101")
        assert trader.get(path, params=asked).status_code == 404, "neither its moves nor its readings are the trader's"
        moves_only = customs.get(path, params=asked).json()["stays"]
        assert [(one["activity"], one["readings"]) for one in moves_only] == [("stack", 0)], "readings are for their readers"
        assert office.get(path, params={"since": "2026-01-01T00:00:00Z"}).json()["code"] == "span"
        return after["activity"], before["readings"]


@pytest.mark.clause("H9.1.7b1")
async def test_a_reefer_whose_temperature_is_raised_warns_of_its_sensor_and_its_cargo(platform: Running) -> None:
    box, bill = container("SIM", secrets.randbelow(10**6)), f"RB{secrets.token_hex(4).upper()}"
    code, staff = f"RF-{box}", Staff(platform)
    line = {"manifest": f"CARRIER/RM{bill}", "bill": bill, "containers": [box],
            "goods": [{"description": "FROZEN SHRIMP 冻虾", "hs": "03061790"}]}  # fmt: skip
    with platform.client("terminal") as terminal, platform.client("customs") as customs, platform.client("trader") as trader:
        await heard(terminal)
        staff.set(WARM, degrees=3, seconds=0)
        given = enrolled(terminal, code, metrics=METRICS, keep_alive_s=60)
        staff.ask("carrier", "POST", "/api/records/base/manifest/consignment", 201, json=line)

        def sensor() -> dict[str, Any]:
            found: dict[str, Any] = terminal.get(f"/api/devices/{code}").json()
            return {**found, **{one["metric"]: one["value"] for one in found["last"]}}

        def warned() -> list[dict[str, Any]]:
            return [one for one in staff.warnings(WARM) if f"container:{box}" in one["data"]["subjects"]]

        async with await connected(("127.0.0.1", mqtt_port(platform)), given) as device:
            await device.tell(temperature=-18.2, setpoint=-18.0)
            await until(lambda: sensor().get("temperature") == -18.2)
            assert sensor()["online"]
            assert warned() == []
            await device.tell(temperature=-9.5, setpoint=-18.0)
            found = (await until(warned, 20))[0]
            data = found["data"]
            assert sensor()["temperature"] == -9.5
            assert {f"container:{box}", f"device:{code}", f"bill:{bill}"} <= set(data["subjects"])
            assert (data["severity"], data["value"], data["owner"], data["simulated"]) == ("serious", -9.5, "org:terminal", True)
            for words in data["message"].values():
                assert all(part in words for part in (box, "FROZEN SHRIMP 冻虾", bill, "-9.5"))
            assert data["evidence"]["setpoint_c"] == -18
            assert customs.get(f"/api/warnings/{found['id']}").status_code == 200
            assert trader.get(f"/api/warnings/{found['id']}").status_code == 404
            assert box not in json.dumps(trader.get("/api/warnings", params={"state": "all", "limit": 500}).json())
            await device.tell(temperature=-17.6, setpoint=-18.0)
            await until(lambda: sensor()["temperature"] == -17.6)
        move = {"equipment": f"container:{box}", "activity": "stack", "at": stamp(now()), "position": "A0101"}
        assert terminal.post("/api/records/base/movement/move", json=move).status_code == 201
        assert other_side(platform, box, code) == ("stack", 3)
    staff.set(WARM)
    staff.close()
