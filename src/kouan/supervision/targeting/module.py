"""Targeting: every declaration is scored by rules, and each reason is kept (风险布控)."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text
from kouan.supervision.targeting import records, rules, service

PARTS = (records, rules)
tells(records.Assessment.facts.name, service.tell)
MODULE = declare(
    Module(
        name="supervision.targeting",
        title=Text("风险布控", "Targeting"),
        summary=Text("按规则评分，逐条留存理由", "Declarations scored by rules, with every reason kept"),
        clauses=("9.1.7 d)", "9.1.6 c)"),
    )
)
