"""The life of a move instruction: issued, acknowledged, done; or the terminal says why it cannot."""

from __future__ import annotations

from datetime import timedelta

from kouan.facilities.yard.records import Instruction
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

ISSUED, ACKNOWLEDGED, DONE, DECLINED, CANCELLED = "issued", "acknowledged", "done", "declined", "cancelled"
OPEN = (ISSUED, ACKNOWLEDGED)
TRACK = Track(
    name="terminal", title=Text("码头作业", "Terminal's work"), owner="terminal", start=ISSUED, final=(DONE, CANCELLED),
    states={
        ISSUED: Text("已下达", "Issued"),
        ACKNOWLEDGED: Text("码头已确认", "Acknowledged"),
        DONE: Text("已完成", "Done"),
        DECLINED: Text("码头无法执行", "Declined by the terminal"),
        CANCELLED: Text("已取消", "Cancelled"),
    },
    within={ISSUED: timedelta(minutes=30), ACKNOWLEDGED: timedelta(hours=4)},
    actions=(
        Action(name="acknowledge", title=Text("确认指令", "Acknowledge"), frm=(ISSUED,), to=ACKNOWLEDGED, by=("terminal",)),
        Action(name="complete", title=Text("作业完成", "Done"), frm=OPEN, to=DONE, by=("terminal",)),
        Action(name="decline", title=Text("无法执行", "Decline"), frm=OPEN, to=DECLINED, by=("terminal",), sets=("remark",)),
        Action(name="cancel", title=Text("取消指令", "Cancel"), frm=(*OPEN, DECLINED), to=CANCELLED, by=("customs", "portoffice")),
    ),
)  # fmt: skip


class InstructionLife(Lifecycle):
    """One track: the terminal's. The report of the move itself completes it."""

    code = Instruction.facts.name
    tracks = (TRACK,)
