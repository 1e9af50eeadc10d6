"""Changing the platform's own link key: begun by the port office, told each partner, ended when all have acknowledged it."""

from __future__ import annotations

import secrets
from typing import Any

from kouan.cooperation.link import errors, sealing
from kouan.cooperation.link.service import agreements, giving, keys
from kouan.cooperation.link.store import reading
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal

OFFICE = "portoffice"


async def begin(port: Port, who: Principal) -> dict[str, Any]:
    """Make the key that is to follow and announce it; one that is announced already goes on."""
    _may(who)
    await keys.ring(port)
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        await reading.keep_next(conn, port.vault.wrap(secrets.token_bytes(sealing.BYTES), keys.PLACE))
    await settle(port)
    return await standing(port)


async def finish(port: Port, who: Principal) -> dict[str, Any]:
    """Use the new key alone from now on, though a partner has not acknowledged it: that one pins it by hand, in a new agreement."""
    _may(who)
    found = await keys.ring(port)
    if found.wrapped is None:
        raise errors.not_rotating()
    async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
        await reading.promote(conn, found.wrapped)
    return await standing(port)


async def settle(port: Port) -> None:
    """Tell every partner that was not told yet, and forget the old key when all have acknowledged the new; safe to repeat."""
    content = await keys.announcement(port)
    if content is None:
        return
    known = await agreements.partners(port)
    waiting = {slug: kept for slug, kept in known.items() if not await _acknowledged(port, slug, content["key"])}
    for kept in waiting.values():
        await giving.announce(port, kept, content)
    found = await keys.ring(port)
    if not waiting and found.wrapped is not None:
        async with scope(port.pool, (PLATFORM.org,), clearance=4) as conn:
            await reading.promote(conn, found.wrapped)


async def standing(port: Port) -> dict[str, Any]:
    """The key in use, the one that is to follow, and which partners have acknowledged that."""
    found = await keys.ring(port)
    following = sealing.written(found.next.public_key()) if found.next else None
    partners = [
        {"partner": f"org:{slug}", "acknowledged": await _acknowledged(port, slug, following)}
        for slug in sorted(await agreements.partners(port))
    ] if following else []  # fmt: skip
    return {
        "key": sealing.written(found.current.public_key()), "next": following,
        "since": stamp(found.since) if found.since else None, "partners": partners,
    }  # fmt: skip


async def _acknowledged(port: Port, slug: str, key: str | None) -> bool:
    return any(one.successor == key for one in await keys.changes(port, slug, "ours"))


def _may(who: Principal) -> None:
    if who.kind != OFFICE or not who.writes:
        raise errors.not_yours()
