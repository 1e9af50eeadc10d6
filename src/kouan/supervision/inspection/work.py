"""What joint inspections put on work lists: results to enter, boxes to move."""

from __future__ import annotations

from datetime import datetime

from kouan.kernel.clock import local
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.operations.worklist.api import Act, WorkItem, address
from kouan.supervision.inspection import store
from kouan.supervision.inspection.lifecycle import AGENCIES, WAITING
from kouan.supervision.inspection.records import InspectionOrder

ORDER = InspectionOrder.facts.name
ENTER = Text("录入查验结果", "Enter the result")
ENTER_WHY = Text("联合查验等待贵部门的结果，计划 {at}", "The joint inspection waits for your result, planned {at}")
MOVE = Text("确认箱已移至查验位", "Confirm that the box is at the bay")
MOVE_WHY = Text("联合查验前须将箱移至查验位，计划 {at}", "The box has to be at the bay before the visit, planned {at}")
MOST = 50


async def waiting(conn: Connection, port: Port, who: Principal) -> list[WorkItem]:
    """The open visits that wait for the caller's organisation."""
    if who.kind not in AGENCIES and who.kind != "terminal":
        return []
    rows = await store.open_orders(conn)
    mine = [row for row in rows if _waits(row, who.kind)]
    return [_item(row, who, port.site.zone) for row in mine[:MOST]]


def _waits(row: Row, kind: str) -> bool:
    state = row.tracks[kind]["state"]
    return bool(state == WAITING if kind in AGENCIES else state != "moved")


def _item(row: Row, who: Principal, zone: str) -> WorkItem:
    planned = row.doc.get("planned_at")
    at = local(datetime.fromisoformat(planned), zone) if planned else "–"
    title = Text(f"联合查验单 {row.doc['number']}", f"Joint inspection {row.doc['number']}")
    due = datetime.fromisoformat(row.tracks[who.kind]["due"])
    if who.kind in AGENCIES:
        why, act = ENTER_WHY, Act(ENTER, href=f"/supervision/inspection/{row.id}")
    else:
        url = f"/api{address(ORDER, str(row.id))}/actions/terminal.move"
        why, act = MOVE_WHY, Act(MOVE, url=url) if who.writes else Act(MOVE, href=address(ORDER, str(row.id)))
    return WorkItem(title, why.fill(at=at), act, ORDER, row.ref, str(row.id), due, row.state)
