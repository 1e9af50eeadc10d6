"""Versions of records as subscribers may be told them, the ones before them, and who reads the records now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from kouan.base.push.facts import Stated
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import readers_of

# A version that only moved its record states nothing itself: the last one before it that does stands for it.
_VERSIONS = """select v.record_id, v.version, v.record, s.doc, s.sealed, v.parties, v.readers, v.state, f.org as filer
    from unnest($1::uuid[], $2::int[]) w(record_id, version)
    join version v on v.record_id = w.record_id and v.version = w.version
    join version f on f.record_id = w.record_id and f.version = 1
    cross join lateral (select doc, sealed from version s where s.record_id = w.record_id and s.version <= w.version
      and s.doc is not null order by s.version desc limit 1) s"""
Mark = tuple[UUID, int]


async def stated(conn: Connection, marks: Iterable[Mark]) -> dict[Mark, Stated]:
    """Versions in the connection's scope."""
    wanted = list(dict.fromkeys(marks))
    rows = await conn.fetch(_VERSIONS, [mark[0] for mark in wanted], [mark[1] for mark in wanted])
    return {
        (row["record_id"], row["version"]): Stated(
            row["record"], row["doc"], row["parties"], row["readers"], row["filer"], row["state"], list(row["sealed"])
        )
        for row in rows
    }


async def now(conn: Connection, records: Iterable[tuple[str, UUID]]) -> dict[UUID, Sequence[int]]:
    """Who reads some records now."""
    by: dict[str, set[UUID]] = defaultdict(set)
    for name, record_id in records:
        by[name].add(record_id)
    found: dict[UUID, Sequence[int]] = {}
    for name, ids in by.items():
        found |= await readers_of(conn, name, list(ids))
    return found
