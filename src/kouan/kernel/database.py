"""How a process reaches PostgreSQL: as one of three roles, over the platform's own socket or by URL.

`kouan_owner` migrates and nothing else; `kouan_app` serves and works under row-level security; `kouan_signer` leads
the ledger. Each transaction says for whom it reads by `scope`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import orjson

from kouan.kernel.settings import Settings

# asyncpg raises InternalClientError when the server dies between two messages of one operation.
GONE = (
    OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.TooManyConnectionsError,
    TimeoutError,
)  # fmt: skip
"""What it means that the database is away: try again later; nothing is known to be lost."""
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

    def get_reset_query(self) -> str:
        """Nothing to be undone."""
        return ""


async def pool(settings: Settings, role: str, size: int = 8) -> Pool:
    """A pool of connections as a role."""
    made: Pool = await asyncpg.create_pool(
        min_size=1, max_size=size, init=_codec, connection_class=_Pooled, **options(settings, role)
    )
    return made


@asynccontextmanager
async def scope(source: Pool, orgs: Iterable[int], *, clearance: int = 2) -> AsyncIterator[Connection]:
    """A transaction that reads and writes for some organisations only (row-level security).

    An empty set of organisations sees no row.
    """
    async with source.acquire() as conn, conn.transaction():
        await set_scope(conn, orgs, clearance=clearance)
        yield conn


async def set_scope(conn: Connection, orgs: Iterable[int], *, clearance: int = 2) -> None:
    """Say for whom the running transaction reads and writes."""
    joined = ",".join(str(int(org)) for org in orgs)
    await conn.execute(
        "select set_config('app.orgs', $1, true), set_config('app.clearance', $2, true)",
        joined,
        str(clearance),
    )


async def hear(source: Pool, channel: str, heard: Callable[[], None]) -> None:
    """Call `heard` at every notification on a channel until cancelled; raises when the connection is lost."""

    def told(*_: object) -> None:
        heard()

    async with source.acquire() as conn:
        await conn.add_listener(channel, told)
        try:
            while True:
                await asyncio.sleep(2)
                await conn.execute("select 1")
        finally:
            if not conn.is_closed():
                await conn.remove_listener(channel, told)
