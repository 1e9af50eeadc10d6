"""Standards as the port keeps them, read in the caller's scope."""

from __future__ import annotations

from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.standards.registry.records import Standard

PAGE = 500


async def kept(port: Port, who: Principal) -> list[Row]:
    """All of them, by the time of their filing."""
    found: list[Row] = []
    async with scope(port.pool, scope_of(who)) as conn:
        while True:
            rows = await equal(conn, Standard, {}, after=found[-1].seq if found else 0, limit=PAGE)
            found += rows
            if len(rows) < PAGE:
                return found


async def numbered(port: Port, who: Principal, number: str) -> Row | None:
    """The one of a number."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, Standard, {"number": number}, limit=1)
    return rows[0] if rows else None
