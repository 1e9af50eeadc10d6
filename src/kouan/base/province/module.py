"""The province's one base: seven families of resources, a host, and regional windows that read (一个库)."""

from __future__ import annotations

from kouan.base.province import lifecycle, records, rules
from kouan.base.province.routes import router
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules)
MODULE = declare(
    Module(
        name="base.province",
        title=Text("省级基础数据库", "Province's database"),
        summary=Text("一省一库：七类数据资源，省级建设，区域读取", "One base for a province: seven families, hosted once, read by its regions"),
        clauses=("7.2.1",),
        routes=(router,),
    )
)
