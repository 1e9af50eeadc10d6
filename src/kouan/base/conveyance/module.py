"""Conveyances: entry and exit of aircraft, trains and vehicles, and the persons on them (运输工具进出境(港)申报)."""

from __future__ import annotations

from kouan.base.conveyance import records, routes, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.conveyance",
        title=Text("运输工具进出境", "Conveyances"),
        summary=Text(
            "航空器、列车、车辆进出境（港）申报单及其载运人员订票信息",
            "Entry and exit declarations of aircraft, trains and vehicles, with crew, passengers and bookings",
        ),
        clauses=("7.2.1", "H7.2.1a2"),
        routes=(routes.router,),
    )
)
