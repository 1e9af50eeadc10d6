"""Versions of records as parties are told them, who filed the first, and what was noted when they came about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection

# A version that only moved its record states nothing itself: the last one before it that does stands for it.
_VERSIONS = """select v.record_id, v.version, s.doc, s.sealed, v.parties, v.readers, v.state
    from unnest($1::uuid[], $2::int[]) w(record_id, version)
    join version v on v.record_id = w.record_id and v.version = w.version
    cross join lateral (select doc, sealed from version s where s.record_id = w.record_id and s.version <= w.version
      and s.doc is not null order by s.version desc limit 1) s"""
_EVENTS = """select id, topic, record, record_id, ref, version, org from event
    where record_id = any($1) and (id = any($2) or topic = any($3)) order by seq"""
_NOTES = "select id, data ->> 'note' as note from event where record_id = any($1) and id = any($2) and data ->> 'note' <> ''"
_FILERS = "select record_id, org from version where record_id = any($1) and version = 1"
_TOLD = """select distinct on (record_id, org) record_id, org, created, delivered_at, attempts, last_error
    from delivery where record_id = any($1) and version = 1 order by record_id, org, delivered_at nulls last"""


async def several(conn: Connection, records: Sequence[UUID], versions: Sequence[int]) -> Sequence[asyncpg.Record]:
    """Versions of records, side by side, in the connection's scope."""
    return await conn.fetch(_VERSIONS, list(records), list(versions))


async def filers(conn: Connection, records: Sequence[UUID]) -> dict[UUID, int]:
    """Who filed the first version of some records."""
    if not records:
        return {}
    return {row["record_id"]: row["org"] for row in await conn.fetch(_FILERS, list(records))}


async def events(
    conn: Connection, records: Collection[UUID], named: Collection[UUID], topics: Collection[str]
) -> Sequence[asyncpg.Record]:
    """Events of records: those that are named, and all of some topics; in their order."""
    return await conn.fetch(_EVENTS, list(records), list(named), list(topics))


async def notes(conn: Connection, records: Sequence[UUID], named: Sequence[UUID]) -> dict[UUID, str]:
    """What was noted with some events of records; those without a note are left out."""
    if not named:
        return {}
    return {row["id"]: row["note"] for row in await conn.fetch(_NOTES, list(records), list(named))}


async def told(conn: Connection, records: Sequence[UUID]) -> Sequence[asyncpg.Record]:
    """For each organisation, when the first version of some records stood in its inbox and was taken."""
    return await conn.fetch(_TOLD, list(records))
