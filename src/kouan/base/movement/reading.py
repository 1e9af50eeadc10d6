"""The timeline of one box for a caller: what its parties may see, and for its consignee what concerns the cargo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kouan.base.manifest.api import Consignment
from kouan.base.movement.records import CARGO, Move
from kouan.base.movement.timeline import Step, Told, Where, open_end, standing, timeline
from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of, visible
from kouan.kernel.store.finding import by_ids, equal, mentioning
from kouan.kernel.store.ops import Row

MOST = 1000
CARRIED = timedelta(days=90)
"""How long before its manifest was filed the moves of a box may still concern that cargo."""
UNTIL = timedelta(days=180)
"""How long after it."""
SHOWN = frozenset((*CARGO, "function"))


@dataclass(frozen=True, slots=True)
class Line:
    """A box's timeline: its steps with the fields that the caller may see, where the box is, what is missing."""

    steps: list[tuple[Step, dict[str, Any], Row]]
    where: Where
    missing: tuple[str, ...]


async def line_of(port: Port, who: Principal, container: str) -> Line:
    """The timeline of a container (a full reference), oldest event first; empty where the caller may see no move."""
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, Move, {"equipment": container}, limit=MOST, newest=True)
        spans = [] if rows else await _consigned(conn, who, container)
    if spans:
        async with scope(port.pool, (0, PLATFORM.org)) as conn:
            rows = await equal(conn, Move, {"equipment": container}, limit=MOST, newest=True)
        rows = [row for row in rows if any(a <= _moment(row) <= b for a, b in spans)]
    kept = {row.ref: row for row in rows}
    steps = timeline(Told(port.orgs.slug(r.org), r.ref, r.filed_at, Move.model_validate(r.doc)) for r in rows)
    told = [(step, _seen(kept[step.told.ref], who, owner=bool(spans)), kept[step.told.ref]) for step in steps]
    return Line(told, standing(steps), open_end(steps))


async def _consigned(conn: Connection, who: Principal, container: str) -> list[tuple[datetime, datetime]]:
    """The times in which a box carried cargo that a carrier's manifest consigns to the caller's organisation."""
    ids = (await mentioning(conn, Consignment.facts.name, [container], limit=20)).get(container, [])
    lines = await by_ids(conn, Consignment, ids) if ids else []
    return [(r.filed_at - CARRIED, r.filed_at + UNTIL) for r in lines if who.org in r.parties.get("consignee", ())]


def _moment(row: Row) -> datetime:
    return datetime.fromisoformat(str(row.doc["at"]))


def _seen(row: Row, who: Principal, *, owner: bool) -> dict[str, Any]:
    fields = SHOWN if owner else visible(Move, row.parties, row.org, who)
    return {name: value for name, value in row.doc.items() if name in fields}
