"""How fast a visit is known: when each party had the notice, and when customs had the moves of the boxes (三方联动)."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kouan.base.exchange.api import Receipt, receipts
from kouan.base.identity.api import KINDS
from kouan.base.movement.api import Move
from kouan.facilities.yard.api import Stay, stays_of
from kouan.kernel.clock import stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.finding import by_ids, mentioning
from kouan.kernel.store.ops import Row
from kouan.supervision.inspection.lifecycle import AGENCIES

AGREED = 5.0
MOST_MOVES = 40
WATCHERS = (*AGENCIES, "portoffice", "terminal")
"""Who sees the notices of all parties; others see their own."""
DECISIVE = ("discharge", "gate-in", "to-bay", "from-bay", "gate-out", "load")


def agreed_seconds() -> float:
    """Within how many seconds parties have agreed to tell each other (KOUAN_AGREED_SECONDS, 5 unless set)."""
    return float(os.environ.get("KOUAN_AGREED_SECONDS") or AGREED)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an order's notices, read in one transaction as the platform."""

    order: Row
    told: Sequence[Receipt]
    moves: Sequence[Row]
    moved: Sequence[Receipt]
    stays: Mapping[str, Sequence[Stay]]


async def notices(port: Port, who: Principal, order: Row) -> dict[str, Any]:
    """The notices of an order that the caller may read, and the moves of its boxes, each with its delay in seconds."""
    seen = await _seen(port, order)
    watching = who.kind in WATCHERS
    parties = [_party(port, seen, one) for one in seen.told if watching or one.org == who.org]
    return {
        "agreed_seconds": agreed_seconds(),
        "issued": stamp(order.filed_at),
        "parties": sorted(parties, key=lambda party: str(party["at"])),
        "boxes": [_box(box, seen.stays.get(box, ()), exact=watching) for box in order.doc.get("containers", ())],
        "moves": _moves(port, seen) if watching else [],
    }


async def _seen(port: Port, order: Row) -> Seen:
    boxes = list(order.doc.get("containers", ()))
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        told = await receipts(conn, [order.id])
        moves = await _moves_of(conn, boxes)
        moved = await receipts(conn, [move.id for move in moves])
        return Seen(order, told, moves, moved, await stays_of(conn, boxes))


async def _moves_of(conn: Connection, boxes: Sequence[str]) -> list[Row]:
    named = await mentioning(conn, Move.facts.name, boxes, limit=MOST_MOVES)
    rows = await by_ids(conn, Move, sorted({one for found in named.values() for one in found}))
    return [row for row in rows if row.doc.get("activity") in DECISIVE]


def _party(port: Port, seen: Seen, one: Receipt) -> dict[str, Any]:
    """One party's notice: taken by its own system, or standing in its inbox; and since when it is acknowledged."""
    slug = port.orgs.slug(one.org)
    at = one.taken or one.inbox
    seconds = (at - seen.order.filed_at).total_seconds()
    track = seen.order.tracks["terminal"]
    acknowledged = track["since"] if one.org in port.orgs.of_kind("terminal") and track["state"] != "planned" else None
    title = KINDS.get(slug)
    return {
        "org": slug,
        "title": title.out() if title else {"zh": slug, "en": slug},
        "how": "system" if one.taken else "inbox",
        "at": stamp(at),
        "seconds": round(seconds, 3),
        "within": seconds <= agreed_seconds(),
        "acknowledged": acknowledged,
        "tries": one.tries,
        "trouble": one.trouble if one.taken is None else "",
    }


def _box(box: str, found: Sequence[Stay], *, exact: bool) -> dict[str, Any]:
    """Where a box of the visit is now; its slot is the terminal's and the agencies' to know."""
    stay = found[-1] if found else None
    shown: dict[str, Any] = {"container": box, "presence": stay.presence if stay else "expected"}
    return {
        **shown,
        "place": stay.place if stay else None,
        "position": stay.position if stay and exact else None,
        "since": stamp(stay.since) if stay else None,
    }


def _moves(port: Port, seen: Seen) -> list[dict[str, Any]]:
    """The moves of the boxes, the newest first: when they happened, were told, and were with customs."""
    customs = set(port.orgs.of_kind("customs"))
    taken = {one.record: one for one in seen.moved if one.org in customs}
    out = []
    for row in sorted(seen.moves, key=lambda row: str(row.doc["at"]), reverse=True):
        receipt = taken.get(row.id)
        had = (receipt.taken or receipt.inbox) if receipt else None
        seconds = (had - row.filed_at).total_seconds() if had else None
        out.append({
            "container": row.doc.get("equipment"), "activity": row.doc["activity"], "place": row.doc.get("place"),
            "position": row.doc.get("position"), "at": row.doc["at"], "told": stamp(row.filed_at),
            "customs": stamp(had) if had else None, "seconds": None if seconds is None else round(seconds, 3),
            "within": seconds is not None and seconds <= agreed_seconds(),
        })  # fmt: skip
    return out
