"""How a process reaches PostgreSQL: as one of three roles, over the platform's own socket or by URL.

`kouan_owner` migrates and nothing else; `kouan_app` serves and works under row-level security; `kouan_signer` leads
the ledger. Each transaction says for whom it reads by `scope`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import orjson

from kouan.kernel import courtesy
from kouan.kernel.meters import measured, waiting
from kouan.kernel.settings import Settings

# asyncpg raises InternalClientError when the server dies between two messages of one operation.
GONE = (
    OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.TooManyConnectionsError,
    TimeoutError,
)  # fmt: skip
"""What it means that the database is away: try again later; nothing is known to be lost."""
DATABASE = "database"
ASKED = 10.0
"""Seconds between two questions whether a connection on which nothing is said still stands."""
APP, OWNER, SIGNER = "kouan_app", "kouan_owner", "kouan_signer"
if TYPE_CHECKING:
    _Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:
    _Connection = asyncpg.Connection
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool


def options(settings: Settings, role: str) -> dict[str, Any]:
    """Arguments for asyncpg to connect as a role.

    Plans are made for each call's own reader set (`plan_cache_mode`): a plan cached under one organisation must not be
    reused under another.
    """
    server = {
        "application_name": f"kouan-{role}",
        "plan_cache_mode": "force_custom_plan",
        "timezone": "UTC",
        "jit": "off",
    }
    if settings.database_url:
        return {"dsn": settings.database_url, "server_settings": {**server, "role": role}}
    return {"host": settings.database_socket, "user": role, "database": "kouan", "server_settings": server}


def _encode(value: Any) -> bytes:
    return b"\x01" + (value if isinstance(value, bytes) else orjson.dumps(value))


def _decode(value: bytes) -> Any:
    return orjson.loads(value[1:])


async def connect(settings: Settings, role: str) -> asyncpg.Connection[asyncpg.Record]:
    """One connection as a role; jsonb goes in and out as Python values."""
    conn: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(**options(settings, role))
    await _codec(conn)
    return conn


async def _codec(conn: asyncpg.Connection[asyncpg.Record]) -> None:
    await conn.set_type_codec("jsonb", encoder=_encode, decoder=_decode, schema="pg_catalog", format="binary")


class _Pooled(_Connection):
    """A connection that is given back as it is: whatever is set is set for a transaction, who listens stops itself."""

    _opening = ""

    def open_with(self, settings: str) -> None:
        """Send these settings together with the next BEGIN: one way to the server and back instead of two."""
        self._opening = settings

    def get_reset_query(self) -> str:
        """Nothing to be undone."""
        return ""

    async def execute(self, query: str, *args: Any, **how: Any) -> str:
        """Measured."""
        if self._opening and query.startswith("BEGIN"):
            query, self._opening = query + self._opening, ""
        async with measured(DATABASE):
            return await super().execute(query, *args, **how)

    async def executemany(self, command: str, args: Any, **how: Any) -> None:
        """Measured."""
        async with measured(DATABASE):
            await super().executemany(command, args, **how)

    async def fetch(self, query: str, *args: Any, **how: Any) -> list[Any]:
        """Measured."""
        async with measured(DATABASE):
            found: list[Any] = await super().fetch(query, *args, **how)
            return found

    async def fetchval(self, query: str, *args: Any, **how: Any) -> Any:
        """Measured."""
        async with measured(DATABASE):
            return await super().fetchval(query, *args, **how)

    async def fetchrow(self, query: str, *args: Any, **how: Any) -> Any:
        """Measured."""
        async with measured(DATABASE):
            return await super().fetchrow(query, *args, **how)


async def pool(settings: Settings, role: str, size: int = 8) -> Pool:
    """A pool of connections as a role."""

    async def begin(conn: asyncpg.Connection[asyncpg.Record]) -> None:
        await _codec(conn)
        if not settings.database_url:  # the carried server, on this machine
            with suppress(OSError):
                courtesy.follow(conn.get_server_pid())

    made: Pool = await asyncpg.create_pool(
        min_size=1, max_size=size, init=begin, connection_class=_Pooled, **options(settings, role)
    )
    return made


@asynccontextmanager
async def scope(source: Pool, orgs: Iterable[int], *, clearance: int = 2, again: bool = False) -> AsyncIterator[Connection]:
    """A transaction that reads and writes for some organisations only (row-level security); `again`: see `set_scope`.

    An empty set of organisations sees no row.
    """
    conn = await waiting("pool", DATABASE, source.acquire())
    opener = getattr(conn, "open_with", None)  # a pool that was made elsewhere has none
    try:
        if opener is not None:
            opener(_opening(orgs, clearance, again=again))
        async with conn.transaction():
            if opener is None:
                await set_scope(conn, orgs, clearance=clearance, again=again)
            yield conn
    finally:
        if opener is not None:
            opener("")
        await source.release(conn)


def _opening(orgs: Iterable[int], clearance: int, *, again: bool) -> str:
    plans, scans = _PLANS[again]
    # Numbers and words of our own only: nothing that anybody else said stands in it.
    return (f" set local app.orgs = '{_joined(orgs)}'; set local app.clearance = '{int(clearance)}';"
            f" set local plan_cache_mode = {plans}; set local enable_seqscan = {scans};")  # fmt: skip


def _joined(orgs: Iterable[int]) -> str:
    return ",".join(str(int(org)) for org in orgs)


_PLANS = {False: ("force_custom_plan", "on"), True: ("auto", "off")}
_SCOPE = """select set_config('app.orgs', $1, true), set_config('app.clearance', $2, true),
    set_config('plan_cache_mode', $3, true), set_config('enable_seqscan', $4, true)"""


async def set_scope(conn: Connection, orgs: Iterable[int], *, clearance: int = 2, again: bool = False) -> None:
    """Say for whom the running transaction reads and writes.

    `again`: its statements are sent again and again for the same organisations, so that their plans may be kept (a filing
    costs PostgreSQL a seventh less). They find rows by an index: a plan that was kept when a table was all but empty would go through
    the whole of it until it is analysed.
    """
    await conn.execute(_SCOPE, _joined(orgs), str(clearance), *_PLANS[again])


async def hear(source: Pool, channel: str, heard: Callable[[], None]) -> None:
    """Call `heard` when it begins to listen, and at every notification on a channel until cancelled; raises when the connection is lost.

    A connection that ends says so at once. One that goes silent without an end, as over a broken network, is found out by asking.
    """
    lost = asyncio.Event()

    def told(*_: object) -> None:
        heard()

    def ended(_: object) -> None:
        lost.set()

    async with source.acquire() as conn:
        await conn.add_listener(channel, told)
        conn.add_termination_listener(ended)
        heard()
        try:
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), ASKED)
                await conn.execute("select 1", timeout=ASKED)
        finally:
            conn.remove_termination_listener(ended)
            if not conn.is_closed():
                await conn.remove_listener(channel, told)
