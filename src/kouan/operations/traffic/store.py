"""What the traffic picture knows from the database: places, ships that are declared, stays and approaches that are open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kouan.base.place.api import Place
from kouan.base.portcall.api import PortCall
from kouan.kernel.database import Connection
from kouan.kernel.references import make
from kouan.kernel.store.finding import by_ids, equal
from kouan.kernel.store.ops import Row
from kouan.operations.traffic.records import Approach, Visit

AROUND = timedelta(days=7)
"""Calls whose declared arrival is further off are not looked for among the ships."""
MOST = 5000
_CALLS = """select id from r_base_portcall_port_call where f_eta between $1 and $2 order by f_eta limit $3"""
_VISITS = """select id from r_operations_traffic_visit where f_arrived < $2 and (f_left is null or f_left > $1)
    and ($3 = '' or f_place = $3) and ($4 = '' or f_conveyance = $4) order by f_arrived desc limit $5"""


async def places(conn: Connection) -> list[dict[str, Any]]:
    """The documents of all places."""
    found: list[dict[str, Any]] = []
    after = 0
    while rows := await equal(conn, Place, {}, after=after, limit=500):
        found += [row.doc for row in rows]
        after = rows[-1].seq
    return found


async def place(conn: Connection, code: str) -> dict[str, Any] | None:
    """The document of one place, by its code in any case."""
    rows = await equal(conn, Place, {"code": code}, limit=1)
    if rows:
        return rows[0].doc
    ref = make("place", code)
    found = await conn.fetchrow("select id from r_base_place_place where ref = $1", ref)
    return (await by_ids(conn, Place, [found["id"]]))[0].doc if found else None


async def calls(conn: Connection, at: datetime) -> list[Row]:
    """Port calls whose declared arrival is around a moment."""
    found = await conn.fetch(_CALLS, at - AROUND, at + AROUND, MOST)
    return await by_ids(conn, PortCall, [raw["id"] for raw in found])


async def present(conn: Connection) -> list[Row]:
    """The stays that have not ended."""
    return await equal(conn, Visit, {}, states=("present",), limit=MOST)


async def expected(conn: Connection) -> list[Row]:
    """The approaches of ships that have not come yet."""
    return await equal(conn, Approach, {}, states=("expected",), limit=MOST)


async def visits(
    conn: Connection, since: datetime, until: datetime, *, place: str = "", conveyance: str = "", limit: int = 2000
) -> list[Row]:
    """Stays that touch a span of time, at one place or of one conveyance where it is named; by arrival."""
    found = await conn.fetch(_VISITS, since, until, place, conveyance, limit)
    rows = await by_ids(conn, Visit, [raw["id"] for raw in found])
    return sorted(rows, key=lambda row: (row.doc["arrived"], row.seq))
