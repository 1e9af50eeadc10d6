"""How much the base holds, family by family: all of it, and what the caller may read of it."""

from __future__ import annotations

from typing import Any

from kouan.base.province.families import FAMILIES, types_of
from kouan.base.province.store import MOST, counted
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import EVERYONE, scope_of


async def families(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The seven families with their record types; counts tell that there is something, never what."""
    names = [cls.facts.name for family in FAMILIES for cls in types_of(family)]
    async with scope(port.pool, (EVERYONE, PLATFORM.org)) as conn:
        held = {name: await counted(conn, name) for name in names}
    async with scope(port.pool, scope_of(who)) as conn:
        yours = {name: min(MOST, (await counted(conn, name))[0]) for name in names}
    found = []
    for family, title in FAMILIES.items():
        lines: list[dict[str, Any]] = [
            {"name": cls.facts.name, "title": cls.facts.title.out(), "count": held[cls.facts.name][0], "about": held[cls.facts.name][1],
             "readable": yours[cls.facts.name], "door": "/api/records/" + cls.facts.name.replace(".", "/")}
            for cls in types_of(family)
        ]  # fmt: skip
        found.append({
            "family": family, "clause": f"7.2.1 {family})", "title": title.out(), "count": sum(line["count"] for line in lines),
            "readable": sum(line["readable"] for line in lines), "records": lines,
        })  # fmt: skip
    return found
