"""A machine room's alarm names the asset, the room and everything that depends on it."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.rooms.health import breach, web
from kouan.facilities.rooms.records import Asset, Sensor, Service
from tests.conftest import Running

RECORDS = "/api/records/facilities"
ROOM = "place:CNWHH/HALL/1/DESK"


def asset(code: str, **more: Any) -> Asset:
    """An asset in the room."""
    return Asset.model_validate({"code": code, "name_zh": "机柜", "name_en": "Rack", "kind": "rack", "room": ROOM, **more})


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 12), st.data())
def test_what_depends_is_found_however_far_and_circles_end(size: int, data: st.DataObject) -> None:
    edges = data.draw(st.sets(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=30))
    assets = [asset(f"A-{n}", depends_on=[f"asset:A-{b}" for a, b in sorted(edges) if a == n and a != b]) for n in range(size)]
    reach = {(a, b) for a, b in edges if a != b}
    for _ in range(size):
        reach |= {(a, d) for a, b in reach for c, d in reach if b == c}
    found = web(assets, ()).depending("asset:A-0")[0]
    assert len(found) == len(set(found))
    assert set(found) == {f"asset:A-{a}" for a, b in reach if b == 0 and a != 0}


def test_a_leak_is_beyond_its_limit_as_soon_as_there_is_one() -> None:
    wet = Sensor.model_validate({"measure": "leak", "device": "device:L", "metric": "leak"})
    hot = Sensor.model_validate({"measure": "temperature", "device": "device:T", "metric": "t", "low": 10, "high": 32})
    rack = asset("A-1")
    assert breach(rack, wet, 1) is not None
    assert breach(rack, wet, 0) is None
    assert [breach(rack, hot, value) is None for value in (9.9, 10, 32, 32.1)] == [False, True, True, False]
    assert breach(rack, hot, None) is None


def test_a_service_that_needs_a_service_depends_on_its_assets() -> None:
    one = Service.model_validate({"code": "DB", "name_zh": "库", "name_en": "Database", "depends_on": ["asset:A-1"]})
    two = Service.model_validate({"code": "GATE", "name_zh": "卡口", "name_en": "Gate", "needs": ["itservice:DB"]})
    assert web([asset("A-1")], [one, two]).depending("asset:A-1")[1] == ["itservice:DB", "itservice:GATE"]


def filed(owner: httpx.Client, record: str, data: dict[str, Any]) -> dict[str, Any]:
    """A record, filed."""
    answer = owner.post(f"{RECORDS}/{record}", json=data)
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()["item"]
    return item


@pytest.mark.clause("H6.1")
def test_a_hot_rack_names_the_asset_the_room_and_the_services_that_depend_on_it(platform: Running) -> None:
    run = secrets.token_hex(3).upper()
    with platform.client("portoffice") as owner, platform.client("trader") as stranger:
        sensor = filed(owner, "devices/device", {
            "code": f"ENV-{run}", "name_zh": "模拟机柜温度", "name_en": "Simulated rack sensor", "kind": "environment", "driver": "http",
            "metrics": [{"name": "temperature", "unit": "Cel", "low": -20, "high": 90}], "simulated": True, "place": ROOM,
        })  # fmt: skip
        assert owner.post(f"{RECORDS}/devices/device/{sensor['id']}/actions/commission", json={}).status_code == 200
        watched = {"measure": "temperature", "device": f"device:ENV-{run}", "metric": "temperature", "high": 32, "unit": "Cel"}
        common = {"room": ROOM, "simulated": True}
        rack = {**common, "code": f"RACK-{run}", "name_zh": "甲机柜", "name_en": "Rack A", "kind": "rack", "sensors": [watched]}
        on = [f"asset:RACK-{run}"]
        server = {**common, "code": f"SRV-{run}", "name_zh": "甲服务器", "name_en": "Server A", "kind": "server", "depends_on": on}
        filed(owner, "rooms/asset", rack)
        filed(owner, "rooms/asset", server)
        filed(owner, "rooms/service", {"code": f"DB-{run}", "name_zh": "数据库", "name_en": "Database", "depends_on": [f"asset:SRV-{run}"]})
        filed(owner, "rooms/service", {"code": f"GATE-{run}", "name_zh": "智能卡口", "name_en": "Smart gate", "needs": [f"itservice:DB-{run}"]})
        nowhere = owner.post(f"{RECORDS}/rooms/asset", json={**rack, "code": f"X-{run}", "room": "place:CNWHH/NOWHERE"})
        assert nowhere.json()["field"] == "room"
        warning = heated(owner, f"ENV-{run}", f"asset:RACK-{run}")
        assert warning["alert"] == "facilities.rooms.environment"
        assert (warning["severity"], warning["value"], warning["threshold"]) == ("serious", 41.5, 32)
        assert {f"asset:RACK-{run}", ROOM, f"itservice:DB-{run}", f"itservice:GATE-{run}"} <= set(warning["subjects"])
        assert "甲机柜" in warning["message"]["zh"]
        assert "Database, Smart gate" in warning["message"]["en"]
        assert warning["evidence"]["assets"] == [f"asset:SRV-{run}"]
        assert warning["simulated"] is True
        limit = time.monotonic() + 10
        while (service := rolled_up(owner, f"itservice:GATE-{run}"))["state"] != "at_risk" and time.monotonic() < limit:
            time.sleep(0.2)
        assert (service["state"], service["because"]) == ("at_risk", [f"asset:RACK-{run}"])
        assert run not in json.dumps(stranger.get("/api/rooms/health").json())


def rolled_up(owner: httpx.Client, ref: str) -> dict[str, Any]:
    """A service as the roll-up of the rooms shows it."""
    found = owner.get("/api/rooms/health").json()
    return dict(next(one for one in found["services"] if one["ref"] == ref))


def heated(owner: httpx.Client, device: str, rack: str) -> dict[str, Any]:
    """Report a hot rack until the warning about it is there."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        told = [{"device": device, "metric": "temperature", "at": datetime.now(UTC).isoformat(), "value": 41.5}]
        owner.post("/api/intake/readings", json=told)
        listed = owner.get("/api/warnings", params={"limit": 100}).json()["items"]
        found = [one["data"] for one in listed if rack in one["data"]["subjects"]]
        if found:
            return dict(found[0])
        time.sleep(0.3)
    raise AssertionError("no warning in time")
