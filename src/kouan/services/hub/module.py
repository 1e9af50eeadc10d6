"""The single-window hub: one user, one set of data, four groups of functions (单一窗口)."""

from __future__ import annotations

from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.services.hub import routes

MODULE = declare(
    Module(
        name="services.hub",
        title=Text("单一窗口", "Single window"),
        summary=Text(
            "企业办事总入口：通关、物流、贸易、数据四类功能共用一个账户、一套数据",
            "The main entry of firms: clearance, logistics, trade and data share one account and one set of data",
        ),
        clauses=("G0.3",),
        pages=(Page("/services/hub", Text("单一窗口", "Single window")),),
        routes=(routes.router,),
    )
)
