"""Movements: what is done with containers and cargo, event by event (船舶装卸动态、集装箱装卸动态、车辆进出场站动态)."""

from __future__ import annotations

from kouan.base.movement import lifecycle, orders, plans, quality, records, routes, rules, service
from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, orders, plans, lifecycle, quality, rules)
tells(records.Move.facts.name, service.tell)
tells(plans.Status.facts.name, service.tell_status)
tells(plans.Stowage.facts.name, service.tell_plan)
MODULE = declare(
    Module(
        name="base.movement",
        title=Text("作业动态", "Movements"),
        summary=Text("船舶与集装箱装卸、车辆进出场站的事件库", "Event store of discharge, loading, yard and gate moves"),
        clauses=("7.2.1 b) 3)",),
        routes=(routes.router,),
    )
)
