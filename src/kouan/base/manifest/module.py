"""Manifests: what ships and trains carry, line by line (舱单)."""

from __future__ import annotations

from kouan.base.manifest import records, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.manifest",
        title=Text("舱单", "Manifests"),
        summary=Text("海运、铁路舱单及其分单", "Cargo reports of ships and trains, and their lines"),
        clauses=("7.2.1 a) 1)", "M14c"),
    )
)
