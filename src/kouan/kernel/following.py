"""Following: the events are read in the order of their commitment, in batches, and handed to each Follower.

The place up to which a follower has read moves on after it has reacted; so what was told when a process dies is told again. Events
of a transaction that is still open may bear lower numbers than others that are committed already: reading stops at the
oldest open transaction (PostgreSQL, `pg_snapshot_xmin`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kouan.kernel.database import GONE, scope
from kouan.kernel.handlers import Follower, Told
from kouan.kernel.ids import uuid7
from kouan.kernel.principal import PLATFORM
from kouan.kernel.waking import either, wake
from kouan.kernel.words import every

if TYPE_CHECKING:
    import asyncpg

    from kouan.kernel.port import Port
    from kouan.kernel.room import Room

log = logging.getLogger(__name__)
BATCH = 2000
EVERY, AT_REST, LEASE = 0.5, 3.0, 10
"""Seconds between two looks, between two while nothing happens, and for how long a follower is one worker's own."""
UNTOLD = 15.0
"""Seconds after which it is read what happened although nothing was told of: until then whoever is told is believed."""
STILL = 2.0
"""Nothing happens when nothing was told of for so many seconds beyond the time in which what happened settles."""
_HORIZON = "select pg_snapshot_xmin(pg_current_snapshot())::text"
_ENROL = """insert into follower (code, tx, seq)
    values ($1, case when $2 then '0'::xid8 else pg_snapshot_xmin(pg_current_snapshot()) end, 0) on conflict do nothing"""
_HOLD = f"""update follower set holder = $2, lease_until = now() + interval '{LEASE} s'
    where code = $1 and (holder = $2 or lease_until is null or lease_until < now()) returning tx::text as tx, seq"""
_NEXT = """select tx::text as tx, seq, topic, record, record_id::text as record_id, id::text as event, version
    from event
    where (tx, seq) > ($1::text::xid8, $2) and tx < $3::text::xid8 and topic = any($4) order by tx, seq limit $5"""
_MOVE = f"""update follower f set tx = m.tx::xid8, seq = m.seq, lease_until = now() + interval '{LEASE} s'
    from unnest($2::text[], $3::text[], $4::bigint[]) m(code, tx, seq) where f.code = m.code and f.holder = $1 returning f.code"""
_LEAVE = "update follower set lease_until = null where holder = $1"
_LATER = "insert into task (handler, record_id, payload, run_at) values ($1, $2, $3, now())"


@dataclass(slots=True)
class Line:
    """One follower in this process. `place`: up to where it has read, while this process holds it; `renew`: when it says so anew;
    `horizons`: up to where all was committed, and when that was seen."""

    of: type[Follower]
    topics: tuple[str, ...]
    place: tuple[str, int] | None = None
    renew: float = 0.0
    horizons: deque[tuple[float, str]] = field(default_factory=deque)

    def settled(self, seen: str, now: float) -> str:
        """The newest horizon that was seen long enough ago; empty when there is none."""
        self.horizons.append((now, seen))
        old, found = now - self.of.settle.total_seconds(), ""
        while self.horizons and self.horizons[0][0] <= old:
            found = self.horizons.popleft()[1]
        return found


class Following:
    """The followers of a process; of several processes one holds each follower."""

    def __init__(self, port: Port, *, batch: int = BATCH, room: Room | None = None) -> None:
        self._port, self._batch, self._room = port, batch, room
        self._me = uuid7()
        self._lines = [Line(one, one.topics()) for one in every(Follower)]
        self._settles = STILL + max((one.settle.total_seconds() for one in every(Follower)), default=0.0)

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until told to stop; a database that is away, or out of room, only delays."""
        ear, loop = self._port.ear(), asyncio.get_running_loop()
        told = looked = loop.time()
        while not stop.is_set():
            more, now = False, loop.time()
            still = now - told > self._settles
            if self._room is None or not self._room.scarce():
                # Where nothing was told of there is nothing to read: followers are only held on to.
                if look := not still or now - looked >= UNTOLD:
                    looked = now
                more = await self._round(now, look=look)
            if not more and await either(stop, ear.pause(EVERY, AT_REST if still else EVERY)):
                told = loop.time()
        with contextlib.suppress(*GONE):
            await self._port.pool.execute(_LEAVE, self._me)

    async def _round(self, now: float, *, look: bool) -> bool:
        """Hold on to the followers, and let them follow if wanted; whether there may be more at once."""
        more = False
        try:
            await self._renew(now)
            held = [line for line in self._lines if await self._holds(line, now)]
            seen = await self._horizon() if held and look else ""
        except GONE as gone:
            log.debug("followers wait: %s", type(gone).__name__)
            return False
        except Exception:
            log.exception("followers wait")
            return False
        for line in held if look else ():
            try:
                more = await self._step(line, seen) or more
            except GONE as gone:
                log.debug("%s waits: %s", line.of.code, type(gone).__name__)
            except Exception:
                log.exception("follower %s waits", line.of.code)
        return more

    async def all(self) -> None:
        """Hand over whatever is committed now, settled or not."""
        for line in self._lines:
            more = True
            while more:
                now = asyncio.get_running_loop().time()
                await self._renew(now)
                more = await self._holds(line, now) and await self._step(line, await self._horizon(), settled=True)
        # Also where nothing was handed over: whoever follows next begins behind it.
        await self._move([line for line in self._lines if line.place is not None], asyncio.get_running_loop().time())

    async def _horizon(self) -> str:
        """Up to which transaction all is committed; asked after a follower's place is known, which is never behind it then."""
        return str(await self._port.pool.fetchval(_HORIZON))

    async def _step(self, line: Line, seen: str, *, settled: bool = False) -> bool:
        """Hand over what is settled; whether there may be more at once."""
        now = asyncio.get_running_loop().time()
        if line.place is None:
            return False
        if int(line.place[0]) > int(seen):
            # No transaction of this server was ever there: the rows came here from another, whose numbers mean nothing here.
            line.place = "0", 0
        horizon = seen if settled else line.settled(seen, now)
        rows = await self._read(line, horizon) if horizon and await line.of().heeds(self._port) else []
        if rows:
            await self._hand(line.of, [Told(*row[2:]) for row in rows])
        full = len(rows) == self._batch
        if full:
            line.place = rows[-1]["tx"], rows[-1]["seq"]
        elif horizon and int(horizon) > int(line.place[0]):
            line.place = horizon, 0
        if rows:
            await self._move([line], now)
        return full

    async def _read(self, line: Line, horizon: str) -> list[asyncpg.Record]:
        assert line.place is not None
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            return list(await conn.fetch(_NEXT, *line.place, horizon, line.topics, self._batch))

    async def _holds(self, line: Line, now: float) -> bool:
        """Whether this process is the one that hands over to a follower; it takes one that nobody holds."""
        if line.place is not None:
            return True
        async with self._port.pool.acquire() as conn:
            await conn.execute(_ENROL, line.of.code, line.of.past)
            row = await conn.fetchrow(_HOLD, line.of.code, self._me)
        if row is not None:
            line.place, line.renew = (row["tx"], row["seq"]), now + LEASE / 3
        return row is not None

    async def _renew(self, now: float) -> None:
        """Say anew of all that are held, once it is time for one of them, that they are held, and where they stand."""
        held = [line for line in self._lines if line.place is not None]
        if any(now >= line.renew for line in held):
            await self._move(held, now)

    async def _move(self, lines: Sequence[Line], now: float) -> None:
        """Keep the places of followers; one that is another's by now is let go."""
        places = [(line.of.code, *line.place) for line in lines if line.place is not None]
        if not places:
            return
        async with self._port.pool.acquire() as conn:
            rows = await conn.fetch(_MOVE, self._me, *(list(column) for column in zip(*places, strict=True)))
        mine = {row["code"] for row in rows}
        for line in lines:
            line.renew = now + LEASE / 3
            if line.of.code not in mine:
                line.place = None
                line.horizons.clear()

    async def _hand(self, of: type[Follower], told: Sequence[Told]) -> None:
        try:
            await of().follow(told, self._port)
        except GONE:
            raise
        except Exception as fault:  # noqa: BLE001 - whose fault it was is found out one by one
            log.warning("%s follows one by one: %s", of.code, fault)
            await self._singly(of, told)

    async def _singly(self, of: type[Follower], told: Iterable[Told]) -> None:
        failed: list[tuple[Any, ...]] = []
        for one in told:
            try:
                await of().follow([one], self._port)
            except GONE:
                raise
            except Exception:
                log.exception("%s cannot follow %s %s", of.code, one.topic, one.record_id)
                failed.append((of.code, UUID(one.record_id), asdict(one)))
        if failed:
            async with self._port.pool.acquire() as conn:
                await conn.executemany(_LATER, failed)
            await wake(self._port.pool)

