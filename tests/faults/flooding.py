"""Devices that flood, have wrong clocks or lose their broker, beside one that behaves: what tests of faults do with them."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from kouan_sim.devices import Sensor
from kouan_sim.mqtt import NotConnected
from tests.conftest import Running
from tests.facilities.devices.acting import connected, enrolled, mqtt_port

METRIC = [{"name": "t", "unit": "Cel"}]


def new(owner: httpx.Client, **more: Any) -> dict[str, Any]:
    """A device in use, and its credentials."""
    return enrolled(owner, f"FL-{secrets.token_hex(4).upper()}", metrics=METRIC, **{"keep_alive_s": 30, **more})


@dataclass
class Neighbour:
    """A device that behaves: it tells a reading every 0.2 s, comes back when its line breaks, and how late each was known is kept."""

    running: Running
    owner: httpx.Client
    given: Mapping[str, Any]
    told: int = 0
    late: list[float] = field(default_factory=list)
    came_back: int = 0

    @property
    def code(self) -> str:
        """Its code."""
        return str(self.given["user"])

    async def live(self) -> None:
        """Work until cancelled, as a device that is left alone."""
        where = "127.0.0.1", mqtt_port(self.running), self.given["user"], self.given["password"]
        while True:
            with contextlib.suppress(NotConnected, OSError):
                async with Sensor(*where) as sensor:
                    self.came_back += 1
                    while True:
                        self.told += 1
                        began = time.monotonic()
                        await sensor.tell(t=float(self.told))
                        await self.known(float(self.told))
                        self.late.append(time.monotonic() - began)
                        await asyncio.sleep(0.2)
            await asyncio.sleep(0.3)

    async def known(self, value: float) -> None:
        """Wait until the platform tells the value, or the line breaks (NotConnected after ten seconds)."""
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            with contextlib.suppress(httpx.HTTPError):
                last = (await asyncio.to_thread(self.owner.get, f"/api/devices/{self.code}")).json().get("last", ())
                if any(one["value"] == value for one in last):
                    return
            await asyncio.sleep(0.05)
        raise NotConnected("not known")


@asynccontextmanager
async def neighbour(running: Running, owner: httpx.Client) -> AsyncIterator[Neighbour]:
    """A device that behaves, while something goes on."""
    found = Neighbour(running, owner, new(owner, keep_alive_s=5))
    task = asyncio.create_task(found.live())
    try:
        while not found.late:
            assert not task.done()
            await asyncio.sleep(0.05)
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def flood(running: Running, given: Mapping[str, Any], rate: int, seconds: float, rows: int = 1) -> int:
    """Send so many messages a second of so many readings each, without waiting for anything; how many were sent."""
    sender, sent, topic = await connected(("127.0.0.1", mqtt_port(running)), given), 0, f"devices/{given['user']}/readings"
    began = time.monotonic()
    bodies = [orjson.dumps([{"metric": "t", "value": n * rows + row} for row in range(rows)]) for n in range(50)]
    while (passed := time.monotonic() - began) < seconds:
        while sent < rate * passed:
            sender._line.say(topic, bodies[sent % 50])
            sent += 1
        assert sender._line._writer is not None
        await sender._line._writer.drain()
        await asyncio.sleep(0.01)
    await sender.__aexit__(None, None, None)
    return sent
