"""Radiation portals: an alarm shuts its lane and opens a case, which ends with a second reading (核辐射探测联动)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.supervision.radiation import handlers, indicators, lifecycle, records, rules

PARTS = (records, rules, lifecycle, handlers, indicators)
MODULE = declare(
    Module(
        name="supervision.radiation",
        title=Text("核辐射探测", "Radiation portals"),
        summary=Text("报警即关闭通道并立案，复测后方可结案", "An alarm shuts the lane and opens a case, closed only on a second reading"),
        clauses=("6.3",),
    )
)
