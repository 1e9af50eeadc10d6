"""The pusher: one process at a time reads what happened, numbers what fits, and lets the courier hand it over.

Nothing is written for a filing that nobody subscribed: facts are read from the events that are kept anyway. Reading,
numbering and the place up to which was read are one transaction, so that a kill loses and doubles nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from kouan.base.exchange.api import signing
from kouan.base.push.facts import Stated
from kouan.base.push.matching import Book, Wish
from kouan.base.push.records import Subscription
from kouan.base.push.service.courier import Courier
from kouan.base.push.service.lanes import Lane
from kouan.base.push.service.telling import told
from kouan.base.push.store import content, lines, tail
from kouan.base.push.store.content import Mark
from kouan.base.push.store.messages import Message
from kouan.kernel.database import GONE, Connection, hear, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.sheet import WAKE
from kouan.kernel.ways import Ways

SUBSCRIPTION = Subscription.facts.name
MOST = 1000
GATHER, LOOK, IDLE, AGAIN, AT_REST = 0.05, 0.5, 1.0, 0.5, 5.0
BEAT = 2.0
OVERLAP = timedelta(seconds=5)
log = logging.getLogger(__name__)


class Pusher:
    """Leads where no other process does, until it is stopped."""

    def __init__(self, port: Port, ways: Ways) -> None:
        self._port, self._ways = port, ways
        self._book = Book()
        self._courier = Courier(port, ways)
        self._woken, self._asked = asyncio.Event(), asyncio.Event()
        self._ear = port.ear()
        self._quiet = 0
        self._touched = datetime.fromtimestamp(0, UTC)

    async def run(self, stop: asyncio.Event) -> None:
        """Push until told to stop; a database that is away only delays."""
        ears = [asyncio.create_task(self._hear(WAKE, self._woken)), asyncio.create_task(self._hear(tail.ASKED, self._asked))]
        try:
            while not stop.is_set():
                try:
                    async with self._port.pool.acquire() as conn:
                        if await tail.lead(conn):
                            await self._lead(conn, stop)
                except (*GONE, asyncpg.PostgresError) as gone:
                    log.warning("pushing waits: %s", type(gone).__name__)
                await _wait(stop, AGAIN)
        finally:
            for ear in ears:
                ear.cancel()

    async def _hear(self, channel: str, event: asyncio.Event) -> None:
        while True:
            try:
                await hear(self._port.pool, channel, event.set)
            except (*GONE, asyncpg.PostgresError) as gone:
                log.debug("not listening: %s", gone)
                await asyncio.sleep(AGAIN)

    async def _lead(self, conn: Connection, stop: asyncio.Event) -> None:
        """Lead for as long as the connection that holds the lock stands."""
        await self._load()
        working = [asyncio.create_task(self._courier.run()), asyncio.create_task(self._read()), asyncio.create_task(_beat(conn)),
                   asyncio.create_task(stop.wait())]  # fmt: skip
        try:
            done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                await tail.leave(conn)

    async def _load(self) -> None:
        self._book, self._courier = Book(), Courier(self._port, self._ways)
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await tail.begin(conn)
            self._touched = await tail.moment(conn)
            self._quiet = 0
            await self._take(conn, await lines.wishes(conn))

    async def _take(self, conn: Connection, wishes: Sequence[Wish]) -> None:
        """Make book and lanes what subscriptions say now."""
        rows = {row["number"]: row for row in await lines.lines(conn, [wish.line for wish in wishes])}
        hooks = {wish.line for wish in wishes if wish.channel == "webhook" and wish.state != "ended"}
        first = {number: signing.new_key() for number in hooks if rows[number]["wrapped"] is None}
        await lines.first_keys(conn, self._port.vault, first)
        for wish in wishes:
            if wish.state == "ended":
                self._book.drop(wish.id)
            else:
                self._book.put(wish)
            if wish.line in hooks:
                keys = (first[wish.line],) if wish.line in first else lines.keys_of(self._port.vault, rows[wish.line])
                self._courier.put(Lane.of(wish, rows[wish.line], keys))
            else:
                self._courier.drop(wish.line)

    async def _read(self) -> None:
        while True:
            self._woken.clear()
            if self._asked.is_set():
                self._asked.clear()
                await self._look()
            if not self._book.wishes and await self._nobody():
                # A subscription is a record: whoever subscribes is told of.
                await self._ear.pause(IDLE, AT_REST)
                continue
            if await self._round() < MOST:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), LOOK)
                await asyncio.sleep(GATHER)

    async def _nobody(self) -> bool:
        """Whether nobody subscribes; then what had happened by the last look is let go unread."""
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            if await lines.anyone(conn):
                await self._take(conn, await lines.wishes(conn))
                return not self._book.wishes
            await tail.skip(conn, self._quiet)
            self._quiet = await tail.top(conn)
            return True

    async def _look(self) -> None:
        """Take over what was asked at the doors: a test, a replay, a new key."""
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            rows = [row for row in await lines.touched(conn, self._touched - OVERLAP) if row["subscription"] in self._book.wishes]
            if rows:
                self._touched = max(row["touched"] for row in rows)
                await self._take(conn, [self._book.wishes[row["subscription"]] for row in rows])

    async def _round(self) -> int:
        """Read a part of what happened and number it; how much it was."""
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
            found, behind = await tail.read(conn, before := await tail.held(conn), MOST)
            if behind == before:
                return 0
            if changed := {one.record_id for one in found if one.record == SUBSCRIPTION}:
                await self._take(conn, await lines.wishes(conn, list(changed)))
            wanted = [one for one in found if one.record != SUBSCRIPTION and self._book.wants(one.record)]
            stated = await content.stated(conn, (one.mark for one in wanted)) if wanted else {}
            fitting = [(wish, one) for one in wanted if one.mark in stated for wish in self._book.match(one, stated[one.mark])]
            made = await tail.number(conn, [(wish.line, one) for wish, one in fitting])
            bodies = await self._bodies(conn, {wish.line: wish for wish, _ in fitting}, made, stated)
            await tail.move(conn, behind)
            if made:
                await tail.tell(conn)
        self._courier.more(made, bodies, {one.event: one.trace for one in wanted if one.trace})
        return len(found)

    async def _bodies(
        self, conn: Connection, wishes: Mapping[int, Wish], made: Sequence[Message], stated: Mapping[Mark, Stated]
    ) -> dict[int, dict[int, dict[str, Any]]]:
        """What goes out at once, while its content is at hand: by line and number."""
        prompt = {line for line in wishes if self._courier.prompt(line)}
        bodies: dict[int, dict[int, dict[str, Any]]] = {line: {} for line in prompt}
        ready = [one for one in made if one.line in prompt]
        for (line, seq), body in (await told(conn, wishes, ready, stated) if ready else {}).items():
            bodies[line][seq] = body
        return bodies


async def _beat(conn: Connection) -> None:
    while True:
        await asyncio.sleep(BEAT)
        await conn.execute("select 1")


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
