"""Who is connected and waits for messages: one look a moment at what was numbered, for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict

import asyncpg

from kouan.base.push.store import messages
from kouan.base.push.store.tail import NEWS
from kouan.kernel.database import GONE, hear, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

EXTRA = "push.live"
GATHER, LOOK, MOST = 0.03, 2.0, 2000
log = logging.getLogger(__name__)


class Live:
    """Wakes those whose lines have got messages; each reads its own."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._waiting: dict[int, set[asyncio.Event]] = defaultdict(set)
        self._woken = asyncio.Event()
        self._position = -1
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def of(cls, port: Port) -> Live:
        """The one of this process."""
        found: Live = port.extras.setdefault(EXTRA, cls(port))
        return found

    def join(self, line: int) -> asyncio.Event:
        """Wait for messages of a line: the event is set whenever there are new ones."""
        event = asyncio.Event()
        self._waiting[line].add(event)
        if not self._tasks or any(task.done() for task in self._tasks):
            self._position = -1
            self._tasks = [asyncio.create_task(self._listen(), name="push-ear"), asyncio.create_task(self._run(), name="push-live")]
        return event

    def leave(self, line: int, event: asyncio.Event) -> None:
        """Wait no more. With the last one the listening ends, too."""
        self._waiting[line].discard(event)
        if not self._waiting[line]:
            del self._waiting[line]
        if not self._waiting:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    def count(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    async def _listen(self) -> None:
        while True:
            try:
                await hear(self._port.pool, NEWS, self._woken.set)
            except (*GONE, asyncpg.PostgresError) as gone:
                log.debug("not listening: %s", gone)
                await asyncio.sleep(0.5)

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except (*GONE, asyncpg.PostgresError) as gone:
                log.debug("messages wait: %s", gone)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK)
            self._woken.clear()
            await asyncio.sleep(GATHER)

    async def _look(self) -> None:
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            if self._position < 0:
                self._position = await messages.position(conn)
                fresh = set(self._waiting)
            else:
                self._position, fresh = await messages.fresh(conn, self._position, list(self._waiting))
        for line in fresh:
            for event in self._waiting.get(line, ()):
                event.set()
