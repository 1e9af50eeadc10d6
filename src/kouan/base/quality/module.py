"""Quality of data: rules by column, scores over time, an open validation service (数据质量)."""

from __future__ import annotations

from kouan.base.quality import jobs, records, routes, rules, telling
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (jobs, records, rules, telling)
MODULE = declare(
    Module(
        name="base.quality",
        title=Text("数据质量", "Data quality"),
        summary=Text(
            "从合规性、完整性、真实性、时效性检查数据，给出整改建议并记录得分",
            "Checks data on compliance, completeness, authenticity and timeliness, says how to put it right, keeps scores",
        ),
        clauses=("7.2.3", "7.2.5"),
        routes=(routes.router,),
    )
)
