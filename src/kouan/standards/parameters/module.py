"""Parameters: HS, currencies, ports and other code sets by date, for declarations and documents (参数服务)."""

from __future__ import annotations

from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text
from kouan.standards.parameters import records, routes, rules

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="standards.parameters",
        title=Text("参数服务", "Parameters"),
        summary=Text("税则、币制、港口等代码集，按日期查询、调用、下载，注明版本", "HS, currency, port and other code sets by date: query, call, download, version"),
        lasting=True,
        clauses=("7.2.5b1", "H7.2.5b1"),
        pages=(Page("/standards/parameters/sets", Text("代码查询", "Code search")),),
        routes=(routes.router,),
    )
)
