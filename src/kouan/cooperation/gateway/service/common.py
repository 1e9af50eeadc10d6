"""What taking in and sending out share: steps, the port's key, partners, and calls to their doors."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kouan.base.push.api import Answered, Outward
from kouan.cooperation.gateway import envelopes, store
from kouan.cooperation.gateway.records import Hop, Partner, Step
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.kernel.text import Text

OUTWARD = "cooperation.gateway.outward"
PARTNER = Partner.facts.name
MEDIA = "application/jose+json"
FIRST, LONGEST = 2.0, 300.0
MOST_TRIES = 12
"""Tries over about an hour; then it is given up, and said so."""


def step(what: Hop, said: Text, *, ok: bool = True) -> dict[str, Any]:
    """One step as it is kept."""
    return Step(what=what, ok=ok, at=now(), zh=said.zh[:600], en=said.en[:600]).model_dump(mode="json")


def steps_of(kept: Kept, *more: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A record's steps with some more; of very many tries the newest are kept."""
    before: Sequence[Step] = getattr(kept.data, "steps", ())
    return [*(one.model_dump(mode="json") for one in before), *more][-100:]


async def partner_of(port: Port, ref: str) -> Kept | None:
    """The partner that a reference names."""
    found = await port.find(PLATFORM, PARTNER, key=ref.partition(":")[2])
    return found[0] if found and isinstance(found[0].data, Partner) else None


async def own_key(port: Port) -> tuple[str, Any]:
    """Identifier and private key of this port towards partners."""
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        return await store.key(conn, port.vault, f"{port.site.code}-{secrets.token_hex(4)}")


async def public_key(port: Port) -> tuple[str, str]:
    """Identifier and public half (PEM) of the port's key."""
    key_id, key = await own_key(port)
    return key_id, envelopes.pem_of(key)


async def sealed(port: Port, content: Mapping[str, Any]) -> str:
    """An envelope of this port."""
    key_id, key = await own_key(port)
    return envelopes.sealed(key, key_id, content)


async def post(port: Port, partner: Partner, door: str, envelope: str) -> Answered:
    """Hand an envelope over at a door of a partner's. Raises Forbidden or Away."""
    outward: Outward | None = port.extras.get(OUTWARD)
    if outward is None:
        outward = port.extras[OUTWARD] = Outward()
    address = f"{(partner.address or '').rstrip('/')}/{door}"
    return await outward.call("POST", address, {"Content-Type": MEDIA, "Accept": MEDIA}, envelope.encode())


def later(tries: int, at: datetime) -> datetime:
    """When it is tried again after so many tries."""
    return at + timedelta(seconds=min(FIRST * 2.0 ** min(tries, 20), LONGEST))
