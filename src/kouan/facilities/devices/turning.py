"""Keeping what happened: a device that comes or goes is filed as an event, and waits while the database is away."""

from __future__ import annotations

import logging
from collections import Counter, deque
from typing import Any

import asyncpg

from kouan.facilities.devices.living import Turn
from kouan.facilities.devices.records import DeviceEvent
from kouan.facilities.devices.register import Entry
from kouan.kernel.clock import stamp
from kouan.kernel.database import GONE
from kouan.kernel.errors import Conflict, Failure, Unavailable
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

log = logging.getLogger(__name__)
AWAY = (*GONE, asyncpg.PostgresError, Unavailable)
AT_ONCE, MOST = 50, 50_000


class Turns:
    """Events that wait to be filed, in order."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._waiting: deque[dict[str, Any]] = deque(maxlen=MOST)
        self.counts: Counter[str] = Counter()

    def put(self, turn: Turn, entry: Entry | None, told: bool) -> None:
        """An event of a device; one that came and went too often within the hour is counted and not filed."""
        what = "online" if turn.online else "offline"
        if not told:
            self.counts["thinned"] += 1
            return
        self._waiting.append({
            "number": f"{turn.code}/{stamp(turn.at)}/{what}", "device": f"device:{turn.code}", "what": what, "why": turn.why,
            "at": stamp(turn.at), "simulated": entry is not None and entry.data.simulated,
        })  # fmt: skip

    async def work(self) -> None:
        """File what waits. While the database is away it waits on."""
        while self._waiting:
            turn = [self._waiting[n] for n in range(min(AT_ONCE, len(self._waiting)))]
            try:
                await self._port.file(PLATFORM, [Draft(DeviceEvent.facts.name, data) for data in turn])
            except AWAY:
                raise
            except Conflict:
                await self._singly(turn)
            except Failure as problem:
                self.counts["refused"] += len(turn)
                log.error("events of devices are not kept: %r", problem)
            for _ in turn:
                self._waiting.popleft()
            self.counts["filed"] += len(turn)

    async def _singly(self, turn: list[dict[str, Any]]) -> None:
        """Some of them were kept before, and only the answer was lost."""
        for data in turn:
            try:
                await self._port.file(PLATFORM, [Draft(DeviceEvent.facts.name, data)])
            except Conflict:
                self.counts["repeated"] += 1
