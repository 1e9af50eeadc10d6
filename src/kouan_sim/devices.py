"""A simulated device (模拟设备): it registers by the public doors, enters the broker with credentials of its own, and tells its readings."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from kouan_sim.doors import Door
from kouan_sim.mqtt import Mqtt

DEVICES = "/api/records/facilities/devices/device"
Obey = Callable[[Mapping[str, Any]], Awaitable[tuple[bool, str]]]


async def enrol(door: Door, entry: Mapping[str, Any]) -> None:
    """Let a device stand in the register and be in use; one that is there already is left as it is. RuntimeError when refused."""
    code = str(entry["code"])
    filed = await door.persistently("POST", DEVICES, dict(entry), key=f"device:{code}", seconds=120)
    if not filed.ok and filed.status != 409:
        raise RuntimeError(f"{code}: {filed.body}")
    listed = await door.get(f"{DEVICES}?code={code}")
    item = listed.body["items"][0]
    if item["state"] == "planned":
        await door.persistently("POST", f"{DEVICES}/{item['id']}/actions/commission", {}, key=f"commission:{item['id']}", seconds=60)


async def credentials(door: Door, code: str) -> tuple[str, str]:
    """New credentials of a device: user and password."""
    given = await door.persistently("POST", f"/api/devices/{code}/credentials", {}, key="", seconds=60)
    if not given.ok:
        raise RuntimeError(f"{code}: {given.body}")
    return str(given.body["user"]), str(given.body["password"])


@dataclass
class Sensor:
    """One device on the broker: born when it connects, dead by its last will. `obey` answers commands."""

    host: str
    port: int
    user: str
    password: str
    obey: Obey | None = None
    commands: list[Mapping[str, Any]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        will = (self._topic("status"), b'{"online":false}')
        self._line = await Mqtt(self.host, self.port, self.user, self.password, self.user, will).__aenter__()
        await self._line.publish(self._topic("status"), b'{"online":true}')
        if self.obey is not None:
            await self._line.subscribe(self._topic("command"), self._asked)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._line.close(politely=False)

    def _topic(self, path: str) -> str:
        return f"devices/{self.user}/{path}"

    async def tell(self, **readings: float) -> None:
        """Tell readings of now."""
        told = {"at": datetime.now(UTC).isoformat(), "simulated": True, **readings}
        await self._line.publish(self._topic("readings"), json.dumps(told).encode())

    async def _asked(self, _topic: str, body: bytes) -> None:
        command = json.loads(body)
        self.commands.append(command)
        if self.obey is not None:
            done, text = await self.obey(command)
            answer = {"command": command["command"], "ok": done, "text": text}
            # The broker's acknowledgement comes by the connection that is being read here: it is not waited for.
            self._line.say(self._topic("ack"), json.dumps(answer).encode())
