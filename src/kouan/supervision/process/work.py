"""What cases put on work lists: steps that are an agency's turn, visits that an applicant has to book."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.operations.worklist.api import Act, WorkItem, address
from kouan.supervision.process.records import Case

CASE = Case.facts.name
MOST = 50
DECIDE = Text("办理", "Decide")
TURN = Text("轮到贵单位办理：{step}", "It is your turn: {step}")
BOOK = Text("预约现场核查", "Book the visit")
TO_BOOK = Text("“{step}”须预约现场核查", "“{step}” needs a visit; book a time")


async def waiting(conn: Connection, port: Port, who: Principal) -> list[WorkItem]:
    """Ready steps of the caller's agency, and visits of the caller's own applications that are not booked."""
    rows = await equal(conn, Case, {}, states=("open",), limit=500)
    found = [_item(row, step, who) for row in rows for step in row.doc.get("steps", ()) if _concerns(row, step, who)]
    return found[:MOST]


def _concerns(row: Row, step: dict[str, Any], who: Principal) -> bool:
    unbooked = bool(step.get("visit")) and not step.get("booked_at")
    if step["state"] != "ready":
        return False
    return (step["agency"] == who.kind and not unbooked) or (row.org == who.org and unbooked)


def _item(row: Row, step: dict[str, Any], who: Principal) -> WorkItem:
    mine = step["agency"] == who.kind
    said, why = (DECIDE, TURN) if mine else (BOOK, TO_BOOK)
    due = datetime.fromisoformat(step["ready_at"]) + timedelta(minutes=step.get("within_minutes", 1440))
    reason = Text(why.zh.format(step=step["name_zh"]), why.en.format(step=step["name_en"]))
    title = Text(f"审批事项 {row.doc['number']}", f"Case {row.doc['number']}")
    return WorkItem(title, reason, Act(said, href=address(CASE, str(row.id))), CASE, row.ref, str(row.id), due, row.state)
