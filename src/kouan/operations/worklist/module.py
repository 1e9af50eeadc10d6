"""The work list of every role: what needs whom, why, until when, with one suggested action each (待办)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.operations.worklist import grants, routes
from kouan.operations.worklist.item import works

works(grants.GRANT, grants.waiting)
MODULE = declare(
    Module(
        name="operations.worklist",
        title=Text("待办事项", "Work list"),
        summary=Text("各角色的待办、期限与建议操作", "What waits for each role, until when, and what to do"),
        clauses=("8.2",),
        routes=(routes.router,),
    )
)
