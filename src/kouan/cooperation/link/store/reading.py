"""Own key, events with their moment, agreements by partner; in the connection's scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

DDL: tuple[str, ...] = (
    """create table if not exists link_key (
        one boolean primary key default true check (one), wrapped bytea not null, since timestamptz not null default now())""",
    "grant select, insert on link_key to kouan_app",
)
_EVENTS = """select id, topic, record, record_id, ref, version, at, org from event
    where record_id = any($1) and id = any($2) order by seq"""


async def key(conn: Connection) -> bytes | None:
    """The platform's wrapped link key."""
    found: bytes | None = await conn.fetchval("select wrapped from link_key")
    return found


async def keep_key(conn: Connection, wrapped: bytes) -> None:
    """Keep a first link key; another process's, made at the same moment, stands."""
    await conn.execute("insert into link_key (wrapped) values ($1) on conflict do nothing", wrapped)


async def events(conn: Connection, records: Collection[UUID], named: Collection[UUID]) -> Sequence[asyncpg.Record]:
    """Some events of some records, in their order."""
    return await conn.fetch(_EVENTS, list(records), list(named))
