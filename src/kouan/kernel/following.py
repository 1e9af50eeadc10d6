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
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from kouan.kernel.database import GONE, scope
from kouan.kernel.handlers import Follower, Told
from kouan.kernel.ids import uuid7
from kouan.kernel.principal import PLATFORM
from kouan.kernel.words import every

if TYPE_CHECKING:
    import asyncpg

    from kouan.kernel.port import Port
    from kouan.kernel.room import Room

log = logging.getLogger(__name__)
BATCH = 2000
EVERY, AT_REST, LEASE = 0.5, 3.0, 10
"""Seconds between two looks, between two while nothing happens, and for how long a follower is one worker's own."""
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
_MOVE = f"""update follower set tx = $3::text::xid8, seq = $4, lease_until = now() + interval '{LEASE} s'
    where code = $1 and holder = $2 returning 1"""
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
        told = loop.time()
        while not stop.is_set():
            more = False
            if self._room is None or not self._room.scarce():
                for line in self._lines:
                    try:
                        more = await self._step(line) or more
                    except GONE as gone:
                        log.debug("%s waits: %s", line.of.code, type(gone).__name__)
                    except Exception:
                        log.exception("follower %s waits", line.of.code)
            if not more:
                still = loop.time() - told > self._settles
                told = loop.time() if await _either(stop, ear.pause(EVERY, AT_REST if still else EVERY)) else told
        with contextlib.suppress(*GONE):
            await self._port.pool.execute(_LEAVE, self._me)

    async def all(self) -> None:
        """Hand over whatever is committed now, settled or not."""
        for line in self._lines:
            while await self._step(line, settled=True):
                pass

    async def _step(self, line: Line, *, settled: bool = False) -> bool:
        """Hand over what is settled; whether there may be more at once."""
        now = asyncio.get_running_loop().time()
        if not await self._holds(line, now) or line.place is None:
            return False
        seen = str(await self._port.pool.fetchval(_HORIZON))
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
            await self._move(line, now)
        return full

    async def _read(self, line: Line, horizon: str) -> list[asyncpg.Record]:
        assert line.place is not None
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            return list(await conn.fetch(_NEXT, *line.place, horizon, line.topics, self._batch))

    async def _holds(self, line: Line, now: float) -> bool:
        """Whether this process is the one that hands over to a follower."""
        if line.place is not None:
            return now < line.renew or await self._move(line, now)
        async with self._port.pool.acquire() as conn:
            await conn.execute(_ENROL, line.of.code, line.of.past)
            row = await conn.fetchrow(_HOLD, line.of.code, self._me)
        if row is not None:
            line.place, line.renew = (row["tx"], row["seq"]), now + LEASE / 3
        return row is not None

    async def _move(self, line: Line, now: float) -> bool:
        assert line.place is not None
        async with self._port.pool.acquire() as conn:
            mine = bool(await conn.fetchval(_MOVE, line.of.code, self._me, *line.place))
        line.renew = now + LEASE / 3
        if not mine:
            line.place = None
            line.horizons.clear()
        return mine

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


async def _either(stop: asyncio.Event, pause: Coroutine[Any, Any, bool]) -> bool:
    """Wait for the end of a pause, or to be told to stop; whether something was told of in the pause."""
    pausing, stopping = asyncio.create_task(pause), asyncio.create_task(stop.wait())
    await asyncio.wait((pausing, stopping), return_when=asyncio.FIRST_COMPLETED)
    told = pausing.done() and pausing.result()
    pausing.cancel()
    stopping.cancel()
    return told
