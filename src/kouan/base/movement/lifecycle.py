"""The life of a handling order: the terminal takes it or not, and says when it is done."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.movement.orders import HandlingOrder
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.text import Text

ORDERERS = ("carrier", "agent", "customs", "border", "maritime", "portoffice")


class HandlingLife(Lifecycle):
    """One track, the terminal's. What it has begun can no longer be withdrawn."""

    code = HandlingOrder.facts.name
    tracks = (
        Track(
            name="terminal", title=Text("码头作业", "Terminal"), owner="terminal", start="ordered",
            final=("done", "refused", "withdrawn"),
            states={
                "ordered": Text("已下达", "Ordered"),
                "accepted": Text("码头已接受", "Accepted by the terminal"),
                "refused": Text("码头已拒绝", "Refused by the terminal"),
                "done": Text("已完成", "Done"),
                "withdrawn": Text("已撤回", "Withdrawn"),
            },
            within={"ordered": timedelta(hours=4), "accepted": timedelta(hours=24)},
            actions=(
                Action(name="accept", title=Text("接受指令", "Accept the order"), frm=("ordered",), to="accepted",
                       by=("terminal",)),
                Action(name="refuse", title=Text("拒绝指令", "Refuse the order"), frm=("ordered", "accepted"),
                       to="refused", by=("terminal",)),
                Action(name="finish", title=Text("报告完成", "Report it done"), frm=("ordered", "accepted"), to="done",
                       by=("terminal",)),
                Action(name="withdraw", title=Text("撤回指令", "Withdraw the order"), frm=("ordered",), to="withdrawn",
                       by=ORDERERS),
            ),
        ),
    )  # fmt: skip
