"""Data security (数据安全管理): every use of data on record, alarms on mass export and odd hours, routine checks, the situation."""

from __future__ import annotations

from kouan.assurance.datause import alerts, jobs, routes, routes_uses, store, watching
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (alerts, jobs, watching)
MODULE = declare(
    Module(
        name="assurance.datause",
        title=Text("数据安全管理", "Data security"),
        summary=Text("数据使用全过程记录、批量与异常时段读取预警、例行检查与安全态势", "Every use of data on record; alarms, routine checks, situation"),
        lasting=True,
        clauses=("H7.2.2e",),
        pages=(
            Page("/assurance/datause", Text("数据安全态势", "Data security situation")),
            Page("/assurance/datause/uses", Text("数据使用记录", "Record of data use")),
        ),
        routes=(routes.router, routes_uses.router),
        ddl=store.DDL,
    )
)
