"""Keeping what the meters of all processes say: windows of a few seconds for three hours, and each process's totals since its start.

The tables are not logged by PostgreSQL: they cost no writing ahead, and a crash of the database empties them. A window that cannot
be written is told with the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from datetime import datetime, timedelta

import asyncpg

from kouan.kernel import clock
from kouan.kernel.database import GONE, Connection, Pool
from kouan.kernel.meters import METERS

EVERY = 5.0
"""Seconds of a window."""
KEPT = timedelta(hours=3)
SWEEP = 60
"""Windows after which a process looks for old ones."""
DDL: tuple[str, ...] = (
    """create unlogged table if not exists meter_window (
        id bigint generated always as identity primary key, at timestamptz not null, seconds double precision not null,
        process text not null, pid int not null, doc jsonb not null)""",
    "create index if not exists meter_window_at on meter_window (at)",
    """create unlogged table if not exists meter_total (
        process text not null, pid int not null, began timestamptz not null, at timestamptz not null, doc jsonb not null,
        primary key (process, pid))""",
    "grant select, insert, update, delete on meter_window, meter_total to kouan_app",
)
_WINDOW = "insert into meter_window (at, seconds, process, pid, doc) values ($1, $2, $3, $4, $5)"
_TOTAL = """insert into meter_total (process, pid, began, at, doc) values ($1, $2, $3, $4, $5)
    on conflict (process, pid) do update set began = excluded.began, at = excluded.at, doc = excluded.doc"""
_FORGET = ("delete from meter_window where at < $1", "delete from meter_total where at < $1")


def process_name() -> str:
    """What this process is, by the word after `kouan`."""
    return sys.argv[1][:20] if len(sys.argv) > 1 and sys.argv[1].isalpha() else "kouan"


class Keeper:
    """Writes this process's windows and totals."""

    def __init__(self, name: str = "") -> None:
        self._name, self._began, self._turn = name or process_name(), clock.now(), 0
        self._last = time.monotonic()

    async def keep(self, conn: Connection) -> None:
        """Write what happened since the last window; what is old is swept now and then."""
        at, now = clock.now(), time.monotonic()
        fresh = METERS.take()
        try:
            if fresh.of or fresh.counts:
                await conn.execute(_WINDOW, at, now - self._last, self._name, os.getpid(), fresh.out())
            await conn.execute(_TOTAL, self._name, os.getpid(), self._began, at, METERS.total.out())
        except BaseException:
            METERS.give_back(fresh)
            raise
        self._last, self._turn = now, self._turn + 1
        if self._turn % SWEEP == 1:
            await self._sweep(conn, at)

    async def _sweep(self, conn: Connection, at: datetime) -> None:
        for statement in _FORGET:
            await conn.execute(statement, at - KEPT)

    async def run(self, pool: Pool) -> None:
        """Keep until cancelled; a database that is away only delays."""
        while True:
            await asyncio.sleep(EVERY)
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                async with pool.acquire() as conn:
                    await self.keep(conn)
