"""Data tags and the libraries of the auxiliary domain (辅助域; HS/T 82 7.2.4 b))."""

from __future__ import annotations

from kouan.kernel.modules import Module, declare
from kouan.kernel.store.reading import narrows
from kouan.kernel.text import Text
from kouan.operations.tags import handlers, jobs, lifecycle, records, routes, rules, store, watching

PARTS = (records, rules, lifecycle, handlers, jobs, watching)
narrows("tag", Text("数据标签", "Data tag"), store.tagged)
MODULE = declare(
    Module(
        name="operations.tags",
        title=Text("数据标签", "Data tags"),
        summary=Text(
            "通用指标、数据模型和数据标签库；标签经批准后每日计算，可用于任何查询和预警规则",
            "Libraries of indicators, data models and tags; approved tags are computed daily and usable in any list and alert rule",
        ),
        clauses=("7.2.4 b)", "H7.2.4b"),
        routes=(routes.router,),
        ddl=store.DDL,
    )
)
