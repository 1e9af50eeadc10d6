"""Who is connected and waits for messages: one look a moment at what was numbered, and one reading, for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from kouan.base.push.matching import Wish
from kouan.base.push.service.telling import told
from kouan.base.push.store import messages
from kouan.base.push.store.messages import Message
from kouan.base.push.store.tail import NEWS
from kouan.kernel.database import GONE, Connection, hear, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

EXTRA = "push.live"
GATHER, LOOK, MOST = 0.02, 2.0, 100
log = logging.getLogger(__name__)
Page = tuple[Sequence[dict[str, Any]], int]
"""What is told, in order, and the number up to which this is all."""


@dataclass(slots=True, eq=False)
class Seat:
    """One who is connected. `told`: the number up to which he has all; `page`: what was read for him behind it, `more`: and there
    is more; `idle`: he waits."""

    wish: Wish
    told: int
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    page: Page | None = None
    idle: bool = False
    more: bool = False

    async def wait(self, seconds: float) -> bool:
        """Wait until there is more, or so long; whether there is."""
        self.idle = True
        try:
            await asyncio.wait_for(self.woken.wait(), seconds)
        except TimeoutError:
            return False
        finally:
            self.idle = False
        self.woken.clear()
        return True

    def take(self) -> Page | None:
        """What was read for him, if anything was; he has it then."""
        page, self.page = self.page, None
        if page is not None:
            if self.more or page[1] - self.told >= MOST:
                self.woken.set()
            self.told, self.more = page[1], False
        return page


class Live:
    """Reads for those who wait what their lines have got; who lags behind reads his own."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._seats: dict[int, set[Seat]] = defaultdict(set)
        self._woken = asyncio.Event()
        self._position = -1
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def of(cls, port: Port) -> Live:
        """The one of this process."""
        found: Live = port.extras.setdefault(EXTRA, cls(port))
        return found

    def join(self, wish: Wish, behind: int) -> Seat:
        """Wait for messages of a subscription behind a number; the first look is the caller's own."""
        seat = Seat(wish, behind)
        seat.woken.set()
        self._seats[wish.line].add(seat)
        if not self._tasks or any(task.done() for task in self._tasks):
            self._position = -1
            self._tasks = [asyncio.create_task(self._listen(), name="push-ear"), asyncio.create_task(self._run(), name="push-live")]
        return seat

    def leave(self, seat: Seat) -> None:
        """Wait no more. With the last one the listening ends, too."""
        line = seat.wish.line
        self._seats[line].discard(seat)
        if not self._seats[line]:
            del self._seats[line]
        if not self._seats:
            for task in self._tasks:
                task.cancel()
            self._tasks = []

    def count(self) -> int:
        """How many wait."""
        return sum(map(len, self._seats.values()))

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
            except Exception:
                log.exception("messages wait")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK)
            self._woken.clear()
            await asyncio.sleep(GATHER)

    async def _look(self) -> None:
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
            if self._position < 0:
                position, fresh = await messages.position(conn), set(self._seats)
                pages: Mapping[Seat, tuple[int, Page]] = {}
            else:
                position, fresh = await messages.fresh(conn, self._position, list(self._seats))
                idle = {line: seat for line in fresh for seat in self._seats.get(line, ()) if seat.idle and seat.page is None}
                pages = await self._read(conn, idle) if idle else {}
        self._position = position
        for line in fresh:
            for seat in self._seats.get(line, ()):
                behind, page = pages.get(seat, (-1, None))
                if seat.page is not None:
                    seat.more = True
                elif page is not None and seat.idle and seat.told == behind:
                    seat.page = page
                seat.woken.set()

    async def _read(self, conn: Connection, idle: Mapping[int, Seat]) -> dict[Seat, tuple[int, Page]]:
        """For one seat of each line what is behind what it has, with that number; entitlement is asked as at the courier."""
        behind = {line: seat.told for line, seat in idle.items()}
        found = await messages.behind_each(conn, behind, MOST)
        bodies = await told(conn, {line: seat.wish for line, seat in idle.items()}, [one for its in found.values() for one in its])
        return {seat: (behind[line], _page(found[line], bodies)) for line, seat in idle.items() if line in found}


def _page(its: Sequence[Message], bodies: Mapping[tuple[int, int], dict[str, Any]]) -> Page:
    return [bodies[one.line, one.seq] for one in its if (one.line, one.seq) in bodies], its[-1].seq
