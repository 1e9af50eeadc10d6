"""Trace: one key in any spelling answers with documents, events and missing conditions (单证追溯、货物溯源、物流跟踪)."""

from __future__ import annotations

from kouan.base.trace import routes
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

MODULE = declare(
    Module(
        name="base.trace",
        title=Text("一键跟踪", "Trace"),
        summary=Text("凭任一标识查询全部单证、动态与未满足条件", "Any one key: all documents, events and what is missing"),
        lasting=True,
        clauses=("H7.2.5b2",),
        pages=(Page("/base/trace", Text("跟踪查询", "Trace")),),
        routes=(routes.router,),
    )
)
