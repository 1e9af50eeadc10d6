"""When a party's system or the platform itself was away: intervals without any content, kept for good (public)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.ids import uuid7

PLATFORM = "platform"
_BEGIN = """insert into outage (id, connector, org, began) select $1, $2, $3, now()
    where not exists (select 1 from outage where connector = $2 and org = $3 and ended is null)"""
_END = "update outage set ended = now() where connector = $1 and org = $2 and ended is null"
_SINCE = """select connector, org, began, ended from outage where ended is null or ended > $1
    order by began desc limit 500"""
_BEAT = """insert into exchange_beat (part, at) values ($1, now())
    on conflict (part) do update set at = now() returning (select at from exchange_beat where part = $1) as before, at"""


async def begin(conn: Connection, connector: str, org: int) -> None:
    """A party's system is away from now on; nothing new when that is known."""
    await conn.execute(_BEGIN, uuid7(), connector, org)


async def end(conn: Connection, connector: str, org: int) -> None:
    """A party's system is back, or nobody asks for it any more."""
    await conn.execute(_END, connector, org)


async def since(conn: Connection, moment: datetime) -> Sequence[asyncpg.Record]:
    """Outages that reach behind a moment, newest first."""
    return await conn.fetch(_SINCE, moment)


async def beat(conn: Connection, gap: timedelta) -> None:
    """A sign of life of the platform; a silence longer than `gap` before it was an outage of the platform."""
    row = await conn.fetchrow(_BEAT, PLATFORM)
    if row and row["before"] is not None and row["at"] - row["before"] > gap:
        sql = "insert into outage (id, connector, org, began, ended) values ($1, $2, 0, $3, $4)"
        await conn.execute(sql, uuid7(), PLATFORM, row["before"], row["at"])


async def beats(conn: Connection) -> tuple[datetime, datetime] | None:
    """The first and the last sign of life; None where none was given yet."""
    row = await conn.fetchrow("select since, at from exchange_beat where part = $1", PLATFORM)
    return (row["since"], row["at"]) if row else None


async def present(conn: Connection) -> datetime:
    """Now by the clock that all outages are measured with, the database's."""
    found: datetime = await conn.fetchval("select now()")
    return found


async def first_known(conn: Connection) -> dict[tuple[str, int], datetime]:
    """Since when each party's system is known."""
    rows = await conn.fetch("select connector, org, set_at from connector_address")
    return {(row["connector"], row["org"]): row["set_at"] for row in rows}
