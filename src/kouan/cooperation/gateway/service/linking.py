"""A certificate and the declarations that cite it, whichever come first. `declaration` is the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.cooperation.gateway import store
from kouan.cooperation.gateway.records import Certificate
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept

CERTIFICATE, DECLARATION = Certificate.facts.name, Declaration.facts.name
CLOSED = ("cancelled", "rejected")
LINKS: Mapping[str, Any] = {"declaration": None, "declarant": None, "declarations": (), "declarants": ()}
"""What a certificate says of its declarations, and its value before there is any."""
MOST, TRIES = 200, 5


async def link(port: Port, certificate: str, stated: Sequence[str]) -> list[str]:
    """Link a certificate to the declarations that its partner names and to those that cite it; answers those that are new."""
    kept = await port.get(PLATFORM, CERTIFICATE, certificate)
    if kept.state == "standing" or not isinstance(kept.data, Certificate):
        return []
    found: dict[str, Kept] = {}
    for wanted in dict.fromkeys((*stated, kept.data.permit, kept.data.transport_document)):
        for one in await port.find(PLATFORM, DECLARATION, ref=wanted) if wanted else []:
            if one.state not in CLOSED and (wanted not in stated or one.ref == wanted):
                found.setdefault(one.ref, one)
    return [ref for ref, one in found.items() if await _linked(port, certificate, one)]


async def any_waits(port: Port) -> bool:
    """Whether there is any certificate that a declaration may cite."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        return await store.any_waits(conn)


async def link_cited(port: Port, declarations: Sequence[str]) -> None:
    """Link the certificates that some declarations cite."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        pairs = await store.cited_by(conn, [UUID(one) for one in declarations])
    for declaration, certificate in pairs:
        found = await port.get(PLATFORM, DECLARATION, declaration)
        if found.state not in CLOSED:
            await _linked(port, certificate, found)


async def _linked(port: Port, certificate: UUID | str, declaration: Kept) -> bool:
    """Add a declaration to those of a certificate; whether it is new there. Others may add theirs meanwhile."""
    for _ in range(TRIES):
        kept = await port.get(PLATFORM, CERTIFICATE, certificate)
        data = kept.data
        if not isinstance(data, Certificate) or declaration.ref in data.declarations or len(data.declarations) >= MOST:
            return False
        by = f"org:{declaration.filer}"
        # One that was linked before there could be several stands in `declaration` alone.
        refs, orgs = ((one,) if one and not all_ else () for one, all_ in
                      ((data.declaration, data.declarations), (data.declarant, data.declarants)))  # fmt: skip
        changes: dict[str, Any] = {
            "declarations": [*refs, *data.declarations, *(() if declaration.ref in refs else (declaration.ref,))],
            "declarants": list(dict.fromkeys((*orgs, *data.declarants, by))),
        }  # fmt: skip
        action = "cite" if kept.state == "linked" else "link"
        if action == "link":
            changes = {**changes, "declaration": declaration.ref, "declarant": by}
        try:
            await port.act(PLATFORM, CERTIFICATE, kept.id, action, changes=changes, note=declaration.ref, version=kept.version)
        except Conflict:
            continue
        return True
    return False
