"""Query: several record types asked at once, built or in SQL, within the caller's rights (多表查询)."""

from __future__ import annotations

from kouan.base.query import records, routes, rules
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.query",
        title=Text("多表查询", "Query"),
        summary=Text(
            "跨记录类型的关联、筛选、分组与统计；条件构建或 SQL，均按查询人的数据权限",
            "Join, filter, group and total over record types, built or in SQL, always within the asker's rights",
        ),
        clauses=("7.2.5",),
        pages=(Page("/base/query", Text("多表查询", "Query")),),
        routes=(routes.router,),
    )
)
