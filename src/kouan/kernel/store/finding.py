"""Finding rows by what is indexed: identifier, declared filter, state. The connection's scope decides what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kouan.kernel.database import Connection
from kouan.kernel.records import Record, type_of_ref
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row
from kouan.kernel.store.schema import filters, table


def _column(cls: type[Record], field: str) -> str:
    if field not in filters(cls):
        raise KeyError(f"{cls.facts.name} declares no filter {field!r}")
    return f"f_{field}"


async def by_ids(conn: Connection, cls: type[Record], ids: Sequence[UUID]) -> list[Row]:
    """Some records, in the order in which they were made."""
    rows = await conn.fetch(f"select {COLUMNS} from {table(cls)} where id = any($1) order by id", list(ids))
    return [row_of(raw) for raw in rows]


async def equal(
    conn: Connection,
    cls: type[Record],
    wanted: Mapping[str, Any],
    *,
    states: Sequence[str] = (),
    after: int = 0,
    limit: int = 100,
    newest: bool = False,
) -> list[Row]:
    """Records whose declared filters have these values (any of a list), in some states, behind a sequence number."""
    values: list[Any] = [after, limit]
    parts = [f"seq {'<' if newest and after else '>'} $1"]
    for field, value in wanted.items():
        values.append(value)
        mark = f"any(${len(values)})" if isinstance(value, list) else f"${len(values)}"
        parts.append(f"{_column(cls, field)} = {mark}")
    if states:
        values.append(list(states))
        parts.append(f"state = any(${len(values)})")
    order = "desc" if newest else "asc"
    sql = f"select {COLUMNS} from {table(cls)} where {' and '.join(parts)} order by seq {order} limit $2"
    return [row_of(raw) for raw in await conn.fetch(sql, *values)]


async def oldest(conn: Connection, cls: type[Record], field: str, values: Sequence[str]) -> dict[str, UUID]:
    """For each value of a declared filter the oldest record that has it; values that none has are left out."""
    sql = f"""select w.value, (select id from {table(cls)} where {_column(cls, field)} = w.value order by seq limit 1) id
        from unnest($1::text[]) w(value)"""
    return {raw["value"]: raw["id"] for raw in await conn.fetch(sql, list(values)) if raw["id"]}


async def mentioning(
    conn: Connection, record: str, refs: Sequence[str], *, limit: int = 200
) -> dict[str, list[UUID]]:
    """For each reference the newest records of a type that mention it."""
    links = await conn.fetch(
        """select w.ref, x.record_id from unnest($1::text[]) w(ref) cross join lateral (
             select record_id from ref where ref = w.ref and record = $2 order by record_id desc limit $3) x""",
        list(refs),
        record,
        limit,
    )
    found: dict[str, list[UUID]] = {}
    for link in links:
        found.setdefault(link["ref"], []).append(link["record_id"])
    return found


async def sharing(conn: Connection, ids: Sequence[UUID], kind: str, record: str) -> dict[UUID, list[UUID]]:
    """For some records those of another type that mention the same references of a kind."""
    rows = await conn.fetch(
        """select distinct a.record_id, b.record_id other from ref a join ref b on b.ref = a.ref and b.record = $4
           where a.record_id = any($1) and a.ref >= $2 and a.ref < $3""",
        list(ids),
        f"{kind}:",
        f"{kind};",
        record,
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row["record_id"], []).append(row["other"])
    return found


async def union_of(
    conn: Connection, fields: Sequence[tuple[type[Record], str]], wanted: list[str] | str, *, limit: int
) -> list[Any]:
    """Type, reference and state of records of several types by one text field of each: any of a list, or a beginning."""
    like = isinstance(wanted, str)
    parts = []
    for cls, field in fields:
        column = _column(cls, field)
        test = f"{column} >= $1 and {column} < $1 || U&'\\+10FFFD'" if like else f"{column} = any($1)"
        order = f"order by {column}, seq" if like else "order by seq desc"
        parts.append(f"(select '{cls.facts.name}' record, ref, state from {table(cls)} where {test} {order} limit $2)")
    return list(await conn.fetch(" union all ".join(parts), wanted, limit)) if parts else []


async def named_by(conn: Connection, refs: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Type and state of the records that are themselves named by some references."""
    wanted: dict[type[Record], list[str]] = {}
    for ref in refs:
        if cls := type_of_ref(ref):
            wanted.setdefault(cls, []).append(ref)
    found: dict[str, tuple[str, str]] = {}
    for cls, mine in wanted.items():
        rows = await conn.fetch(f"select ref, state from {table(cls)} where ref = any($1)", mine)
        found |= {row["ref"]: (cls.facts.name, row["state"]) for row in rows}
    return found


async def in_track(
    conn: Connection, cls: type[Record], states: Sequence[str], track: str, among: Sequence[str], *, limit: int
) -> list[Row]:
    """Records whose state is one of some, and whose track stands in one of some, the longest there first."""
    sql = f"""select {COLUMNS} from {table(cls)} where state = any($1) and tracks->$2->>'state' = any($3)
        order by tracks->$2->>'since' limit $4"""
    return [row_of(raw) for raw in await conn.fetch(sql, list(states), track, list(among), limit)]


async def filed_by(conn: Connection, cls: type[Record], org: int, state: str, *, limit: int) -> list[Row]:
    """An organisation's own records in a state, the newest first."""
    sql = f"select {COLUMNS} from {table(cls)} where state = $1 and org = $2 order by seq desc limit $3"
    return [row_of(raw) for raw in await conn.fetch(sql, state, org, limit)]


async def readers_of(conn: Connection, record: str, ids: Sequence[UUID]) -> dict[UUID, list[int]]:
    """Who reads some records of a type as they are now, in the connection's scope."""
    rows = await conn.fetch(f"select id, readers from {table(record)} where id = any($1)", list(ids))
    return {row["id"]: row["readers"] for row in rows}


async def unsealed(conn: Connection, cls: type[Record], newest: int) -> int:
    """How many of a type's newest records hold a field of level 3 or 4 in the open: none, or something is broken."""
    restricted = [name for name, facts in cls.fields.items() if facts.level >= 3]
    docs = f"select doc from {table(cls)} order by seq desc limit $2::int"
    return int(await conn.fetchval(f"select count(*) from ({docs}) x where doc ?| $1::text[]", restricted, newest)) if restricted else 0
