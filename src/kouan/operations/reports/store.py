"""How many records of a type a caller may see were filed in some days, by day or hour of the port's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from kouan.kernel.database import Connection
from kouan.kernel.records import Record
from kouan.kernel.store.schema import table
from kouan.operations.reports.records import Report

_FORM = {"day": "YYYY-MM-DD", "hour": 'YYYY-MM-DD"T"HH24:00'}


async def filed(conn: Connection, cls: type[Record], since: datetime, until: datetime, zone: str, by: str) -> list[asyncpg.Record]:
    """Count and simulated among them for each part, in order; `until` itself is not counted."""
    part = f"to_char(date_trunc('{by}', filed_at at time zone $3), '{_FORM[by]}')" if by in _FORM else "''"
    what = f"{part} as part, count(*)::bigint n, bool_or(coalesce((doc->>'simulated')::boolean, false)) as simulated"
    when = "filed_at >= $1 and filed_at < $2 and $3::text <> ''"
    sql = f"select {what} from {table(cls)} where {when} group by 1 order by 1"  # noqa: S608 - names of the registry, a closed set
    return list(await conn.fetch(sql, since, until, zone))


async def made(conn: Connection, numbers: Sequence[str]) -> set[str]:
    """Which of some reports are there already."""
    sql = f"select f_number from {table(Report)} where f_number = any($1)"  # noqa: S608 - a name of the registry
    rows = await conn.fetch(sql, list(numbers))
    return {row["f_number"] for row in rows}
