"""What planning and working on inspections reads: bays, hours already taken, open orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kouan.base.manifest.api import Consignment
from kouan.base.place.api import Place
from kouan.kernel.database import Connection
from kouan.kernel.store.finding import by_ids, equal, mentioning
from kouan.kernel.store.ops import Row
from kouan.supervision.inspection.records import InspectionOrder

OPEN = ("planned", "notified", "moved")
AHEAD = 500


async def bays(conn: Connection) -> list[str]:
    """The inspection bays of the port."""
    rows = await equal(conn, Place, {"kind": "inspection_bay"}, limit=50)
    return [row.ref for row in rows]


async def taken(conn: Connection, hours: Sequence[datetime]) -> set[tuple[str, datetime]]:
    """Bay and hour of the open visits at some hours."""
    rows = await equal(conn, InspectionOrder, {"planned_at": list(hours)}, states=OPEN, limit=5000)
    return {
        (row.doc["bay"], datetime.fromisoformat(row.doc["planned_at"]).astimezone(hours[0].tzinfo))
        for row in rows
        if row.doc.get("bay")
    }


async def arrival(conn: Connection, refs: Sequence[str]) -> datetime | None:
    """When the ship is expected that carries what some boxes or bills name, by the newest manifest that lists them."""
    lines = await mentioning(conn, Consignment.facts.name, sorted(set(refs)), limit=1)
    rows = await by_ids(conn, Consignment, sorted({one for found in lines.values() for one in found}))
    if not rows:
        return None
    sql = "select max(f_arrival) from r_base_manifest_manifest where ref = any($1)"
    found: datetime | None = await conn.fetchval(sql, [row.doc["manifest"] for row in rows])
    return found


async def open_orders(conn: Connection, limit: int = 200) -> list[Row]:
    """Orders that wait for somebody, the oldest first."""
    return await equal(conn, InspectionOrder, {}, states=OPEN, limit=limit)


async def newest_orders(conn: Connection, limit: int) -> list[Row]:
    """The newest orders, finished ones included."""
    return await equal(conn, InspectionOrder, {}, limit=limit, newest=True)


def hours_after(moment: datetime, count: int) -> list[datetime]:
    """The full hours from the next but one on, so that the box can be moved first."""
    first = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=2)
    return [first + timedelta(hours=n) for n in range(count)]
