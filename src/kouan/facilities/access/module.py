"""Access to restricted areas: permits, passages, the check at the door and the roster (限定区域人员管理)."""

from __future__ import annotations

from kouan.facilities.access import lifecycle, records, rules
from kouan.facilities.access.routes import router
from kouan.facilities.access.store import DDL
from kouan.kernel.modules import Module, Page, declare
from kouan.kernel.text import Text

PARTS = (records, rules, lifecycle)
MODULE = declare(
    Module(
        name="facilities.access",
        title=Text("限定区域", "Restricted areas"),
        summary=Text("人员通行证、快速核验、出入记录与在区名单", "Permits of persons, quick checks, passages and the roster of those inside"),
        clauses=("8.1.2 c)",),
        pages=(Page("/facilities/access", Text("限定区域", "Restricted areas")),),
        routes=(router,),
        ddl=DDL,
    )
)
