"""Agreements as the link needs them: those with a partner, those in force."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kouan.cooperation.link.lifecycle import ENDED
from kouan.cooperation.link.records import PARTNER, Agreement
from kouan.cooperation.link.store import reading
from kouan.cooperation.link.terms import IN_FORCE, lasts
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal

AGREEMENT = Agreement.facts.name
MOST = 1000
ENDS = frozenset({"end", "withdraw"})


async def with_partner(port: Port, slug: str) -> list[Kept]:
    """All agreements with a partner platform, whatever their state; none with an organisation that is no platform."""
    number = port.orgs.named(f"org:{slug}")
    if number is None or number not in port.orgs.of_kind(PARTNER):
        return []
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        rows = await equal(conn, Agreement, {"partner": f"org:{slug}"}, limit=MOST, newest=True)
    return [kept_of(AGREEMENT, row, port.orgs) for row in rows]


async def in_force(port: Port) -> list[Kept]:
    """All agreements that both sides have signed and none has ended."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        rows = await equal(conn, Agreement, {}, states=(IN_FORCE,), limit=MOST)
    return [kept_of(AGREEMENT, row, port.orgs) for row in rows]


async def any_in_force(port: Port) -> bool:
    """Whether there is any agreement of that kind."""
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        return bool(await equal(conn, Agreement, {}, states=(IN_FORCE,), limit=1))


async def partners(port: Port) -> dict[str, Kept]:
    """The newest agreement in force with each partner, by its short name."""
    found: dict[str, Kept] = {}
    for kept in await in_force(port):
        slug = of(kept).partner.partition(":")[2]
        if slug not in found or kept.filed_at > found[slug].filed_at:
            found[slug] = kept
    return found


def of(kept: Kept) -> Agreement:
    """The content of an agreement that is kept."""
    assert isinstance(kept.data, Agreement)
    return kept.data


def holds(kept: Kept, at: datetime) -> bool:
    """Whether an agreement is in force at a moment."""
    return kept.state == IN_FORCE and lasts(of(kept), at)


async def held(port: Port, kept: Kept, at: datetime) -> bool:
    """Whether an agreement is in force at a moment, or has ended since and was in force then."""
    if kept.state != ENDED:
        return holds(kept, at)
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        life = await reading.life(conn, UUID(kept.id))
    return {"sign", "countersign"} <= life.keys() and lasts(of(kept), at) and at < min(life[one] for one in ENDS & life.keys())
