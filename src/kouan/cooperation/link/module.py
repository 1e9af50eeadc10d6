"""Links: platforms of other regions and levels exchange what they agreed, signed, once, with receipts (互联)."""

from __future__ import annotations

from kouan.base.trace.api import tells
from kouan.cooperation.link import alerts, handlers, indicators, jobs, lifecycle, records, routes, rules
from kouan.cooperation.link.connectors.platform.connector import Platform
from kouan.cooperation.link.service import telling
from kouan.cooperation.link.store.reading import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (alerts, handlers, indicators, jobs, lifecycle, rules, Platform)
tells(records.Copy.facts.name, telling.says)
MODULE = declare(
    Module(
        name="cooperation.link",
        title=Text("平台互联", "Links"),
        summary=Text(
            "与其他口岸、地区和层级的平台按协定互换数据，签名、限定字段、逐件回执",
            "Exchange with platforms of other ports, regions and levels by agreement: signed, agreed fields only, a receipt each",
        ),
        clauses=("7.2.5 a) 2)", "H7.2.5a2"),
        pages=(Page("/cooperation/link", Text("平台互联", "Links")),),
        routes=(routes.router,),
        ddl=DDL,
    )
)
