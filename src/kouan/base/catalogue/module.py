"""The data catalogue: what data there are, what they mean, whose they are, how fresh, made from what, and how to get them."""

from __future__ import annotations

from kouan.base.catalogue import lifecycle, records, routes, rules
from kouan.base.catalogue.store import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules)
MODULE = declare(
    Module(
        name="base.catalogue",
        title=Text("数据资源目录", "Data catalogue"),
        summary=Text(
            "记录、信号、指标、代码表和外部数据集的查找、理解与使用申请；数据元分版本管理",
            "Records, signals, indicators, code lists and outside data sets found, understood and applied for; data elements in editions",
        ),
        clauses=("7.2.3 c)", "H7.2.3c1", "H7.2.3c2"),
        pages=(Page("/base/catalogue", Text("数据资源目录", "Data catalogue")),),
        routes=(routes.router,),
        ddl=DDL,
    )
)
