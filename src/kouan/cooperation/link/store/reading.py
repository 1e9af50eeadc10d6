"""Own keys, events with their moment, when partners were heard and answered; in the connection's scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

DDL: tuple[str, ...] = (
    """create table if not exists link_key (
        one boolean primary key default true check (one), wrapped bytea not null, since timestamptz not null default now())""",
    "alter table link_key add column if not exists next bytea",
    "alter table link_key add column if not exists next_since timestamptz",
    "grant select, insert, update on link_key to kouan_app",
    """create table if not exists link_heard (
        partner int primary key, heard timestamptz, stamp bigint not null default 0, spoke timestamptz, answered timestamptz,
        error text)""",
    "grant select, insert, update on link_heard to kouan_app",
)
_HEARD = """insert into link_heard (partner, heard, stamp) values ($1, now(), $2)
    on conflict (partner) do update set heard = now(), stamp = excluded.stamp where link_heard.stamp < excluded.stamp"""
_SPOKE = """insert into link_heard as h (partner, spoke, answered, error)
    values ($1, now(), case when $2 = '' then now() end, nullif($2, ''))
    on conflict (partner) do update set spoke = now(), answered = coalesce(excluded.answered, h.answered), error = excluded.error"""
_EVENTS = """select id, topic, record, record_id, ref, version, at, org from event
    where record_id = any($1) and id = any($2) order by seq"""

_LIFE = "select substring(topic from '[^:.]+$') as what, min(at) as at from event where record_id = $1 group by 1"


async def ring(conn: Connection) -> asyncpg.Record | None:
    """The platform's wrapped link key, the one that is to follow it, and since when that is announced."""
    return await conn.fetchrow("select wrapped, next, next_since from link_key")


async def keep_next(conn: Connection, wrapped: bytes) -> None:
    """Keep the key that is to follow; one that is announced already stands."""
    await conn.execute("update link_key set next = $1, next_since = now() where next is null", wrapped)


async def promote(conn: Connection, wrapped: bytes) -> None:
    """The key that was announced is the platform's key from now on, and the former is forgotten; `wrapped`: the announced one."""
    await conn.execute("update link_key set wrapped = next, next = null, next_since = null, since = now() where next = $1", wrapped)


async def heard(conn: Connection, partner: int, stamp: int) -> None:
    """Note that a partner was heard; a signature of a second that was heard before is no news, nor is a copy of it."""
    await conn.execute(_HEARD, partner, stamp)


async def spoke(conn: Connection, partner: int, error: str) -> None:
    """Note that a partner was spoken to, and what was wrong when it did not answer."""
    await conn.execute(_SPOKE, partner, error[:300])


async def hearings(conn: Connection) -> dict[int, asyncpg.Record]:
    """When each partner was heard and spoken to, and when it answered."""
    rows = await conn.fetch("select partner, heard, spoke, answered, error from link_heard")
    return {row["partner"]: row for row in rows}


async def present(conn: Connection) -> datetime:
    """Now by the database's clock, by which all of these are measured."""
    found: datetime = await conn.fetchval("select now()")
    return found


async def keep_key(conn: Connection, wrapped: bytes) -> None:
    """Keep a first link key; another process's, made at the same moment, stands."""
    await conn.execute("insert into link_key (wrapped) values ($1) on conflict do nothing", wrapped)


async def events(conn: Connection, records: Collection[UUID], named: Collection[UUID]) -> Sequence[asyncpg.Record]:
    """Some events of some records, in their order."""
    return await conn.fetch(_EVENTS, list(records), list(named))


async def life(conn: Connection, record: UUID) -> dict[str, datetime]:
    """When each thing that can happen to a record first happened to it, by the name of the action."""
    return {row["what"]: row["at"] for row in await conn.fetch(_LIFE, record)}
