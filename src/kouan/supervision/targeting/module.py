"""Targeting: declarations scored by rules and by officers' profiles; every reason kept, every result fed back (风险布控)."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.operations.worklist.api import works
from kouan.supervision.targeting import (
    handlers,
    indicators,
    lifecycle,
    profiles,
    records,
    routes,
    rules,
    service,
    vetting,
    work,
)

PARTS = (records, profiles, rules, vetting, lifecycle, handlers, indicators)
tells(records.Assessment.facts.name, service.tell)
works(profiles.Profile.facts.name, work.waiting)
MODULE = declare(
    Module(
        name="supervision.targeting",
        title=Text("风险布控", "Targeting"),
        summary=Text(
            "按规则与布控模板评分，逐条留存理由，查验结果反馈并显示查获率",
            "Declarations scored by rules and profiles, every reason kept, results fed back as hit rates",
        ),
        clauses=("9.1.7 d)", "9.1.7 g)", "9.1.6 c)"),
        pages=(Page("/supervision/targeting", Text("布控台", "Targeting desk")),),
        routes=(routes.router,),
    )
)
