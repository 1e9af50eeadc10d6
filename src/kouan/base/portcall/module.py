"""Port calls: a ship's visit filed once for all (一次填报), and the persons aboard."""

from __future__ import annotations

from kouan.base.portcall import handlers, lifecycle, lists, records, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lists, lifecycle, rules, handlers)
MODULE = declare(
    Module(
        name="base.portcall",
        title=Text("船舶口岸动态", "Port calls"),
        summary=Text(
            "船舶进出口岸一次填报，五家单位并行审核",
            "A ship's call filed once and looked at by five authorities side by side",
        ),
        modes=("water",),
        clauses=("7.2.1", "W04"),
    )
)
