"""The epoch of identity, read once for all calls that wait for it."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg

from kouan.base.identity import errors
from kouan.base.identity.store import organisations
from kouan.kernel.database import Pool

TIMEOUT = 2.0
Value = tuple[int, int]


class Epoch:
    """Answers each call with an epoch that was read after the call came.

    Calls that come while a read is under way share the next one: a change committed before a call came is therefore
    always seen by it, and a thousand calls at once cost two reads. One connection of the pool is kept for it.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._conn: asyncpg.pool.PoolConnectionProxy[asyncpg.Record] | None = None
        self._running: asyncio.Task[Value] | None = None
        self._next: asyncio.Task[Value] | None = None

    async def read(self) -> Value:
        """The two counters (all changes, changes of organisations) as of now or later; Unavailable without them."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running), name="identity-epoch")
        return await asyncio.shield(self._next)

    async def close(self) -> None:
        """Give the connection back, once nobody waits for an answer on it."""
        reads = [task for task in (self._running, self._next) if task is not None]
        if reads:
            await asyncio.wait(reads)
        await self._drop()

    async def _after(self, former: asyncio.Task[Value] | None) -> Value:
        if former is not None:
            await asyncio.wait([former])
        self._running, self._next = self._next, None  # who comes from here on needs a later read
        return await self._ask()

    async def _ask(self) -> Value:
        for again in (True, False):
            try:
                if self._conn is None:
                    self._conn = await self._pool.acquire(timeout=TIMEOUT)
                return await organisations.epoch(self._conn, TIMEOUT)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._drop()
                if not again:
                    raise errors.no_database() from None
        raise AssertionError("the second try returns or raises")

    async def _drop(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            await _release(self._pool, conn)


async def _release(pool: Pool, conn: Any) -> None:
    try:
        await pool.release(conn, timeout=TIMEOUT)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        conn.terminate()
