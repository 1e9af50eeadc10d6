"""Release of goods: assessed and released by rules, inspected once where selected, and always able to say why not."""

from __future__ import annotations

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.base.trace.api import explains
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.supervision.release import gate, handlers, indicators, lifecycle, rules, service

PARTS = (lifecycle, rules, gate, handlers, indicators)
explains(Declaration.facts.name, service.explain)
explains(Consignment.facts.name, service.undeclared)
MODULE = declare(
    Module(
        name="supervision.release",
        title=Text("放行", "Release"),
        summary=Text("按规则自动放行；未放行时说明缺什么、谁负责、何时截止", "Released by rules; if not, what is missing, whose it is, until when"),
        clauses=("H9.1.6c1", "9.1.6 c)"),
    )
)
