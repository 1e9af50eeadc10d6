"""Statistical reports (统计报表), on demand and on schedule (HS/T 82 7.2.2 g) 1))."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.reports import jobs, records, routes, rules, telling

PARTS = (records, rules, jobs)
tells(records.Report.facts.name, telling.report)
MODULE = declare(
    Module(
        name="operations.reports",
        title=Text("统计报表", "Reports"),
        summary=Text(
            "即时和定时统计报表，以网页、XLSX、PDF送达，各单位只见其有权查看的数据",
            "Reports on demand and on schedule as page, XLSX and PDF; each recipient sees what it may read",
        ),
        clauses=("7.2.2 g) 1)", "H7.2.2g1"),
        pages=(Page("/operations/reports", Text("统计报表", "Reports")),),
        routes=(routes.router,),
    )
)
