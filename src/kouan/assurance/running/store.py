"""The windows and totals of all processes' meters as they are kept, and the picture that the lookout made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import asyncpg

from kouan.kernel.database import Connection, Pool

DDL: tuple[str, ...] = (
    """create unlogged table if not exists running_picture (
        one boolean primary key check (one), at timestamptz not null, doc jsonb not null)""",
    "grant select, insert, update, delete on running_picture to kouan_app",
)
BEHIND = 40
"""Numbers of windows commit out of order: so many before the last one are looked at again."""
_FRESH = "select id, at, seconds, process, pid, doc from meter_window where id > $1 and at >= $2 order by id limit $3"
_KEEP = """insert into running_picture (one, at, doc) values (true, $1, $2)
    on conflict (one) do update set at = excluded.at, doc = excluded.doc"""


async def fresh(conn: Connection, after: int, since: datetime, most: int) -> list[asyncpg.Record]:
    """Windows behind a number, as far as they began after a moment."""
    return list(await conn.fetch(_FRESH, max(after - BEHIND, 0), since, most))


async def keep(conn: Connection, at: datetime, doc: Mapping[str, Any]) -> None:
    """Keep the picture."""
    await conn.execute(_KEEP, at, doc)


async def picture(pool: Pool) -> asyncpg.Record | None:
    """The last picture."""
    return await pool.fetchrow("select at, doc from running_picture")


async def totals(pool: Pool, since: datetime) -> list[asyncpg.Record]:
    """What each process counted since its start, of those that told it after a moment."""
    return list(await pool.fetch("select process, pid, began, at, doc from meter_total where at >= $1 order by process, pid", since))
