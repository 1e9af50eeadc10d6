"""What the page's filters offer: the values that each dimension had lately, remembered for half a minute for who may see the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from kouan.kernel.database import Connection
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.operations.monitoring import reading

EXTRA = "operations.monitoring.offers"
LASTS, MOST = 30.0, 200
Key = tuple[tuple[int, ...], int, tuple[str, ...], date]


async def offers(
    port: Port, conn: Connection, who: Principal, codes: Sequence[str], since: date, zone: ZoneInfo
) -> dict[str, list[str]]:
    """The values of each dimension of some indicators since a day, as the caller sees them; up to half a minute old."""
    held: dict[Key, tuple[float, dict[str, list[str]]]] = port.extras.setdefault(EXTRA, {})
    key = tuple(scope_of(who)), who.org, tuple(codes), since
    at, found = held.get(key, (0.0, {}))
    now = time.monotonic()
    if not at or now - at > LASTS:
        found = await reading.values(conn, codes, who.org, since, zone)
        held.pop(key, None)
        held[key] = now, found
        for old in list(held)[: max(len(held) - MOST, 0)]:
            del held[old]
    return found
