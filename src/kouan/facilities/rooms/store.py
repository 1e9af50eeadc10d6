"""Assets and services as they are kept; the connection's scope decides which."""

from __future__ import annotations

from typing import Any

from kouan.facilities.rooms.records import Asset, Service
from kouan.kernel.database import Connection

MOST = 20_000
_MARK = """select (select count(*) from r_facilities_rooms_asset) a, (select coalesce(sum(version), 0) from r_facilities_rooms_asset) b,
  (select count(*) from r_facilities_rooms_service) c, (select coalesce(sum(version), 0) from r_facilities_rooms_service) d"""


async def mark(conn: Connection) -> tuple[Any, ...]:
    """Changes when any of them does."""
    row = await conn.fetchrow(_MARK)
    return tuple(row) if row else ()


async def assets(conn: Connection) -> list[tuple[Asset, list[int]]]:
    """Assets with the organisations that see each."""
    rows = await conn.fetch("select doc, readers from r_facilities_rooms_asset order by seq limit $1", MOST)
    return [(Asset.model_validate(row["doc"]), row["readers"]) for row in rows]


async def services(conn: Connection) -> list[Service]:
    """Services."""
    rows = await conn.fetch("select doc from r_facilities_rooms_service order by seq limit $1", MOST)
    return [Service.model_validate(row["doc"]) for row in rows]
