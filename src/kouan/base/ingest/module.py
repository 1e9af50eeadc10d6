"""Extraction of data: sources set up by their owners, mapped, cleaned, checked, counted and resumable (数据抽取)."""

from __future__ import annotations

from kouan.base.ingest import jobs, records, routes, rules
from kouan.base.ingest.tables import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (jobs, records, rules)
MODULE = declare(
    Module(
        name="base.ingest",
        title=Text("数据抽取", "Data extraction"),
        summary=Text(
            "从文件、数据库、消息与影像抽取数据，清洗转换，检查质量，隔离问题数据，全程计数可追溯",
            "Takes in files, databases, messages and media; converts, checks, sets faulty rows aside, counts and traces it all",
        ),
        clauses=("7.2.3",),
        pages=(Page("/base/ingest", Text("数据抽取", "Data extraction")),),
        routes=(routes.router,),
        ddl=DDL,
    )
)
