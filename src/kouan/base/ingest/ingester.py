"""The ingester of a process: takes runs that wait, one at a time, and those whose process died."""

from __future__ import annotations

import asyncio
import logging

from kouan.base.ingest import store
from kouan.base.ingest.running import Runner, tell
from kouan.kernel import owners
from kouan.kernel.database import scope
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.room import Room
from kouan.kernel.settings import Settings
from kouan.kernel.store.entitle import scope_of

EXTRA = "ingest.ingester"
PAUSE, AT_REST = 0.5, 2.0
"""Seconds between two looks for runs while something is filed or asked, and while nothing is."""
log = logging.getLogger(__name__)


class Ingester:
    """Works off runs for as long as its process lives; several processes share the work by lease."""

    def __init__(self, port: Port, room: Room | None = None) -> None:
        self._port, self._room, self._lease = port, room or Room.endless(), f"{uuid7()} {owners.me()}"
        self._task: asyncio.Task[None] | None = None
        self._freed = False

    def start(self) -> None:
        """Begin, unless it is at work."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="ingester")

    async def step(self) -> bool:
        """Take one run; False when none waits."""
        if self._room.low():
            return False
        async with scope(self._port.pool, scope_of(PLATFORM)) as conn:
            if not self._freed:
                # Once, at the beginning: who comes after a process that was killed does not wait for its leases.
                await store.free(conn)
            row = await store.claim(conn, self._lease)
            untold = await store.untold(conn, 20)
        self._freed = True
        for ended in untold:
            await tell(self._port, ended["id"])
        if row is None:
            return False
        await Runner(self._port, row, self._lease, self._room).run()
        return True

    async def _work(self) -> None:
        ear = self._port.ear()
        while True:
            try:
                if await self.step():
                    continue
            except Exception as fault:  # noqa: BLE001 - it outlives whatever one run or connection does
                log.warning("extraction waits: %s: %s", type(fault).__name__, fault)
            await ear.pause(PAUSE, AT_REST)


def ingester_of(port: Port) -> Ingester:
    """The ingester of this process, at work."""
    found: Ingester | None = port.extras.get(EXTRA)
    if found is None:
        found = port.extras[EXTRA] = Ingester(port, Room.of(Settings.read()))
    found.start()
    return found
