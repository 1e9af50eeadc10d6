"""Early warning (监测预警): conditions watched live, warnings handled to their end, rules that port staff write."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.alerts import (
    facts,
    handlers,
    hazards,
    lifecycle,
    records,
    routes,
    routes_hazards,
    routes_rules,
    routes_settings,
    rulebook,
    rulelife,
    store,
    telling,
    thresholds,
    watcher,
    words,
)
from kouan.operations.alerts.cap.format import Cap

PARTS = (records, rulebook, thresholds, hazards, Cap, lifecycle, rulelife, handlers, watcher, facts, words)
tells(records.Warned.facts.name, telling.warned)
tells(hazards.Hazard.facts.name, telling.noticed)
tells(thresholds.SETTING, telling.proposed)
tells(rulebook.StaffRule.facts.name, telling.ruled)
MODULE = declare(
    Module(
        name="operations.alerts",
        title=Text("监测预警", "Early warning"),
        summary=Text("实时监测预警、事件处置与规则编写", "Live early warning, handling of events, rules written by staff"),
        clauses=("H8.1.5a", "H8.1.5d", "H8.1.5e", "H8.1.5f", "H8.1.5g", "H8.4.1c"),
        pages=(
            Page("/operations/alerts", Text("预警事件", "Warnings")),
            Page("/operations/alerts/wall", Text("预警大屏", "Warnings wall")),
            Page("/operations/alerts/rules", Text("预警规则", "Alert rules")),
        ),
        routes=(routes_hazards.router, routes.router, routes_rules.router, routes_settings.router),
        ddl=store.DDL,
    )
)
