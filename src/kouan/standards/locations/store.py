"""National codes that stewards keep, read in the caller's scope."""

from __future__ import annotations

from typing import Any

from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.standards.locations.records import LocationCode

MOST = 500


async def entries(port: Port, who: Principal, wanted: dict[str, Any]) -> list[LocationCode]:
    """Entries with some values, by the day from which they stand."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, LocationCode, wanted, limit=MOST)
    return sorted((LocationCode.model_validate(row.doc) for row in rows), key=lambda one: (one.scheme, one.since))
