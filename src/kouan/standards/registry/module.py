"""Standards registry: what the platform follows, who uses it, what is done otherwise, and how it is revised (标准体系)."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.standards.registry import handlers, lifecycle, records, rules
from kouan.standards.registry.routes import router

PARTS = (handlers, lifecycle, records, rules)
MODULE = declare(
    Module(
        name="standards.registry",
        title=Text("标准体系", "Standards registry"),
        summary=Text(
            "智慧口岸标准目录：状态、范围、归口、使用模块、本地差异、修订建议",
            "Catalogue of smart-port standards: status, scope, owner, modules using them, local differences, proposals",
        ),
        clauses=("12.1", "H12.1*"),
        routes=(router,),
    )
)
