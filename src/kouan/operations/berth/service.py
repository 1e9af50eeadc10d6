"""Finding free slots, and changing plans because something outside them has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kouan.base.portcall.api import PortCall
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.kernel.store.facts import kept_of
from kouan.kernel.text import Text
from kouan.operations.berth import store
from kouan.operations.berth.lifecycle import AHEAD, OPEN
from kouan.operations.berth.records import BerthPlan
from kouan.operations.berth.rules import PLAN, UNDER_KEEL, held

LOOK_AHEAD = timedelta(days=7)
STEP = timedelta(minutes=1)
TRIES = 3
Admits = Callable[["Slot"], bool]


@dataclass(frozen=True, slots=True)
class Slot:
    """A berth and the time for which it is free."""

    berth: str
    begin: datetime
    end: datetime

    def changes(self) -> dict[str, Any]:
        """The fields of a plan that it sets."""
        return {"berth": self.berth, "planned_from": stamp(self.begin), "planned_to": stamp(self.end)}


@dataclass(frozen=True, slots=True)
class Why:
    """Why a plan is changed or flagged, and the record that says so."""

    said: Text
    because: str

    def notes(self) -> list[dict[str, Any]]:
        """The note that stands on the plan."""
        return [{"zh": self.said.zh[:400], "en": self.said.en[:400], "because": self.because}]


async def plans_of(port: Port, call: str, states: Sequence[str] = OPEN) -> list[Kept]:
    """The plans of a call in some states, by turn."""
    found = [kept for kept in await port.find(PLATFORM, PLAN, ref=call) if kept.state in states and plan(kept).call == call]
    return sorted(found, key=lambda kept: plan(kept).turn)


def plan(kept: Kept) -> BerthPlan:
    """The plan that a kept record is."""
    assert isinstance(kept.data, BerthPlan)
    return kept.data


def earliest(berth: str, begin: datetime, wanted: BerthPlan, taken: Iterable[BerthPlan]) -> Slot:
    """The first time from `begin` on at which a berth is free for as long as a plan lasts, gaps on both sides kept."""
    length, gap = wanted.planned_to - wanted.planned_from, timedelta(minutes=wanted.gap_minutes)
    for other in sorted((one for one in taken if one.berth == berth), key=lambda one: one.planned_from):
        starts, ends = held(other)
        if begin < ends and starts < begin + length + gap:
            begin = ends
    return Slot(berth, begin, begin + length)


async def slots(port: Port, wanted: BerthPlan, *, begin: datetime | None = None, admits: Admits = lambda _slot: True) -> list[Slot]:
    """Free slots for a stay at every berth that takes the ship, the soonest first; of equals the berth planned already."""
    start = max(begin or wanted.planned_from, now().replace(second=0, microsecond=0))
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        berths = await store.berths(conn)
        rows = await store.between(conn, start, start + LOOK_AHEAD, OPEN)
    taken = [one for row in rows if _other(one := plan(kept_of(PLAN, row, port.orgs)), wanted)]
    call = await _call(port, wanted.call)
    found = [earliest(row.ref, start, wanted, taken) for row in berths if _takes(row.doc, call)]
    return sorted((s for s in found if admits(s)), key=lambda s: (s.begin, s.berth != wanted.berth, s.berth))


def _other(one: BerthPlan, wanted: BerthPlan) -> bool:
    return (one.call, one.turn) != (wanted.call, wanted.turn)


def _takes(place: dict[str, Any], call: PortCall | None) -> bool:
    length, depth = place.get("length_m"), place.get("depth_m")
    if call is None:
        return True
    short = call.length_m and length and call.length_m > length
    shallow = call.draught_m and depth and call.draught_m * (1 + UNDER_KEEL) > depth
    return not (short or shallow)


async def _call(port: Port, ref: str) -> PortCall | None:
    found = await port.find(PLATFORM, PortCall.facts.name, ref=ref)
    return next((k.data for k in found if k.ref == ref and isinstance(k.data, PortCall)), None)


async def remake(port: Port, kept: Kept, options: Sequence[Slot], why: Why) -> Kept | None:
    """Give a plan the first of some slots that is still free; None when none is, or the ship lies alongside already."""
    if kept.state not in AHEAD:
        return None
    for slot in options[:TRIES]:
        try:
            return await port.act(PLATFORM, PLAN, kept.id, "remake", changes={**slot.changes(), "notes": why.notes()}, note=why.because)
        except (Refused, Conflict):
            # Somebody took the slot, or moved the ship on, since it was looked up.
            continue
    return None


async def flag(port: Port, kept: Kept, why: Why) -> Kept:
    """Let a plan stand as needing somebody; the same cause flags it once."""
    if any(note.because == why.because and note.en == why.said.en for note in plan(kept).notes):
        return kept
    return await port.act(PLATFORM, PLAN, kept.id, "flag", changes={"notes": why.notes()}, note=why.because)


async def halt(port: Port, kept: Kept, why: Why) -> Kept:
    """Stop a plan that has not been carried out; one whose ship is alongside is flagged."""
    if kept.state not in AHEAD:
        return await flag(port, kept, why)
    return await port.act(PLATFORM, PLAN, kept.id, "halt", changes={"notes": why.notes()}, note=why.because)


async def resume(port: Port, kept: Kept, why: Why) -> Kept:
    """Let a halted plan go on."""
    return await port.act(PLATFORM, PLAN, kept.id, "resume", changes={"notes": why.notes()}, note=why.because)
