"""What a trace reads, all of it in the caller's scope: who mentions a reference, which names exist, what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from kouan.base.portcall.api import PortCall
from kouan.kernel.database import Connection
from kouan.kernel.records import Record, record_types, reference_of, type_of_ref
from kouan.kernel.references import ANY, kinds
from kouan.kernel.store.finding import equal, named_by, union_of
from kouan.kernel.store.schema import filters

MOST_EVENTS = 5000
PATIENCE_MS = 100
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


def kinds_of(refs: Sequence[str]) -> frozenset[str]:
    """The kinds of some references."""
    return frozenset(ref.partition(":")[0] for ref in refs)


@cache
def mentioning_types(wanted: frozenset[str]) -> tuple[str, ...]:
    """Record types that can mention references of some kinds: by a field, a part's field, or their own name."""
    fitting = (cls for cls in record_types() if ({cls.facts.ref, *_mentioned(cls)} & {*wanted, ANY}))
    return tuple(cls.facts.name for cls in fitting)


def _mentioned(model: type[BaseModel]) -> Iterator[str]:
    for info in model.model_fields.values():
        yield reference_of(info)
        for part in _parts(info.annotation):
            yield from _mentioned(part)


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


async def newest(conn: Connection, refs: Sequence[str], limit: int, since: UUID) -> dict[str, list[UUID]]:
    """By record type the newest records that mention some references, so many for each type, made since an identifier."""
    return _grouped(await conn.fetch(_NEWEST, list(refs), list(mentioning_types(kinds_of(refs))), limit, since))


async def newest_in_time(conn: Connection, refs: Sequence[str], limit: int, since: UUID) -> dict[str, list[UUID]]:
    """As `newest`, for references that very many records mention: a type that takes too long to look through is left out.

    Row-level security looks at each mention in turn, so that whoever may see few of very many would wait for all.
    """
    found: dict[str, list[UUID]] = {}
    names = mentioning_types(kinds_of(refs))
    for group in (names, *((name,) for name in names)):
        try:
            async with conn.transaction():
                await conn.execute(f"set local statement_timeout = {PATIENCE_MS}")
                found |= _grouped(await conn.fetch(_NEWEST, list(refs), list(group), limit, since))
                await conn.execute("set local statement_timeout to default")
        except asyncpg.QueryCanceledError:
            continue
        if group is names:
            break
    return found


async def some(conn: Connection, refs: Sequence[str], limit: int) -> dict[str, list[UUID]]:
    """By record type records that mention some references, so many for each reference."""
    return _grouped(await conn.fetch(_SOME, list(refs), limit))


def _grouped(rows: Sequence[Any]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["record"], []).append(row["record_id"])
    return found


def much_used(ref: str) -> bool:
    """Whether very many records may mention a reference: it names a ship, a truck, a firm, not a paper or a box."""
    kind = kinds().get(ref.partition(":")[0])
    return kind is not None and not kind.trail and type_of_ref(ref) is None


async def existing(conn: Connection, refs: Sequence[str]) -> list[str]:
    """Those of some references that a record mentions, in their order.

    Of much used ones that would take too long to look through, only the likeliest is taken to exist.
    """
    plain = [ref for ref in refs if not much_used(ref)]
    known = {row["ref"] for row in await conn.fetch(_EXIST, plain)} if plain else set()
    used = [ref for ref in refs if much_used(ref)]
    if not used:
        return [ref for ref in refs if ref in known]
    try:
        async with conn.transaction():
            await conn.execute(f"set local statement_timeout = {PATIENCE_MS}")
            known |= {row["ref"] for row in await conn.fetch(_EXIST, used)}
            await conn.execute("set local statement_timeout to default")
    except asyncpg.QueryCanceledError:
        known |= set(used[:1]) if used[:1] == list(refs[:1]) else set()
    return [ref for ref in refs if ref in known]


async def beginning(conn: Connection, start: str, limit: int) -> list[str]:
    """References that begin with a text, in order, each once."""
    rows = await conn.fetch(_BEGIN, start, start + "\U0010fffd", limit)
    return [row["ref"] for row in rows]


@cache
def name_fields() -> tuple[tuple[type[Record], str], ...]:
    """Fields by which people name a record: its own number or name, where it can be looked up; a closed value names none."""
    found = []
    for cls in record_types():
        for name in dict.fromkeys((*cls.facts.key, cls.facts.label)):
            text = filters(cls).get(name) == "text"
            if text and not cls.fields[name].reference and not _closed(cls.model_fields[name].annotation):
                found.append((cls, name))
    return tuple(found)


def _closed(annotation: Any) -> bool:
    return get_origin(annotation) is Literal or any(_closed(inner) for inner in get_args(annotation))


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
