"""Process re-engineering: approvals whose order the port office edits, serial or parallel, with the time won (串联变并联)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.operations.worklist.api import works
from kouan.supervision.process import handlers, indicators, lifecycle, records, routes, rules, work

PARTS = (records, lifecycle, rules, handlers, indicators)
works(records.Case.facts.name, work.waiting)
MODULE = declare(
    Module(
        name="supervision.process",
        title=Text("审批流程再造", "Approval processes"),
        summary=Text("多部门审批由串联变为并联，并显示节省的时间", "Approvals of several agencies, serial turned parallel, with the time won"),
        clauses=("9.1.6 b)",),
        routes=(routes.router,),
    )
)
