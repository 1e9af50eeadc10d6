"""Port profiles (口岸画像): one port, one plan (HS/T 82 4.1)."""

from __future__ import annotations

from kouan.base.profile import records, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.profile",
        title=Text("口岸画像", "Port profiles"),
        summary=Text(
            "一口岸一方案：按运输方式和分级启用模块，跟踪2025/2030/2035年目标",
            "One port, one plan: modules by mode and tier, goals for 2025, 2030 and 2035",
        ),
        clauses=("4.1", "H4.1"),
        lasting=True,
    )
)
