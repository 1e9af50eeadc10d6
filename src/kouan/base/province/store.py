"""Counting what lies in a record type's table."""

from __future__ import annotations

from kouan.kernel.database import Connection
from kouan.kernel.store.schema import table

MOST = 100_000
"""Up to here rows are counted; beyond, the planner's own estimate is told, and said to be one."""


async def counted(conn: Connection, record: str) -> tuple[int, bool]:
    """Rows of a type in the connection's scope, and whether that is an estimate."""
    name = table(record)
    sql = f"select count(*) from (select 1 from {name} limit $1) held"  # noqa: S608 - the registry names the table
    found = int(await conn.fetchval(sql, MOST + 1))
    if found <= MOST:
        return found, False
    about = await conn.fetchval("select reltuples::bigint from pg_class where relname = $1", name)
    return max(MOST, int(about or 0)), True
