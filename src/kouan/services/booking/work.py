"""What bookings put on work lists, appointments that are due; and what they plan for a container."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.reading import Query, page
from kouan.kernel.text import Text
from kouan.operations.subjects.api import Intent, moment
from kouan.operations.worklist.api import Act, WorkItem, address
from kouan.services.booking.records import Booking

BOOKING = Booking.facts.name
SOON = timedelta(hours=4)
DUE = Text("预约时窗即将开始或已开始", "The window booked begins soon or has begun")
SEE = Text("查看预约", "See the booking")
PLANNED = {"in": Text("集卡送箱进港", "Brought in by truck"), "out": Text("集卡提箱出港", "Fetched by truck")}


async def due(conn: Connection, port: Port, who: Principal) -> list[WorkItem]:
    """The caller's own appointments of the next four hours."""
    if who.kind not in Booking.facts.filers:
        return []
    moment = now()
    query = Query({"closes.gte": stamp(moment), "opens.lt": stamp(moment + SOON)}, sort="opens", limit=20)
    rows = (await page(conn, Booking, query, port.vault)).rows
    return [
        WorkItem(
            Text(f"预约 {row.doc['number']}", f"Booking {row.doc['number']}"), DUE,
            Act(SEE, href=address(BOOKING, str(row.id))), BOOKING, row.ref, str(row.id),
            datetime.fromisoformat(row.doc["closes"]), None,
        )
        for row in rows if row.org == who.org
    ]  # fmt: skip


def planned(data: Mapping[str, Any], container: str) -> Intent | None:
    """The truck move that a booking plans for a container."""
    way = str(data.get("direction"))
    if container not in (data.get("containers") or ()) or way not in PLANNED:
        return None
    return Intent(PLANNED[way], moment(data, "opens"), moment(data, "closes"), ("gate-in" if way == "in" else "gate-out",))
