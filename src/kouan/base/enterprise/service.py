"""What other modules ask about a firm."""

from __future__ import annotations

from kouan.base.enterprise.records import Enterprise
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.standards.identifiers.api import check


async def known(port: Port, who: Principal, code: str) -> Enterprise | None:
    """The firm of a credit code in any spelling, as far as rules may see it; None when nobody has filed it."""
    found = await port.find(who, Enterprise.facts.name, key=check("uscc", code).value)
    data = found[0].data if found else None
    return data if isinstance(data, Enterprise) else None
