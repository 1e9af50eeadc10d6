"""A simulated gate lane (模拟车道): its readers, scale and portal tell by MQTT, its barrier, lamps and board obey and confirm."""

from __future__ import annotations

import asyncio
import itertools
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kouan_sim.mqtt import Mqtt

DEVICES = {"plate": "cam-1", "container": "ocr-1", "scale": "scale-1", "radiation": "rpm-1", "seal": "seal-1", "card": "card-1"}
PICTURED = frozenset({"plate", "container"})
ACTORS = ("barrier", "lamps", "board")


def broker(home: Path) -> tuple[str, int, str, str]:
    """Host, port, user and password for devices of the platform in a data folder."""
    ports = json.loads((home / "run" / "ports.json").read_text())
    known = json.loads((home / "run" / "nats.json").read_text())
    return "127.0.0.1", int(ports["mqtt"]), str(known["device_user"]), str(known["device_password"])


@dataclass
class Rig:
    """The devices of one lane. `obeys`: the actors that confirm commands; the others are broken."""

    where: tuple[str, int, str, str]
    lane: str
    kinds: tuple[str, ...] = tuple(DEVICES)
    obeys: tuple[str, ...] = ACTORS
    commands: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._run = f"{datetime.now(UTC):%H%M%S%f}"
        self._stack = AsyncExitStack()
        self._lines: dict[str, Mqtt] = {}
        self._told = asyncio.Condition()

    async def __aenter__(self) -> Self:
        for kind in self.kinds:
            away = (self._topic(kind), b'{"away":true}')
            self._lines[kind] = await self._stack.enter_async_context(Mqtt(*self.where, f"{self.lane}-{DEVICES[kind]}-{self._run}", away))
            await self._lines[kind].publish(self._topic(kind), b'{"away":false}')
        actor = await self._stack.enter_async_context(Mqtt(*self.where, f"{self.lane}-actor-{self._run}"))
        self._lines["actor"] = actor
        await actor.subscribe(f"devices/lane/{self.lane}/command", self._obey)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _topic(self, kind: str) -> str:
        return f"devices/lane/{self.lane}/{kind}/{DEVICES[kind]}"

    async def _obey(self, _topic: str, body: bytes) -> None:
        command = json.loads(body)
        async with self._told:
            self.commands.append(command)
            self._told.notify_all()
        asyncio.get_running_loop().create_task(self._confirm(command["command"]))

    async def _confirm(self, number: str) -> None:
        for actor in self.obeys:
            await self._lines["actor"].publish(f"devices/lane/{self.lane}/ack/{actor}", json.dumps({"command": number}).encode())

    async def read(self, kind: str, value: Any, *, at: datetime | None = None, number: str = "", **more: Any) -> str:
        """A device tells a reading; answers its number."""
        number = number or f"{self._run}-{next(self._numbers)}"
        told = {"id": number, "at": (at or datetime.now(UTC)).isoformat(), "value": value, **more}
        await self._lines[kind].publish(self._topic(kind), json.dumps(told, ensure_ascii=False).encode())
        return number

    async def beat(self) -> None:
        """Every reader says that it lives."""
        for kind in list(self._lines):
            if kind != "actor":
                await self._lines[kind].publish(self._topic(kind), b'{"away":false}')

    async def vehicle(self, plate: str, boxes: tuple[str, ...] = (), **more: Any) -> None:
        """A vehicle drives over the lane: all devices there read it. `more`: gross, cps, alarm, seals, card, permit (its token)."""
        visit = f"{self._run}-v{next(self._numbers)}"
        said: list[tuple[str, Any]] = [("container", box) for box in boxes]
        said += [("seal", seal) for seal in more.get("seals", ())] + [("scale", more.get("gross", 15_000))]
        said += [("radiation", {"cps": more.get("cps", 40), "alarm": more.get("alarm", False)})]
        said += [("card", more["card"])] if more.get("card") else []
        if more.get("permit"):
            told = {"id": f"{visit}-p", "at": datetime.now(UTC).isoformat(), "value": more["permit"], "visit": visit}
            await self._lines["actor"].publish(f"devices/lane/{self.lane}/permit/qr-1", json.dumps(told).encode())
        for kind, value in [*said, ("plate", plate)]:
            if kind in self._lines:
                picture: dict[str, Any] = {"image": f"sim-image:{self.lane}/{visit}/{DEVICES[kind]}.jpg"} if kind in PICTURED else {}
                await self.read(kind, value, visit=visit, confidence=0.97, **picture)

    async def commanded(self, seconds: float = 20.0, **shape: Any) -> dict[str, Any]:
        """The next command of a shape (barrier, lamp); TimeoutError without one."""
        async with asyncio.timeout(seconds), self._told:
            while True:
                for command in self.commands:
                    if all(command.get(name) == value for name, value in shape.items()):
                        self.commands.remove(command)
                        return command
                await self._told.wait()

    async def breaks(self, kind: str) -> None:
        """A device loses its power: its last will is told."""
        await self._lines.pop(kind).close(politely=False)
