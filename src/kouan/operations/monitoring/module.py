"""Monitoring of the port's operation (口岸运行监测): indicators declared anywhere, counted here, loaded from outside, judged."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.monitoring import (
    handlers,
    indicators,
    jobs,
    pace,
    records,
    routes,
    routes_results,
    rules,
    soundness,
    store,
    telling,
)

PARTS = (records, rules, handlers, jobs, indicators, pace, soundness)
tells(records.Figure.facts.name, telling.figure)
MODULE = declare(
    Module(
        name="operations.monitoring",
        title=Text("口岸运行监测", "Port operation monitoring"),
        summary=Text(
            "按日统计和装载贸易、货运、通关等指标，标出异常并追溯到记录",
            "Trade, cargo and clearance in figures, counted and loaded daily; unusual ones marked, each traced to its records",
        ),
        clauses=("8.4.1 b)", "7.2.5 b) 4)", "W11"),
        pages=(Page("/operations/monitoring", Text("口岸运行监测", "Port operation monitoring")),),
        routes=(routes.router, routes_results.router),
        ddl=store.DDL,
    )
)
