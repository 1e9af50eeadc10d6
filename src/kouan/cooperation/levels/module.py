"""Levels: the site, the port, the province and the centre report and instruct through their links (跨层级互联)."""

from __future__ import annotations

from kouan.cooperation.levels import handlers, indicators, lifecycle, records, routes, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (handlers, indicators, lifecycle, records, rules)
MODULE = declare(
    Module(
        name="cooperation.levels",
        title=Text("逐级上报与指令", "Levels"),
        summary=Text(
            "现场事件按规则逐级上报，上级指令逐级下达，签收与办理逐级回报",
            "Incidents rise by rule, instructions come down level by level, receipts and progress go back up",
        ),
        clauses=("7.2.5 a) 3)", "H7.2.5a3"),
        routes=(routes.router,),
    )
)
