"""Facts for rules: the needs of all rules of a batch, read (and locked) in the filing's own transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.records import Record, record_type
from kouan.kernel.rules import Kept, Need
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
    """What was found for each need: by reference (newest first, at most 200) or by natural key."""
    found: dict[Need, list[Kept]] = {}
    grouped: dict[tuple[str, bool, bool], list[Need]] = defaultdict(list)
    for need in dict.fromkeys(needs):
        grouped[(need.record, bool(need.key), need.lock)].append(need)
    for (record, by_key, lock), group in sorted(grouped.items()):
        rows = await (_by_key if by_key else _by_ref)(conn, record, group, lock)
        for need in group:
            found[need] = [kept_of(record, row, orgs) for row in rows.get(need, ())]
    return found


async def _by_key(conn: Connection, record: str, needs: Sequence[Need], lock: bool) -> dict[Need, list[Row]]:
    sql = f"select {COLUMNS} from {table(record)} where key = any($1) order by id{' for update' if lock else ''}"
    rows = {r["key"]: row_of(r) for r in await conn.fetch(sql, [n.key for n in needs])}
    return {need: [rows[need.key]] for need in needs if need.key in rows}


async def _by_ref(conn: Connection, record: str, needs: Sequence[Need], lock: bool) -> dict[Need, list[Row]]:
    links = await conn.fetch(
        """select w.ref, x.record_id from unnest($1::text[]) w(ref) cross join lateral (
             select record_id from ref where ref = w.ref and record = $2 order by at desc limit 200) x""",
        [n.ref for n in needs],
        record,
    )
    ids = sorted({link["record_id"] for link in links})
    if not ids:
        return {}
    sql = f"select {COLUMNS} from {table(record)} where id = any($1) order by id{' for update' if lock else ''}"
    rows: dict[UUID, Row] = {r["id"]: row_of(r) for r in await conn.fetch(sql, ids)}
    by_ref: dict[str, list[Row]] = defaultdict(list)
    for link in links:
        by_ref[link["ref"]].append(rows[link["record_id"]])
    return {need: by_ref[need.ref] for need in needs if need.ref in by_ref}
