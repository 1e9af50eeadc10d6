"""What tests of devices do with them: register, connect, wait."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from kouan_sim.devices import Sensor
from kouan_sim.mqtt import Mqtt, NotConnected
from tests.conftest import Running

REGISTER = "/api/records/facilities/devices/device"


def mqtt_port(platform: Running) -> int:
    """The carried listener's port."""
    return int(json.loads((platform.home / "run" / "ports.json").read_text())["mqtt"])


def entry(code: str, **more: Any) -> dict[str, Any]:
    """A device's entry."""
    metrics = [
        {"name": "temperature", "unit": "Cel", "low": -40, "high": 85},
        {"name": "setpoint", "unit": "Cel", "low": -30, "high": 30, "writable": True},
    ]  # fmt: skip
    return {
        "code": code, "name_zh": "模拟冷箱插座", "name_en": "Simulated reefer plug", "kind": "reefer_plug", "driver": "mqtt",
        "place": "place:CNWHH/YARD/A01", "metrics": metrics, "keep_alive_s": 2, "simulated": True, **more,
    }  # fmt: skip


def enrolled(owner: httpx.Client, code: str, **more: Any) -> dict[str, Any]:
    """A device in use, and its credentials."""
    filed = owner.post(REGISTER, json=entry(code, **more))
    assert filed.status_code == 201, filed.text
    made = filed.json()["item"]["id"]
    assert owner.post(f"{REGISTER}/{made}/actions/commission", json={}).status_code == 200
    given = owner.post(f"/api/devices/{code}/credentials")
    assert given.status_code == 200, given.text
    return {"id": made, **given.json()}


async def until(found: Callable[[], Any], seconds: float = 10.0) -> Any:
    """What is found in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if value := found():
            return value
        await asyncio.sleep(0.05)
    raise AssertionError("not in time")


async def connected(host: tuple[str, int], given: Mapping[str, Any], **more: Any) -> Sensor:
    """The device on the broker; its account is taken over within a moment of being made."""
    limit = time.monotonic() + 15
    while True:
        try:
            return await Sensor(*host, given["user"], given["password"], **more).__aenter__()
        except NotConnected:
            assert time.monotonic() < limit
            await asyncio.sleep(0.1)


async def until_in(host: tuple[str, int], given: Mapping[str, Any]) -> Mqtt:
    """A line into the broker without a birth or a will of its own."""
    limit = time.monotonic() + 15
    while True:
        try:
            return await Mqtt(*host, given["user"], given["password"], given["user"]).__aenter__()
        except NotConnected:
            assert time.monotonic() < limit
            await asyncio.sleep(0.1)


async def shut_out(host: tuple[str, int], given: Mapping[str, Any], seconds: float = 15) -> bool:
    """Whether the broker lets the device in no more, within a time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            async with Mqtt(*host, given["user"], given["password"], given["user"]):
                await asyncio.sleep(0.1)
        except NotConnected:
            return True
    return False


async def heard(office: httpx.Client) -> None:
    """Wait until the stream's leader hears devices: on a busy machine it begins a while after the platform answers."""
    def leading() -> bool:
        told = office.get("/api/stream").json()
        return any("facilities.devices.hub" in one.get("watchers", ()) for one in told["workers"])

    await until(leading, 60)
