"""One base for a province: whoever reads it builds no second one, and only its host lets others read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from kouan.base.province.records import Base, Tenant
from kouan.kernel.rules import Found, Need, Rule, Severity, Unmet
from kouan.kernel.text import Text

BASE, TENANT = Base.facts.name, Tenant.facts.name
CLAUSE = "HS/T 82 7.2.1"


class OneBase(Rule):
    """Two bases would hold two truths about one port."""

    code = "BASE-ONE"
    at = "filing"
    of = BASE
    title = Text("一省一库，区域不另建", "One base for a province, none for its regions")
    clause = CLAUSE
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"

    def needs(self, record: Base, filer: str) -> Iterable[Need]:
        """What the filer reads as a tenant, and the province's base."""
        return (Need(TENANT, ref=f"org:{filer}"), Need(BASE, key=record.key(filer)))

    def judge(self, record: Base, found: Found) -> Unmet | None:
        """Refuses a tenant of any base, and the second base of a province."""
        for kept in found.of(Need(TENANT, ref=f"org:{found.filer}")):
            if isinstance(kept.data, Tenant) and kept.data.org == f"org:{found.filer}" and kept.state == "reading":
                reason = Text(f"贵单位是 {kept.data.base} 的区域租户：读取省级库，不另建库",
                              f"You are a regional tenant of {kept.data.base}: you read it and build no second base")  # fmt: skip
                return Unmet(reason, "province", kept.data.base)
        for kept in found.of(Need(BASE, key=record.key(found.filer))):
            return Unmet(Text(f"该省已有基础数据库，由 {kept.filer} 建设", f"The province has its base, hosted by {kept.filer}"), "province", kept.ref)
        return None


class HostLets(Rule):
    """Who reads a base is its host's to say."""

    code = "BASE-TENANT"
    at = "filing"
    of = TENANT
    title = Text("由建库单位登记区域租户", "The host registers its tenants")
    clause = CLAUSE
    severity: ClassVar[Severity] = "refuse"
    owner = "portoffice"

    def needs(self, record: Tenant, filer: str) -> Iterable[Need]:
        """The base."""
        return (Need(BASE, key=record.base.partition(":")[2]),)

    def judge(self, record: Tenant, found: Found) -> Unmet | None:
        """Refuses an unknown base, one that another hosts, and the host as its own tenant."""
        kept = next(iter(found.of(Need(BASE, key=record.base.partition(":")[2]))), None)
        if kept is None or kept.filer != found.filer:
            return Unmet(Text("没有贵单位建设的这个基础数据库", "There is no such base of yours"), "base")
        if record.org == f"org:{found.filer}":
            return Unmet(Text("建库单位不是自己的租户", "A host is no tenant of its own"), "org")
        return None
