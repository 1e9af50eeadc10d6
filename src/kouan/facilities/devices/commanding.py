"""Commands to devices: sent by the device's protocol, confirmed by the device, or unanswered in their time.

What waits stands in the register, so a command outlives this process: it is sent again by the next, under the same number.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson
from nats.errors import Error as NatsError

from kouan.facilities.devices import store
from kouan.facilities.devices.records import Command
from kouan.facilities.devices.register import Entry, Register
from kouan.facilities.devices.telling import Answer
from kouan.facilities.telemetry.api import Bus
from kouan.kernel.clock import stamp
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import Failure
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

log = logging.getLogger(__name__)
AGAIN = timedelta(seconds=2)
TOLD = "acknowledge", "fail"


class Doors(Protocol):
    """What a command goes out by."""

    bridge: Any
    plants: Any


class Commands:
    """The commands that wait for an answer, by number."""

    def __init__(self, port: Port, bus: Bus) -> None:
        self._port, self._bus = port, bus
        self._open: dict[str, tuple[UUID, str]] = {}
        self._sent: dict[str, datetime] = {}
        self._answers: dict[str, tuple[Answer, datetime]] = {}

    @property
    def waiting(self) -> bool:
        """Whether a command waits for an answer."""
        return bool(self._open)

    def answered(self, code: str, answer: Answer, now: datetime) -> None:
        """A device answered; only the device that was asked may."""
        asked = self._open.get(answer.number)
        if asked is not None and asked[1] == code:
            self._answers.setdefault(answer.number, (answer, now))

    async def round(self, register: Register, doors: Doors, now: datetime) -> None:
        """Send what was asked, keep what was answered, end what is over its time."""
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            rows = await store.asked(conn)
        waiting = {row["doc"]["number"]: row for row in rows}
        self._open = {number: (row["id"], row["doc"]["device"].partition(":")[2]) for number, row in waiting.items()}
        for number, row in waiting.items():
            if number in self._answers:
                await self._end(row["id"], number)
            elif now - row["filed_at"] > timedelta(seconds=row["doc"]["timeout_s"]):
                await self._act(row["id"], "expire", {})
            elif now - self._sent.get(number, now - 2 * AGAIN) >= AGAIN:
                self._sent[number] = now
                await self._send(row["doc"], register.entries.get(self._open[number][1]), doors, now)
        for done in (*(self._sent.keys() - waiting.keys()), *(self._answers.keys() - waiting.keys())):
            self._sent.pop(done, None)
            self._answers.pop(done, None)

    async def _end(self, record_id: UUID, number: str) -> None:
        answer, at = self._answers[number]
        await self._act(record_id, TOLD[not answer.done], {"answered_at": stamp(at), "answer": answer.text})

    async def _act(self, record_id: UUID, action: str, changes: dict[str, Any]) -> None:
        try:
            await self._port.act(PLATFORM, Command.facts.name, record_id, action, changes=changes)
        except (*GONE, asyncpg.PostgresError):
            raise
        except Failure as raced:
            log.info("a command ended already: %s", raced.code)

    async def _send(self, asked: dict[str, Any], entry: Entry | None, doors: Doors, now: datetime) -> None:
        if entry is None:
            return
        command = Command.model_validate(asked)
        try:
            if entry.data.driver == "sparkplug":
                self._answers[command.number] = await doors.plants.write(entry, command), now
            else:
                await self._publish(command, entry, doors)
        except (NatsError, OSError, TimeoutError) as problem:
            log.debug("not sent: %s to %s: %s", command.number, entry.code, type(problem).__name__)

    async def _publish(self, command: Command, entry: Entry, doors: Doors) -> None:
        said = {"command": command.number, "metric": command.metric, "value": command.value, "text": command.text}
        content = orjson.dumps(said)
        if self._bus.client is not None:
            await self._bus.client.publish(f"devices.{entry.code}.command", content)
        if doors.bridge.connected:
            await doors.bridge.publish(f"devices/{entry.code}/command", content)
