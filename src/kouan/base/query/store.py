"""What query reads beside the lists: the records that hold one of some values."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.kernel.database import Connection
from kouan.kernel.records import Record
from kouan.kernel.store.facts import row_of
from kouan.kernel.store.ops import COLUMNS, Row
from kouan.kernel.store.schema import filters, table

AT_ONCE = 1000


def findable(cls: type[Record], name: str, *, field: bool) -> bool:
    """Whether records are found by the values of a column without going through all: a declared text filter, or the row's reference."""
    return filters(cls).get(name) == "text" if field else name == "ref"


async def holding(conn: Connection, cls: type[Record], column: str, values: Sequence[str], most: int) -> list[Row]:
    """The records of a type whose column (`ref`, or that of a filter) is one of some values, in the connection's scope; at most so many."""
    found: list[Row] = []
    for at in range(0, len(values), AT_ONCE):
        sql = f"select {COLUMNS} from {table(cls)} where {column} = any($1::text[]) limit $2::bigint"  # noqa: S608 - names of the registry
        rows = await conn.fetch(sql, list(values[at : at + AT_ONCE]), most - len(found))
        found += [row_of(row) for row in rows]
        if len(found) >= most:
            break
    return found
