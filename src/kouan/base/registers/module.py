"""Registers: firms, licences and geographic names follow the national resource libraries (政务基础数据)."""

from __future__ import annotations

from kouan.base.registers import jobs, lifecycle, records, rules
from kouan.base.registers.routes import router
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, lifecycle, rules, jobs)
MODULE = declare(
    Module(
        name="base.registers",
        title=Text("政务基础数据", "Government registers"),
        summary=Text("企业法人、营业执照、地理信息与国家资源库同步，变更逐项留存", "Firms, licences and places follow national libraries, change by change"),
        clauses=("7.2.1 g)",),
        routes=(router,),
    )
)
