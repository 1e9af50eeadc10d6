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
    return Row(**{name: raw[name] for name in Row.__slots__})


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
    grouped: dict[tuple[str, bool, bool], list[Need]] = defaultdict(list)
    for need in dict.fromkeys(needs):
        grouped[(need.record, bool(need.key), need.lock)].append(need)
    # What is locked comes first: a lock may wait for another transaction, whose writes the plain reads must see.
    for (record, by_key, lock), group in sorted(grouped.items(), key=lambda pair: (not pair[0][2], pair[0])):
        rows = await (_by_key if by_key else _by_ref)(conn, record, group, lock)
        kept = {row.id: kept_of(record, row, orgs) for mine in rows.values() for row in mine}
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


async def _by_key(conn: Connection, record: str, needs: Sequence[Need], lock: bool) -> dict[Need, list[Row]]:
    sql = f"select {COLUMNS} from {table(record)} where key = any($1) order by id{' for update' if lock else ''}"
    rows = {r["key"]: row_of(r) for r in await conn.fetch(sql, [n.key for n in needs])}
    return {need: [rows[need.key]] for need in needs if need.key in rows}


async def _by_ref(conn: Connection, record: str, needs: Sequence[Need], lock: bool) -> dict[Need, list[Row]]:
    links = await conn.fetch(
        """select distinct w.ref, x.record_id from unnest($1::text[], $3::int[]) w(ref, most) cross join lateral (
             select record_id from ref where ref = w.ref and record = $2 order by record_id desc limit w.most) x
           order by w.ref, x.record_id desc""",
        [n.ref for n in needs],
        record,
        [n.most for n in needs],
    )
    ids = sorted({link["record_id"] for link in links})
    if not ids:
        return {}
    sql = f"select {COLUMNS} from {table(record)} where id = any($1) order by id{' for update' if lock else ''}"
    rows: dict[UUID, Row] = {r["id"]: row_of(r) for r in await conn.fetch(sql, ids)}
    by_ref: dict[str, list[Row]] = defaultdict(list)
    for link in links:
        by_ref[link["ref"]].append(rows[link["record_id"]])
    return {need: by_ref[need.ref][: need.most] for need in needs if need.ref in by_ref}
