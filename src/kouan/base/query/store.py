"""What query reads beside the lists: the records that hold one of some values, and columns alone of as many records as there are."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any
from uuid import UUID

from kouan.base.query.tables import Column
from kouan.kernel.database import Connection
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Record
from kouan.kernel.store.entitle import EVERYONE
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row
from kouan.kernel.store.reading import Clauses
from kouan.kernel.store.schema import filters, table

AT_ONCE = 1000
Take = Callable[[bytes], Coroutine[Any, Any, None]]


def findable(cls: type[Record], name: str, *, field: bool) -> bool:
    """Whether records are found by the values of a column without going through all: a declared text filter, or the row's reference."""
    return filters(cls).get(name) == "text" if field else name == "ref"


async def holding(conn: Connection, cls: type[Record], column: str, values: Sequence[str], most: int, who: Principal) -> list[Row]:
    """The records of a type whose column (`ref`, or that of a filter) is one of some values, in the connection's scope; at most so many.

    A field that the caller does not see in a record finds no such record: how many were found would tell what it holds.
    """
    found: list[Row] = []
    seen = _seen(cls, column.removeprefix("f_"), who) if column != "ref" else ""
    where = f"n.{column} = any($1::text[])" + (f" and {seen}" if seen else "")
    for at in range(0, len(values), AT_ONCE):
        sql = f"select {COLUMNS} from {table(cls)} n where {where} limit $2::bigint"  # noqa: S608 - names of the registry
        rows = await conn.fetch(sql, list(values[at : at + AT_ONCE]), most - len(found))
        found += [row_of(row) for row in rows]
        if len(found) >= most:
            break
    return found


async def more(conn: Connection, clauses: Clauses, than: int) -> bool:
    """Whether a list has more records than so many."""
    rows = f"from near {clauses.where} offset {int(than)}"
    return bool(await conn.fetchval(f"{clauses.begin} select exists (select 1 {rows})", *clauses.values))


async def ids(conn: Connection, clauses: Clauses, most: int) -> list[UUID]:
    """The numbers of the records that a list asks for, as many at most."""
    sql = f"{clauses.begin} select id from near {clauses.where} limit {int(most)}"  # noqa: S608 - clauses of the store
    return [row["id"] for row in await conn.fetch(sql, *clauses.values)]


async def copied(
    conn: Connection, cls: type[Record], columns: Sequence[Column], who: Principal, of: Clauses | Sequence[UUID],
    take: Take,
) -> int:  # fmt: skip
    """Hand over some columns, and no others, of the records that a list asks for, or of those with these numbers, as CSV; how many.

    A field that the caller's parties do not see in a record is empty there. Levels are the caller's matter: no column may lie above 2.
    """
    values: Sequence[object]
    if isinstance(of, Clauses):
        begin, rows, values = of.begin, f"select * from near {of.where}", of.values  # noqa: S608 - clauses of the store
    else:
        begin, values = "", [list(of)]
        rows = f"select * from {table(cls)} where id = any($1::uuid[])"  # noqa: S608 - a name of the registry
    chosen = ", ".join(_cell(cls, column, who) for column in columns) or "0"
    filers = " left join organisation o on o.id = n.org" if any(one.of == "filed_by" and one.source == "row" for one in columns) else ""
    sql = f"{begin} select {chosen} from ({rows}) n{filers}"  # noqa: S608 - names of the registry
    said = await conn.copy_from_query(sql, *values, output=take, format="csv")
    return int(said.rpartition(" ")[2])


def _cell(cls: type[Record], column: Column, who: Principal) -> str:
    """The expression of a column, typed so that its text is read in one way only."""
    if column.source == "row":
        return "coalesce(o.slug, '?')" if column.of == "filed_by" else f"n.{column.of}"
    if column.source == "track":
        return f"n.tracks->'{column.of}'->>'state'"
    text = f"n.doc->>'{column.of}'"
    cell = {
        "json": f"nullif(n.doc->'{column.of}', 'null')::text", "decimal": f"({text})::numeric", "date": f"({text})::date",
        "time": f"({text})::timestamptz",
    }.get(column.kind, text)  # fmt: skip
    seen = _seen(cls, column.of, who)
    return f"case when {seen} then {cell} end" if seen else cell


def _seen(cls: type[Record], name: str, who: Principal) -> str:
    """The condition under which a caller sees a field of a row, as `entitle.visible` has it; empty where whoever has the row does."""
    seeing = [party.name for party in cls.facts.parties if party.sees == "*" or name in party.sees]
    if who.org == PLATFORM.org or len(seeing) == len(cls.facts.parties):
        return ""
    mine = [f"n.parties->'{party}' @> '{number}'" for party in seeing for number in (int(who.org), EVERYONE)]
    return f"({' or '.join((f'n.org = {int(who.org)}', *mine))})"
