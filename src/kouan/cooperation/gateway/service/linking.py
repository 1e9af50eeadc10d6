"""A certificate and the declaration that cites it, whichever comes first."""

from __future__ import annotations

from collections.abc import Sequence
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


async def link(port: Port, certificate: str, stated: str | None) -> str | None:
    """Link a certificate to the declaration that its partner names, else to one that cites it; answers that declaration."""
    kept = await port.get(PLATFORM, CERTIFICATE, certificate)
    if kept.state != "unlinked" or not isinstance(kept.data, Certificate):
        return None
    for wanted in (stated, kept.data.permit, kept.data.transport_document):
        found = await port.find(PLATFORM, DECLARATION, ref=wanted) if wanted else []
        live = [one for one in found if one.state not in CLOSED and (wanted != stated or one.ref == stated)]
        if live:
            return await _linked(port, kept, live[0])
    return None


async def any_waits(port: Port) -> bool:
    """Whether any certificate is not linked yet."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        return await store.any_waits(conn)


async def link_cited(port: Port, declarations: Sequence[str]) -> None:
    """Link the certificates that wait for some declarations."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        pairs = await store.waiting_for(conn, [UUID(one) for one in declarations])
    for declaration, certificate in pairs:
        found = await port.get(PLATFORM, DECLARATION, declaration)
        kept = await port.get(PLATFORM, CERTIFICATE, certificate)
        if found.state not in CLOSED and kept.state == "unlinked":
            await _linked(port, kept, found)


async def _linked(port: Port, kept: Kept, declaration: Kept) -> str | None:
    changes = {"declaration": declaration.ref, "declarant": f"org:{declaration.filer}"}
    try:
        await port.act(PLATFORM, CERTIFICATE, kept.id, "link", changes=changes, note=declaration.ref)
    except Conflict:
        return None  # another worker was there first
    return declaration.ref
