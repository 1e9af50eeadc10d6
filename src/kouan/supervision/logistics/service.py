"""Following the cargoes of a call, a bill or a box: which lines the caller may see, and what is known of each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kouan.base.manifest.api import Consignment
from kouan.facilities.yard.api import Stay, landed, stays_of
from kouan.kernel.clock import now
from kouan.kernel.database import Connection, scope
from kouan.kernel.errors import NotFound
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store.entitle import scope_of, visible
from kouan.kernel.store.ops import Row
from kouan.kernel.text import Text
from kouan.supervision.inspection.api import AGENCIES, WAITING
from kouan.supervision.logistics import store
from kouan.supervision.logistics.stages import (
    DISCREPANCIES,
    STAGES,
    Cargo,
    Clearance,
    Line,
    Voyage,
    cargo,
    masses,
    veiled,
)
from kouan.supervision.logistics.store import Ship

UNKNOWN = Text("没有这个航次，或其中没有贵单位的货物", "There is no such call, or none of its cargo is yours")
WATCHERS = (*AGENCIES, "portoffice", "terminal")
"""Who sees the slots of boxes."""
COMPARERS = ("customs", "maritime", "portoffice", "terminal")
"""Who sees all manifests, and so what none of them names; a carrier does when all of the voyage are its own."""
AROUND_CALL = timedelta(days=5)
CLOSED = ("cancelled", "rejected")
GRAVE = {"red": 0, "amber": 1}
TURN = {stage: turn for turn, stage in enumerate(STAGES)}
ALL_SEEN = frozenset({"manifest", "bill", "containers"})
MOST_LINES = 200
MOST_CALLS = 40
TOGETHER = 250


@dataclass(slots=True)
class Known:
    """What is known of some lines: by box, by bill, by voyage; and who may see which declaration and visit."""

    at: datetime
    voyages: dict[str, Voyage] = field(default_factory=dict)
    stays: Mapping[str, Sequence[Stay]] = field(default_factory=dict)
    clearances: dict[str, Clearance] = field(default_factory=dict)
    seeing: dict[str, Sequence[int]] = field(default_factory=dict)
    bills: dict[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Followed:
    """The cargoes of a question, gravest first; `ship` when it was about one call."""

    at: datetime
    cargoes: Sequence[Cargo]
    ship: Ship | None = None


async def of_call(port: Port, who: Principal, ref: str) -> Followed:
    """All cargoes of a call that the caller may see. Raises NotFound when it may see neither call nor cargo."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        ship = await store.call(conn, ref)
        sheets = await store.manifests_of(conn, ship.vessel, ship.voyage) if ship else []
    if ship is None:
        raise NotFound(UNKNOWN, field="call", code="no_call")
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.lines_of(conn, [sheet.ref for sheet in sheets])
        mine = await store.call(conn, ref)
    if not rows and mine is None:
        raise NotFound(UNKNOWN, field="call", code="no_call")
    lines = _lines(port, who, rows)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        known = await _known(conn, port, lines, {sheet.ref: sheet for sheet in sheets}, ship)
        boxes, filers = await store.boxes_of(conn, [sheet.ref for sheet in sheets])
        whole = who.kind in COMPARERS or filers == {who.org}
        strangers = await _strangers(conn, ship, boxes, known) if whole else []
    return Followed(known.at, sorted((*(await _followed(who, lines, known)), *strangers), key=_order), ship)


async def about(port: Port, who: Principal, ref: str) -> Followed:
    """The cargoes that mention a bill or a box and that the caller may see, the newest voyage first."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.lines_about(conn, ref, MOST_LINES)
    lines = [line for line in _lines(port, who, rows) if ref in (line.bill, line.container)]
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        sheets = await store.manifests(conn, sorted({line.manifest for line in lines}))
        known = await _known(conn, port, lines, {sheet.ref: sheet for sheet in sheets}, None)
    return Followed(known.at, await _followed(who, lines, known))


async def recent(port: Port, who: Principal) -> Followed:
    """The newest lines of the caller's own, for those who see no calls: a trader's goods."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.newest_lines(conn, MOST_LINES)
    lines = _lines(port, who, rows)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        sheets = await store.manifests(conn, sorted({line.manifest for line in lines}))
        known = await _known(conn, port, lines, {sheet.ref: sheet for sheet in sheets}, None)
    return Followed(known.at, await _followed(who, lines, known))


async def calls(port: Port, who: Principal) -> list[dict[str, Any]]:
    """The newest calls that the caller may see, with how many boxes were landed and have left."""
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        ships = await store.newest_calls(conn, MOST_CALLS)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        told = await store.discharges(conn, sorted({ship.vessel for ship in ships}))
    counts = {(row["vessel"], row["voyage"]): row for row in told}
    out = []
    for ship in ships:
        row = counts.get((ship.vessel, ship.voyage))
        out.append({"ship": ship, "landed": row["landed"] if row else 0, "gone": row["gone"] if row else 0,
                    "arrived": row["first"] if row else None})  # fmt: skip
    return out


def _lines(port: Port, who: Principal, rows: Iterable[Row]) -> list[Line]:
    """A line for each box of each bill to this port; of loose cargo one for the bill."""
    out: list[Line] = []
    for row in rows:
        seen = visible(Consignment, row.parties, row.org, who)
        doc = row.doc
        if not seen >= ALL_SEEN or doc.get("discharge") not in (None, "", port.site.code):
            continue
        boxes = doc.get("containers") or [""]
        gross = doc.get("gross_kg") if "gross_kg" in seen else None
        out += [Line(doc["bill"], box, doc["manifest"], row.filed_at, gross, len(boxes), row.ref) for box in boxes]
    return out


async def _known(conn: Connection, port: Port, lines: Sequence[Line], sheets: Mapping[str, Ship], ship: Ship | None) -> Known:
    known = Known(now())
    known.voyages = await _voyages(conn, sheets, ship)
    boxes = sorted({line.container for line in lines if line.container})
    bills = sorted({line.bill for line in lines})
    known.stays = await stays_of(conn, boxes) if boxes else {}
    declared = await store.declared(conn, [*boxes, *bills], port.site.office) if lines else []
    visits = {row["declaration"]: row for row in await store.visits(conn, sorted({row["ref"] for row in declared}))}
    for row in declared:
        known.bills[row["ref"]] = row["bills"] or ()
        known.seeing[row["ref"]] = row["readers"]
        clearance = _clearance(row, visits.get(row["ref"]))
        held = known.clearances.get(row["about"])
        if held is None or _nearer(clearance, held):
            known.clearances[row["about"]] = clearance
    return known


def _nearer(one: Clearance, held: Clearance) -> bool:
    """A release speaks for a bill before anything else, then whatever still lives (as the gate asks)."""
    rank = {"released": 0, **dict.fromkeys(CLOSED, 2)}
    return rank.get(one.state, 1) < rank.get(held.state, 1)


def _clearance(row: Any, visit: Any) -> Clearance:
    if visit is None:
        return Clearance(row["ref"], row["state"], row["since"])
    tracks = visit["tracks"]
    over = visit["state"] == "finished"
    ended = max((str(tracks[kind]["since"]) for kind in AGENCIES), default="")
    return Clearance(
        row["ref"], row["state"], row["since"], visit["ref"], visit["filed_at"], visit["planned"], "over" if over else "open",
        datetime.fromisoformat(ended) if over and ended else None,
        tuple(kind for kind in AGENCIES if tracks[kind]["state"] == WAITING),
    )  # fmt: skip


async def _voyages(conn: Connection, sheets: Mapping[str, Ship], ship: Ship | None) -> dict[str, Voyage]:
    """For each manifest (and, under its own reference, the call) the visit of its ship."""
    vessels = sorted({one.vessel for one in (*sheets.values(), *([ship] if ship else ())) if one.vessel})
    told = {(row["vessel"], row["voyage"]): row for row in await store.discharges(conn, vessels)}
    calls_ = {(one.vessel, one.voyage): one for one in reversed(await store.calls_of(conn, vessels))}
    found: dict[str, Voyage] = {}
    for ref, one in [*sheets.items(), *([(ship.ref, ship)] if ship else ())]:
        call, row = calls_.get((one.vessel, one.voyage)), told.get((one.vessel, one.voyage))
        found[ref] = Voyage(
            one.vessel, one.voyage, call.ref if call else "", (call.eta if call else None) or one.eta, call.etd if call else None,
            row["first"] if row else None, row["last"] if row else None,
        )  # fmt: skip
    return found


async def _followed(who: Principal, lines: Sequence[Line], known: Known) -> list[Cargo]:
    mine = {line.container: _stay(line, known.voyages.get(line.manifest), known) for line in lines if line.container}
    wrong = masses(lines, mine)
    out = []
    for turn, line in enumerate(lines):
        if turn % TOGETHER == TOGETHER - 1:
            await asyncio.sleep(0)  # a large call does not hold up who asks meanwhile
        voyage = known.voyages.get(line.manifest, Voyage())
        clearance = _speaks(line, known)
        stay = mine.get(line.container)
        one = cargo(line, voyage, stay, clearance, known.at, mass=line.container in wrong)
        may = clearance is None or {0, who.org} & set(known.seeing.get(clearance.declaration, ()))
        out.append(one if may and (clearance is not None or who.kind != "carrier") else veiled(one))
    return sorted(out, key=_order)


def _speaks(line: Line, known: Known) -> Clearance | None:
    """The declaration that cites the bill; else one that names the box and cites no bill."""
    by_bill, by_box = known.clearances.get(line.bill), known.clearances.get(line.container)
    if by_bill is None and by_box is not None and not known.bills.get(by_box.declaration):
        return by_box
    return by_bill


def _stay(line: Line, voyage: Voyage | None, known: Known) -> Stay | None:
    """The stay that began with this voyage: told with its number, or, where none was told, about the time of its call."""
    found = known.stays.get(line.container, ())
    if voyage is None:
        return found[-1] if found else None
    for stay in reversed(found):
        if (stay.vessel, stay.voyage) == (voyage.vessel, voyage.number):
            return stay
    about_then = voyage.eta or line.filed
    unnamed = [stay for stay in found if stay.voyage is None and (about_then is None or stay.began > about_then - AROUND_CALL)]
    return unnamed[0] if unnamed else None


async def _strangers(conn: Connection, ship: Ship, boxes: Sequence[str], known: Known) -> list[Cargo]:
    """Full boxes that came off the ship and stand on none of her manifests."""
    came = await landed(conn, ship.vessel, ship.voyage, boxes, store.MOST_LINES)
    strange = {box: stay for box, stay in came.items() if stay.status != "empty"}
    listed = await store.listed(conn, sorted(strange)) if strange else set()
    voyage = known.voyages[ship.ref]
    out = []
    for box, stay in strange.items():
        one = cargo(Line("", box), voyage, stay, None, known.at)
        code = "other_manifest" if box in listed else "over_landed"
        out.append(Cargo(one.line, voyage, one.stage, one.since, stay, None, None, (code, *one.wrong), one.steps))
    return out


def _order(one: Cargo) -> tuple[int, int, str, str]:
    grave = min((GRAVE[DISCREPANCIES[code][0]] for code in one.wrong), default=9)
    return grave, TURN[one.stage], one.line.bill, one.line.container
