"""The life of a service ticket: handled by staff to its end, beside whether the service is still slow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kouan.assurance.running.records import Ticket
from kouan.kernel.errors import Refused
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.text import Text

STAFF, PLATFORM = ("portoffice",), ("platform",)
OPEN, WORKING, CLOSED = "open", "working", "closed"
LIVE = (OPEN, WORKING)
REASON = Text("请写明原因与处理结果", "State the cause and what was done")
HANDLING = Track(
    name="handling", title=Text("处置", "Handling"), owner="portoffice", start=OPEN, final=(CLOSED,),
    states={OPEN: Text("待处理", "Open"), WORKING: Text("处理中", "Being worked on"), CLOSED: Text("已关闭", "Closed")},
    within={OPEN: timedelta(hours=1), WORKING: timedelta(hours=24)},
    actions=(
        Action(name="take", title=Text("受理", "Take"), frm=(OPEN,), to=WORKING, by=STAFF),
        Action(name="close", title=Text("关闭", "Close"), frm=LIVE, to=CLOSED, by=STAFF, sets=("reason",)),
    ),
)  # fmt: skip
CONDITION = Track(
    name="condition", title=Text("服务状态", "Service"), owner="platform", start="slow", final=("cleared",),
    states={"slow": Text("缓慢", "Slow"), "cleared": Text("已恢复", "Cleared")},
    actions=(
        Action(name="clear", title=Text("恢复", "Clear"), frm=("slow",), to="cleared", by=PLATFORM, sets=("cleared",)),
        Action(name="again", title=Text("再次变慢", "Slow again"), frm=("cleared",), to="slow", by=PLATFORM, sets=("cleared",)),
    ),
)  # fmt: skip


class TicketLife(Lifecycle):
    """Handling leads; a ticket is not closed without a reason."""

    code = Ticket.facts.name
    tracks = (HANDLING, CONDITION)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """What an action changes; Refused when a ticket is to be closed without a reason."""
        given = dict(super().change(track, action, step))
        if action.name == "close" and not str(given.get("reason") or "").strip():
            raise Refused(REASON, field="reason", rule="close", code="reason_missing")
        return given
