"""Searches that an erasure began: what is looked for (sealed under the port's key until it ends), and how far they came."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

DDL: tuple[str, ...] = (
    """create table if not exists erasure_search (
        id uuid primary key, wrapped bytea not null, place text not null, after text not null default '',
        counts jsonb not null default '{}', at timestamptz not null default now())""",
    "grant select, insert, update, delete on erasure_search to kouan_app",
)


async def begin(conn: Connection, search: UUID, wrapped: bytes, place: str) -> None:
    """Put a search down, at the beginning of its first place."""
    await conn.execute("insert into erasure_search (id, wrapped, place) values ($1, $2, $3)", search, wrapped, place)


async def claim(conn: Connection, search: UUID) -> asyncpg.Record | None:
    """A search, locked; None when it has ended. Waits while another process takes a step of it."""
    return await conn.fetchrow("select wrapped, place, after, counts from erasure_search where id = $1 for update", search)


async def go_on(conn: Connection, search: UUID, place: str, after: str, counts: dict[str, Any]) -> None:
    """Put down how far a search came."""
    await conn.execute("update erasure_search set place = $2, after = $3, counts = $4 where id = $1", search, place, after, counts)


async def end(conn: Connection, search: UUID) -> None:
    """A search has ended; what it looked for is forgotten."""
    await conn.execute("delete from erasure_search where id = $1", search)


async def left(conn: Connection, most: int) -> list[UUID]:
    """Searches that have not ended, the oldest first."""
    return [row["id"] for row in await conn.fetch("select id from erasure_search order by at limit $1", most)]
