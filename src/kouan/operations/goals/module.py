"""Dated goals of the ports of entry (建设目标): 2025, 2030, 2035."""

from __future__ import annotations

from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.goals import routes

MODULE = declare(
    Module(
        name="operations.goals",
        title=Text("建设目标", "Goals"),
        summary=Text("各口岸2025/2030/2035年目标的完成情况", "How the goals of each port for 2025, 2030 and 2035 stand"),
        clauses=("4.1", "H4.1"),
        pages=(Page("/operations/goals", Text("建设目标", "Goals")),),
        routes=(routes.router,),
    )
)
