"""Clearance: port calls, manifests and declarations reach customs, maritime, border inspection, port office and
terminal, each its own part, through its own connector (mission W04)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.supervision.clearance.connectors.border import connector as border
from kouan.supervision.clearance.connectors.customs import connector as customs
from kouan.supervision.clearance.connectors.maritime import connector as maritime
from kouan.supervision.clearance.connectors.partner import connector as partner
from kouan.supervision.clearance.connectors.portoffice import connector as portoffice
from kouan.supervision.clearance.connectors.terminal import connector as terminal
from kouan.supervision.clearance.connectors.transport import connector as transport

PARTS = (border, customs, maritime, partner, portoffice, terminal, transport)
MODULE = declare(
    Module(
        name="supervision.clearance",
        title=Text("通关协同", "Clearance"),
        summary=Text(
            "一次填报，分送海关、海事、边检、口岸管理部门与码头，并收取回执",
            "Filed once, told to customs, maritime, border inspection, port office and terminal, each with its own part",
        ),
        clauses=("9.1", "W04"),
    )
)
