"""Traffic: tracks fused of AIS, radar and vehicles' terminals, who is in which place, when ships arrive, who comes too close."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.operations.traffic import alerts, handlers, lifecycle, radar, records, routes, watching, wording

PARTS = (records, lifecycle, handlers, watching, radar, alerts)
tells(records.Visit.facts.name, wording.visit)
tells(records.Approach.facts.name, wording.approach)
MODULE = declare(
    Module(
        name="operations.traffic",
        title=Text("交通态势", "Traffic"),
        summary=Text(
            "船舶与车辆融合航迹、占用、周转、会遇与抵达推算",
            "Fused tracks of ships and vehicles, occupancy, turn times, close encounters and computed arrivals",
        ),
        clauses=("8.1.2 b)", "9.1.4 b)"),
        routes=(routes.router,),
    )
)
