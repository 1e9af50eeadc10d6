"""Grants: an owner shares a part of its data for a purpose and a time, and ends that when it likes (数据授权)."""

from __future__ import annotations

from kouan.base.grant import handlers, lifecycle, records, routes, rules
from kouan.base.grant.store import DDL
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules, handlers)
MODULE = declare(
    Module(
        name="base.grant",
        title=Text("数据授权", "Data grants"),
        summary=Text(
            "数据提供方按范围、用途和期限授权读取并可随时撤销，每次读取留痕",
            "Owners share data within a scope, for a purpose and a time, and revoke it; every read is on record",
        ),
        clauses=("7.2.5 b) 6)", "7.2.1 d)", "H7.2.5b6", "H7.2.1d"),
        routes=(routes.router,),
        ddl=DDL,
    )
)
