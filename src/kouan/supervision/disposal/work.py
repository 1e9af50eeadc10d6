"""What instructions put on work lists: to acknowledge and to reply to, until when; replies to look at and close."""

from __future__ import annotations

from datetime import datetime

from kouan.base.exchange.api import MEASURES, Instruction
from kouan.kernel.clock import now
from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.operations.worklist.api import Act, WorkItem, address
from kouan.supervision.disposal.lifecycle import TRACK, is_addressed

NAME = Instruction.facts.name
MOST = 50
TO_DO = ("issued", "acknowledged")
TITLE = Text("协同指令 {number}", "Instruction {number}")
ASKED = Text("{measure}：等待贵单位办理", "{measure}: it waits for you")
LATE = Text("{measure}：已超过答复期限", "{measure}: the reply is overdue")
ANSWERED = Text("对方已答复，请查看并办结", "It was replied to; look at the reply and close it")
DECLINED = Text("对方不予办理，请查看理由", "It was declined; look at the reason")
REPLY, ACKNOWLEDGE, CLOSE = Text("办理并答复", "Act on it and reply"), Text("签收", "Acknowledge"), Text("查看并办结", "Look and close")


async def waiting(conn: Connection, port: Port, who: Principal) -> list[WorkItem]:
    """Instructions to the caller's organisation that wait for it, and those of its own that were replied to."""
    rows = await equal(conn, Instruction, {}, states=(*TO_DO, "replied", "declined"), limit=500, newest=True)
    asked = [_asked(row, who) for row in rows if row.state in TO_DO and is_addressed(row.doc["to"], who.slug)]
    answered = [_answered(row) for row in rows if row.state not in TO_DO and row.org == who.org]
    return (asked + answered)[:MOST]


def _asked(row: Row, who: Principal) -> WorkItem:
    due = _due(row)
    measure = MEASURES[row.doc["measure"]]
    why = LATE if due and due < now() else ASKED
    page = address(NAME, str(row.id))
    act = Act(REPLY, href=page)
    if row.state == "issued" and who.writes:
        act = Act(ACKNOWLEDGE, url=f"/api{page}/actions/{TRACK}.acknowledge")
    told = Text(why.zh.format(measure=measure.zh), why.en.format(measure=measure.en))
    return WorkItem(TITLE.fill(number=row.doc["number"]), told, act, NAME, row.ref, str(row.id), due, row.state)


def _answered(row: Row) -> WorkItem:
    why = ANSWERED if row.state == "replied" else DECLINED
    act = Act(CLOSE, href=address(NAME, str(row.id)))
    return WorkItem(TITLE.fill(number=row.doc["number"]), why, act, NAME, row.ref, str(row.id), None, row.state)


def _due(row: Row) -> datetime | None:
    """The sooner of the reply's due time and the deadline of the state."""
    stated = [row.doc.get("due"), row.tracks[TRACK].get("due")]
    return min((datetime.fromisoformat(one) for one in stated if one), default=None)
