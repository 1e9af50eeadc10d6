"""Berth plan: which ship lies where and when, kept free of conflicts, changed with the ship and by order (泊位计划)."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.berth import handlers, lifecycle, records, routes, rules, store, telling

PARTS = (records, lifecycle, rules, handlers)
tells(records.ShipMovement.facts.name, telling.movement)
tells(records.BerthPlan.facts.name, telling.planned)
MODULE = declare(
    Module(
        name="operations.berth",
        title=Text("泊位计划", "Berth plan"),
        summary=Text("泊位计划与船舶动态", "Berth plan and ship movements"),
        modes=("water",),
        clauses=("9.1.4 e)",),
        pages=(Page("/operations/berth", Text("泊位计划", "Berth plan")),),
        routes=(routes.router,),
        ddl=store.DDL,
    )
)
