"""The smart gate: lanes, passages, and the decision by all rules at the gate (智能卡口, 多混合验放)."""

from __future__ import annotations

from kouan.base.trace.api import explains, tells
from kouan.facilities.gate import (
    checks,
    commands,
    handlers,
    jobs,
    lifecycle,
    offline,
    permit,
    permits,
    records,
    routes,
    routes_lane,
    routes_permit,
    rules,
    service,
)
from kouan.facilities.gate.connectors.carrier.connector import Carrier
from kouan.facilities.gate.connectors.terminal_gate.connector import TerminalGate
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, rules, checks, lifecycle, commands, handlers, jobs, permit, offline, Carrier, TerminalGate)
explains(records.Passage.facts.name, service.explain)
tells(records.Passage.facts.name, service.tell)
MODULE = declare(
    Module(
        name="facilities.gate",
        title=Text("智能卡口", "Smart gate"),
        summary=Text("车道、过卡与判定：一条车道按业务选用规则", "Lanes, passages and decisions: one lane, a rule set by business"),
        clauses=("H6.3-1",),
        pages=(Page("/facilities/gate", Text("智能卡口", "Smart gate")), Page("/facilities/gate/permit", Text("离线通行证", "Offline gate permit"))),
        routes=(routes.router, routes_lane.router, routes_permit.router),
        ddl=permits.DDL,
    )
)
