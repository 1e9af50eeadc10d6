"""Applications for data put on the work list of whom they ask: its owner alone decides, whatever its kind."""

from __future__ import annotations

from datetime import datetime

from kouan.base.grant.api import Grant
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.records import record_type
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.operations.worklist.item import Act, WorkItem, address

GRANT = Grant.facts.name
TITLE = Text("数据使用申请 {number}", "Application for data {number}")
WHY = Text("申请读取“{what}”，用途：{purpose}", "Asks to read “{what}”, for: {purpose}")
DECIDE = Text("审核", "Decide")
MOST = 50


async def waiting(conn: Connection, port: Port, who: Principal) -> list[WorkItem]:
    """Applications that nobody answered yet, the oldest first."""
    rows = await equal(conn, Grant, {"grantor": f"org:{who.slug}"}, states=("applied",), limit=MOST)
    return [_item(row) for row in rows]


def _item(row: Row) -> WorkItem:
    what, purpose = record_type(row.doc["record"]).facts.title, row.doc["purpose"]
    number = row.doc["number"]
    why = Text(WHY.zh.format(what=what.zh, purpose=purpose), WHY.en.format(what=what.en, purpose=purpose))
    due = datetime.fromisoformat(row.doc["valid_until"])
    act = Act(DECIDE, href=address(GRANT, str(row.id)))
    return WorkItem(TITLE.fill(number=number), why, act, GRANT, row.ref, str(row.id), due, row.state)
