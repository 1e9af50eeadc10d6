"""Modbus TCP and OPC UA devices as their owner meets them: registered with their maps, read, missed within two keep-alives, back."""

from __future__ import annotations

import json
import secrets
import time
from typing import Any

import httpx
import pytest

from kouan_sim.modbus import Plc
from kouan_sim.opcua import Server
from tests.conftest import Running
from tests.facilities.devices.acting import REGISTER, entry, heard, until
from tests.facilities.devices.test_acceptance import events

KEEP_ALIVE = 2


def commissioned(owner: httpx.Client, code: str, **more: Any) -> None:
    """A device in use that the platform connects to."""
    filed = owner.post(REGISTER, json=entry(code, keep_alive_s=KEEP_ALIVE, poll_s=0.2, **more))
    assert filed.status_code == 201, filed.text
    assert owner.post(f"{REGISTER}/{filed.json()['item']['id']}/actions/commission", json={}).status_code == 200


async def test_devices_that_the_platform_asks_are_read_with_units_and_missed_within_two_keep_alives(platform: Running) -> None:
    run = secrets.token_hex(3).upper()
    meter, pump = f"PM-{run}", f"PLC-{run}"
    registers = [{"name": "power", "unit": "kW", "source": "holding:100:float32", "scale": 0.001},
                 {"name": "supply", "unit": "Cel", "source": "input:7:int16", "scale": 0.1}]  # fmt: skip
    nodes = [{"name": "pressure", "unit": "kPa", "source": "ns=2;s=Pump.Pressure"}]
    async with Plc() as plc, Server(users={"kouan": "geheim"}) as server:
        plc.put("holding", 100, 4200.0, ">f")
        plc.put("input", 7, -183, ">h")
        server.put((2, "Pump.Pressure"), 311.25, 0x40900000)
        with platform.client("terminal") as owner, platform.client("customs") as other:
            await heard(owner)

            def last(code: str) -> dict[str, tuple[float, str]]:
                found = owner.get(f"/api/devices/{code}").json()
                return {one["metric"]: (one["value"], one["unit"]) for one in found["last"]} if found["online"] else {}

            wrong = owner.post(REGISTER, json=entry(f"X-{run}", driver="modbus", address="10.0.0.1:502/1",
                                                    metrics=[{"name": "t", "source": "40001"}]))  # fmt: skip
            assert "DEV-SOURCE" in wrong.text
            commissioned(owner, meter, kind="power_meter", driver="modbus", address=f"127.0.0.1:{plc.port}/1", metrics=registers)
            commissioned(owner, pump, kind="auxiliary", driver="opcua", address=server.url, metrics=nodes)
            refused = await until(lambda: owner.get(f"/api/devices/{pump}").json()["refused"])
            assert set(refused) == {"line.opcua.BadIdentityTokenRejected"}
            told = {"user": "kouan", "password": "geheim"}
            assert other.put(f"/api/devices/{pump}/login", json=told).status_code in (403, 404)
            assert owner.put(f"/api/devices/{meter}/login", json=told).json()["code"] == "no_login"
            assert owner.put(f"/api/devices/{pump}/login", json=told).status_code == 204
            await until(lambda: last(meter) == {"power": (4.2, "kW"), "supply": (pytest.approx(-18.3), "Cel")})
            await until(lambda: last(pump) == {"pressure": (311.25, "kPa")}, 25)
            assert "geheim" not in json.dumps(owner.get(f"/api/devices/{pump}").json())
            rows = await until(lambda: (h := owner.get("/api/history", params={"device": pump}).json()).get("rows") and h)
            assert (rows["columns"]["value"], rows["columns"]["quality"]) == ([311.25], [1])
            plc.mute = True
            server.mute = True
            began = time.monotonic()
            await until(lambda: all([what for _, what, _ in events(owner, code)][-1:] == ["offline"] for code in (meter, pump)))
            assert time.monotonic() - began < 2 * KEEP_ALIVE + 3, "noticed within two keep-alives, and filed at once"
            assert all(owner.get(f"/api/devices/{code}").json()["refused"]["line.timeout"] for code in (meter, pump))
            plc.mute = server.mute = False
            await until(lambda: last(meter) and last(pump), 25)
