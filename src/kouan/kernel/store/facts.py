"""Facts for rules: the needs of all rules of a batch, read (and locked) in the filing's own transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Found, Kept, Need, Rule, needs_of
from kouan.kernel.store.ops import COLUMNS, Orgs, Row
from kouan.kernel.store.schema import table


def row_of(raw: asyncpg.Record) -> Row:
    """A table row as the store's own type."""
    return Row(*[raw[name] for name in Row._fields])


def kept_of(record: str, row: Row, orgs: Orgs, opened: Mapping[str, Any] | None = None) -> Kept:
    """A kept record for rules and handlers; sealed fields are None unless opened."""
    return kept_from(record, row, orgs, record_type(record).model_validate({**row.doc, **(opened or {})}))


def kept_from(record: str, row: Row, orgs: Orgs, data: Record) -> Kept:
    """A kept record whose content is at hand."""
    return Kept(
        id=str(row.id),
        ref=row.ref,
        record=record,
        version=row.version,
        state=row.state,
        tracks=row.tracks,
        filed_at=row.filed_at,
        filed_by=row.org,
        filer=orgs.slug(row.org),
        data=data,
        warnings=tuple(row.warnings),
    )


async def load(conn: Connection, needs: Iterable[Need], orgs: Orgs) -> dict[Need, list[Kept]]:
    """What was found for each need: by reference (newest first, as many as it wants) or by natural key."""
    # Identifiers are ordered by time (UUIDv7), so that the newest of a much used reference stand together in its index.
    found: dict[Need, list[Kept]] = {}
    wanted = tuple(dict.fromkeys(needs))
    # What is locked comes first: a lock may wait for another transaction, whose writes the plain reads must see.
    for lock in (True, False):
        group = [need for need in wanted if need.lock is lock]
        rows = await _rows_for(conn, group, lock) if group else {}
        once = {row.id: (need.record, row) for need, mine in rows.items() for row in mine}
        kept = {one: kept_of(record, row, orgs) for one, (record, row) in once.items()}
        for need in group:
            found[need] = [kept[row.id] for row in rows.get(need, ())]
    return found


Asked = tuple[Sequence[Rule], Record, str]
"""Rules to be judged on a record, and the slug of its filer."""


async def found_for(
    conn: Connection, asked: Sequence[Asked], orgs: Orgs, at: datetime, site: Mapping[str, str]
) -> Mapping[Need, Sequence[Kept]]:
    """The facts that some rules need, and those to which these lead."""
    kept = await load(conn, (n for rules, record, filer in asked for n in needs_of(rules, record, filer)), orgs)
    more: dict[Need, None] = {}
    for rules, record, filer in asked:
        first = Found(at, filer, site, kept)
        more.update(dict.fromkeys(need for rule in rules for need in rule.further(record, first) if need not in kept))
    return {**kept, **await load(conn, more, orgs)} if more else kept


def alone(sheet_locks: set[Need | str], needs: Iterable[Need], rows: Iterable[str] = ()) -> bool:
    """Take what an operation locks; False when another of the same batch holds some of it, so that it must wait."""
    wanted: set[Need | str] = {*rows, *(need for need in needs if need.lock)}
    if wanted & sheet_locks:
        return False
    sheet_locks |= wanted
    return True


def locked_rows(needs: Iterable[Need], found: Mapping[Need, Sequence[Kept]]) -> set[str]:
    """Identifiers of the records that needs lock."""
    return {kept.id for need in needs if need.lock for kept in found.get(need, ())}


_LINKS = """select distinct w.ref, w.record, x.record_id
    from unnest($1::text[], $2::text[], $3::int[]) w(ref, record, most) cross join lateral (
      select record_id from ref where ref = w.ref and record = w.record order by record_id desc limit w.most) x
    order by w.record, w.ref, x.record_id desc"""
Part = tuple[str, str, Sequence[Any]]
"""Rows wanted of one table: the record type, the column by which they are looked up, and its values."""


async def _rows_for(conn: Connection, needs: Sequence[Need], lock: bool) -> dict[Need, list[Row]]:
    """The rows of some needs: one question for all references, one for all rows; locked rows table by table."""
    by_ref = [need for need in needs if not need.key]
    links: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    if by_ref:
        asked = [n.ref for n in by_ref], [n.record for n in by_ref], [n.most for n in by_ref]
        for link in await conn.fetch(_LINKS, *asked):
            links[(link["record"], link["ref"])].append(link["record_id"])
    ids: dict[str, set[UUID]] = defaultdict(set)
    for (record, _), mine in links.items():
        ids[record].update(mine)
    keys: dict[str, list[str]] = defaultdict(list)
    for need in needs:
        if need.key:
            keys[need.record].append(need.key)
    parts: list[Part] = [(record, "id", sorted(mine)) for record, mine in ids.items()]
    parts += [(record, "key", mine) for record, mine in keys.items()]
    rows = await _rows(conn, sorted(parts, key=lambda part: part[:2]), lock)
    by_id = {row.id: row for _, row in rows}
    by_key = {(record, row.key): row for record, row in rows}
    found = {need: [by_id[one] for one in links[(need.record, need.ref)][: need.most]] for need in by_ref}
    return found | {n: [by_key[(n.record, n.key)]] for n in needs if n.key and (n.record, n.key) in by_key}


async def _rows(conn: Connection, parts: Sequence[Part], lock: bool) -> list[tuple[str, Row]]:
    """The rows of several tables with their record types."""
    if lock:
        locked = []
        for record, column, values in parts:
            sql = f"select {COLUMNS} from {table(record)} where {column} = any($1) order by id for update"
            locked += [(record, row_of(raw)) for raw in await conn.fetch(sql, values)]
        return locked
    selects = [
        f"select '{record}' record, {COLUMNS} from {table(record)} where {column} = any(${at})"
        for at, (record, column, _) in enumerate(parts, 1)
    ]
    found = await conn.fetch(" union all ".join(selects), *(values for _, _, values in parts)) if parts else []
    return [(raw["record"], row_of(raw)) for raw in found]
