"""Routes: what a party's system is told of a record type, as which message, and under which condition (分送路由)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from kouan.kernel.database import Connection

_PUT = """insert into exchange_route (connector, org, record, form, field, value, set_by, set_at, readers)
    values ($1, $2, $3, $4, $5, $6, $7, now(), $8) on conflict (connector, org, record)
    do update set form = $4, field = $5, value = $6, set_by = $7, set_at = now(), readers = $8"""


@dataclass(frozen=True, slots=True)
class Route:
    """`form`: the message's standard, `json`, or `none` (not told). `field` = `value`: told only then ("" always)."""

    connector: str
    org: int
    record: str
    form: str
    field: str = ""
    value: str = ""


async def put(conn: Connection, route: Route, by: str, readers: Sequence[int]) -> None:
    """Set a route."""
    await conn.execute(
        _PUT, route.connector, route.org, route.record, route.form, route.field, route.value, by, list(readers)
    )


async def drop(conn: Connection, connector: str, org: int, record: str) -> bool:
    """Forget a route: the connector's own way holds again; False when there was none."""
    sql = "delete from exchange_route where connector = $1 and org = $2 and record = $3 returning org"
    return await conn.fetchval(sql, connector, org, record) is not None


async def every(conn: Connection) -> dict[tuple[str, int, str], Route]:
    """All routes in the connection's scope."""
    rows = await conn.fetch("select connector, org, record, form, field, value from exchange_route")
    return {(row["connector"], row["org"], row["record"]): _route(row) for row in rows}


def _route(row: asyncpg.Record) -> Route:
    return Route(row["connector"], row["org"], row["record"], row["form"], row["field"], row["value"])
