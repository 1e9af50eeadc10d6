"""Joint inspection: one visit for all agencies concerned, results entered together, goods released by class (联合查验)."""

from __future__ import annotations

from kouan.base.trace.api import explains, tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.worklist.api import works
from kouan.supervision.inspection import handlers, indicators, lifecycle, records, routes, rules, service, work
from kouan.supervision.inspection.connectors.trader.connector import Trader

PARTS = (records, lifecycle, rules, handlers, indicators, Trader)
explains(records.InspectionOrder.facts.name, service.explain)
tells(records.InspectionOrder.facts.name, service.tell)
works(records.InspectionOrder.facts.name, work.waiting)
MODULE = declare(
    Module(
        name="supervision.inspection",
        title=Text("联合查验", "Joint inspection"),
        summary=Text("多部门一次联合查验、集中分类验放", "One visit of all agencies concerned, goods released by class"),
        clauses=("H9.2.1b1", "9.1.2 b)", "W14"),
        pages=(Page("/supervision/inspection", Text("联合查验", "Joint inspections")),),
        routes=(routes.router,),
    )
)
