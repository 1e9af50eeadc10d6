"""The amendments that there are, read in the caller's scope."""

from __future__ import annotations

from collections.abc import Sequence

from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row
from kouan.standards.parameters.records import Entry, Rate

PAGE = 500
MOST_RATES = 2000


async def amendments(port: Port, who: Principal, set_name: str, of_code: str = "") -> list[Row]:
    """All amendments of a set, or of one code, in the order in which they were filed."""
    wanted = {"set_name": set_name, **({"of_code": of_code} if of_code else {})}
    found: list[Row] = []
    async with scope(port.pool, scope_of(who)) as conn:
        while True:
            rows = await equal(conn, Entry, wanted, after=found[-1].seq if found else 0, limit=PAGE)
            found += rows
            if len(rows) < PAGE:
                return found


def entries(rows: Sequence[Row]) -> list[Entry]:
    """The rows as amendments."""
    return [Entry.model_validate(row.doc) for row in rows]


async def rates(port: Port, who: Principal, code: str) -> list[Rate]:
    """All rates of a commodity code and of the codes above it."""
    above = [code[:length] for length in range(2, len(code) + 1)]
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, Rate, {"hs": above}, limit=MOST_RATES, newest=True)
    return [Rate.model_validate(row.doc) for row in rows]
