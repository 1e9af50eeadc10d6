"""Goods declarations, linked to manifest lines and transport documents (报关单)."""

from __future__ import annotations

from kouan.base.declaration import code_rules, records, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (code_rules, records, rules)
MODULE = declare(
    Module(
        name="base.declaration",
        title=Text("报关单", "Goods declarations"),
        summary=Text(
            "进出口货物申报，与舱单、提运单关联", "Import and export declarations, linked to manifests and bills"
        ),
        clauses=("7.2.1 a) 1)",),
    )
)
