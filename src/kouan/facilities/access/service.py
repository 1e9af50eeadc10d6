"""The quick check of a person at a door, and the roster of those inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kouan.facilities.access import store
from kouan.facilities.access.records import AreaPermit
from kouan.facilities.access.rules import PERMIT, standing
from kouan.facilities.access.store import Inside
from kouan.kernel.database import scope
from kouan.kernel.http.records import shown
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import record_type
from kouan.kernel.rules import Kept, Need
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import load
from kouan.kernel.store.finding import by_ids
from kouan.kernel.text import Text

MOST = 5000
IN_FORCE = Text("在有效期内", "In force")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person may be in an area at a moment, by which permit, or why not."""

    allowed: bool
    reason: Text
    permit: Kept | None


def verdict(permits: Sequence[Kept], area: str, at: datetime) -> Verdict:
    """What the permits of a person say of an area at a moment."""
    kept, why = standing(permits, area, at)
    return Verdict(why is None, why or IN_FORCE, kept)


async def check(port: Port, person: str, area: str, at: datetime) -> Verdict:
    """May this person enter? `person` as the document says it; asked with the rights of the platform, answered in few words."""
    kept = [one for token in port.vault.tokens(person) for one in await port.find(PLATFORM, PERMIT, ref=token)]
    return verdict(kept, area, at)


async def roster(port: Port, who: Principal, area: str, at: datetime) -> list[dict[str, Any]]:
    """Those inside at a moment with the standing of their permits then, as far as the caller may see passages and permits."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        here = await store.inside(conn, area, at, MOST)
        needs = {one.person: Need(PERMIT, ref=one.person) for one in here}
        found = await load(conn, needs.values(), port.orgs)
        verdicts = [verdict(found.get(needs[one.person], ()), one.area, at) for one in here]
        cls = record_type(PERMIT)
        permits = await by_ids(conn, cls, [UUID(one.permit.id) for one in verdicts if one.permit])
        items = {item["id"]: item for item in await shown(port, who, cls, permits, conn)}
    return [_entry(one, said, items, at) for one, said in zip(here, verdicts, strict=True)]


def _entry(one: Inside, said: Verdict, items: dict[str, dict[str, Any]], at: datetime) -> dict[str, Any]:
    item = items.get(said.permit.id) if said.permit else None
    data = said.permit.data if said.permit else None
    assert data is None or isinstance(data, AreaPermit)
    return {
        "person": one.person, "area": one.area, "since": one.since, "minutes": int((at - one.since).total_seconds() // 60),
        "reader": one.reader, "flagged": one.flagged, "allowed": said.allowed, "reason": said.reason.out(),
        "name": item["data"].get("name") if item else None, "permit": item["ref"] if item else None,
        "permit_id": item["id"] if item else None, "employer": data.employer if data else None, "closes": data.closes if data else None,
        "escort": bool(data and data.escort),
    }  # fmt: skip
