"""The life of a maritime order: in force until lifted; carried out by the platform, taken note of by terminal and agent."""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text
from kouan.supervision.maritime.binding import IN_FORCE
from kouan.supervision.maritime.records import MaritimeOrder

SELF = Track(
    name="order", title=Text("指令", "Order"), owner="maritime", start=IN_FORCE, final=("lifted",),
    states={IN_FORCE: Text("生效", "In force"), "lifted": Text("已解除", "Lifted")},
    actions=(Action(name="lift", title=Text("解除指令", "Lift"), frm=(IN_FORCE,), to="lifted", by=("maritime",)),),
)  # fmt: skip
PLAN = Track(
    name="plan", title=Text("泊位计划", "Berth plan"), owner="portoffice", start="waiting",
    states={"waiting": Text("待处理", "Waiting"), "applied": Text("已落实到计划", "Carried out in the plan")},
    final=("applied",), within={"waiting": timedelta(minutes=1)},
    actions=(Action(name="apply", title=Text("落实到计划", "Carry out"), to="applied", by=("platform",), sets=("effect",)),),
)  # fmt: skip


def _noted(kind: str, title: Text) -> Track:
    return Track(
        name=kind, title=title, owner=kind, start="told", final=("noted",), within={"told": timedelta(minutes=30)},
        states={"told": Text("已告知", "Told"), "noted": Text("已确认", "Acknowledged")},
        actions=(Action(name="acknowledge", title=Text("确认指令", "Acknowledge"), frm=("told",), to="noted", by=(kind,)),),
    )  # fmt: skip


class OrderLife(Lifecycle):
    """In force or lifted."""

    code = MaritimeOrder.facts.name
    tracks = (SELF, PLAN, _noted("terminal", Text("码头", "Terminal")), _noted("agent", Text("船舶代理", "Ship's agent")))
