"""What a trace reads, all of it in the caller's scope: who mentions a reference, which names exist, what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from kouan.base.portcall.api import PortCall
from kouan.kernel.database import Connection
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.finding import equal, named_by, union_of
from kouan.kernel.store.schema import filters

MOST_EVENTS = 5000
_NEWEST = """select distinct k.record, x.record_id from unnest($1::text[]) w(ref)
    cross join unnest($2::text[]) k(record) cross join lateral (
      select record_id from ref r where r.ref = w.ref and r.record = k.record and r.record_id >= $4
      order by record_id desc limit $3) x"""
_SOME = """select distinct x.record, x.record_id from unnest($1::text[]) w(ref) cross join lateral (
      select record, record_id from ref r where r.ref = w.ref limit $2) x"""
_EXIST = "select w.ref from unnest($1::text[]) w(ref) where exists (select 1 from ref r where r.ref = w.ref)"
_BEGIN = """with recursive hit(ref) as (
      (select ref from ref where ref >= $1 and ref < $2 order by ref limit 1)
      union all
      select (select r.ref from ref r where r.ref > hit.ref and r.ref < $2 order by r.ref limit 1)
      from hit where hit.ref is not null)
    select ref from hit where ref is not null limit $3"""
_EVENTS = """select seq, topic, record, record_id, ref, version, at, org, data from event
    where record_id = any($1) order by seq desc limit $2"""


async def newest(conn: Connection, refs: Sequence[str], limit: int, since: UUID) -> dict[str, list[UUID]]:
    """By record type the newest records that mention some references, so many for each type, made since an identifier."""
    names = [cls.facts.name for cls in record_types()]
    return _grouped(await conn.fetch(_NEWEST, list(refs), names, limit, since))


async def some(conn: Connection, refs: Sequence[str], limit: int) -> dict[str, list[UUID]]:
    """By record type records that mention some references, so many for each reference."""
    return _grouped(await conn.fetch(_SOME, list(refs), limit))


def _grouped(rows: Sequence[Any]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["record"], []).append(row["record_id"])
    return found


async def existing(conn: Connection, refs: Sequence[str]) -> list[str]:
    """Those of some references that a record mentions, in their order."""
    known = {row["ref"] for row in await conn.fetch(_EXIST, list(refs))}
    return [ref for ref in refs if ref in known]


async def beginning(conn: Connection, start: str, limit: int) -> list[str]:
    """References that begin with a text, in order, each once."""
    rows = await conn.fetch(_BEGIN, start, start + "\U0010fffd", limit)
    return [row["ref"] for row in rows]


@cache
def name_fields() -> tuple[tuple[type[Record], str], ...]:
    """Fields by which people name a record: its own number or name, where it can be looked up."""
    found = []
    for cls in record_types():
        for name in dict.fromkeys((*cls.facts.key, cls.facts.label)):
            text = filters(cls).get(name) == "text"
            if text and not cls.fields[name].reference:
                found.append((cls, name))
    return tuple(found)


async def named(conn: Connection, names: Sequence[str], limit: int) -> list[str]:
    """References of the records that carry one of some names or numbers."""
    rows = await union_of(conn, name_fields(), list(names), limit=limit)
    return list(dict.fromkeys(row["ref"] for row in rows))


async def ships(conn: Connection, names: Sequence[str]) -> list[str]:
    """The ships that called under one of some names, the last first."""
    calls = await equal(conn, PortCall, {"ship_name": list(names)}, limit=20, newest=True)
    return list(dict.fromkeys(row.doc["vessel"] for row in calls))


async def named_like(conn: Connection, start: str, limit: int) -> list[str]:
    """References of the records whose name or number begins with a text."""
    rows = await union_of(conn, name_fields(), start, limit=limit)
    return list(dict.fromkeys(row["ref"] for row in rows))


async def of_receipt(conn: Connection, number: UUID) -> list[str]:
    """The records filed under a receipt, or the record of that identifier."""
    kept = await conn.fetchval("select records from submission where id = $1", number)
    if kept:
        return [str(one["ref"]) for one in kept][:50]
    own = await conn.fetch("select ref, record from ref where record_id = $1", number)
    kinds = {cls.facts.name: cls.facts.ref for cls in record_types()}
    return [row["ref"] for row in own if row["ref"].partition(":")[0] == kinds.get(row["record"])]


async def events(conn: Connection, ids: Sequence[UUID]) -> list[Mapping[str, Any]]:
    """What happened to some records, oldest first."""
    rows = await conn.fetch(_EVENTS, list(ids), MOST_EVENTS)
    return [dict(row) for row in reversed(rows)]


async def heads(conn: Connection, refs: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Record type and state of the records that some references name."""
    return await named_by(conn, refs)
