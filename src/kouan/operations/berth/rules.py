"""What a berth plan must be: a stay at a berth that is free and that takes the ship (HS/T 82 9.1.4 e))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from kouan.base.place.api import Place
from kouan.base.portcall.api import PortCall
from kouan.kernel.clock import local
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.operations.berth.lifecycle import OPEN
from kouan.operations.berth.records import BerthPlan

PLAN = BerthPlan.facts.name
LONGEST = timedelta(days=30)
UNDER_KEEL = 0.1
"""Water under the keel of a ship alongside, as a share of her draught: the port's own margin, not a rule of law."""


def berth_need(record: BerthPlan) -> Need:
    """The berth, locked: two plans for it are judged one after the other."""
    return Need(Place.facts.name, ref=record.berth, lock=True, most=3)


def call_need(record: BerthPlan) -> Need:
    """The call, locked: a maritime order about it and a plan for it are judged one after the other."""
    return Need(PortCall.facts.name, ref=record.call, lock=True, most=3)


def call_of(record: BerthPlan, found: Found) -> PortCall | None:
    """The call of a plan, if it is declared."""
    need = call_need(record)
    return next((k.data for k in found.of(need) if k.ref == need.ref and isinstance(k.data, PortCall)), None)


def held(plan: BerthPlan) -> tuple[datetime, datetime]:
    """From when until when a plan holds its berth, its safety gap included."""
    return plan.planned_from, plan.planned_to + timedelta(minutes=plan.gap_minutes)


def clash(plan: BerthPlan, others: Iterable[Kept]) -> Kept | None:
    """The open plan of another stay that holds the same berth at the same time."""
    begin, end = held(plan)
    for kept in others:
        other = kept.data
        assert isinstance(other, BerthPlan)
        if kept.state not in OPEN or other.berth != plan.berth or (other.call, other.turn) == (plan.call, plan.turn):
            continue
        starts, ends = held(other)
        if starts < end and begin < ends:
            return kept
    return None


class PlanTimes(Rule):
    """A stay ends after it begins."""

    code = "BERTH-TIMES"
    at = "filing"
    of = PLAN
    title = Text("离泊晚于靠泊", "Leaving after coming alongside")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "terminal"

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses a stay that ends before it begins or lasts longer than 30 days."""
        if timedelta(0) < record.planned_to - record.planned_from <= LONGEST:
            return None
        return Unmet(Text("离泊须晚于靠泊，且不超过30天", "Leaving is after coming alongside, by at most 30 days"), "planned_to")


class NotesOfTheHouse(Rule):
    """What changed a plan is the platform's word."""

    code = "BERTH-NOTES"
    at = "filing"
    of = PLAN
    title = Text("变更说明由平台登记", "The platform notes what changed")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "terminal"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The plan itself, if it is kept already."""
        return (Need(PLAN, key=record.key(filer)),)

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses a new plan that comes with notes."""
        if not record.notes or found.of(Need(PLAN, key=record.key(found.filer))):
            return None
        return Unmet(Text("变更说明由平台登记，请留空", "The platform notes what changed; leave this empty"), "notes")


class AtBerth(Rule):
    """Ships lie at berths of the port."""

    code = "BERTH-PLACE"
    at = "filing"
    of = PLAN
    title = Text("泊位存在", "A berth of the port")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "terminal"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The place named."""
        return (berth_need(record),)

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses a place that the port does not know as a berth."""
        places = [k.data for k in found.of(berth_need(record)) if k.ref == record.berth]
        if any(isinstance(place, Place) and place.kind == "berth" for place in places):
            return None
        return Unmet(Text("该地点不是本口岸的泊位", "This place is no berth of the port"), "berth", record.berth)


class BerthFree(Rule):
    """A berth takes one ship at a time, with the safety gap between ships; the database excludes what this rule does not see."""

    code = "BERTH-FREE"
    at = "filing"
    of = PLAN
    title = Text("泊位空闲", "Berth is free")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "terminal"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The berth, locked, and the plans for it."""
        return (berth_need(record), Need(PLAN, ref=record.berth))

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses a stay that overlaps another; says from when the berth is free again."""
        other = clash(record, found.of(Need(PLAN, ref=record.berth)))
        if other is None:
            return None
        assert isinstance(other.data, BerthPlan)
        free = local(held(other.data)[1], found.site.get("zone", "UTC"))
        said = Text(
            f"该泊位此时段已有 {other.data.ship_name or other.data.call} 的计划，{free} 起空闲",
            f"The berth is held then by {other.data.ship_name or other.data.call}; it is free from {free}",
        )
        return Unmet(said, "berth", other.ref)


class ShipFits(Rule):
    """The berth is long and deep enough for the ship."""

    code = "BERTH-FITS"
    at = "filing"
    of = PLAN
    title = Text("泊位适合该船", "The berth takes the ship")
    clause = "HS/T 82 9.1.4 e)"
    severity = "refuse"
    owner = "terminal"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The berth and the call."""
        return (berth_need(record), call_need(record))

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Refuses a ship longer than the berth, or with less water under her keel than a tenth of her draught."""
        call = call_of(record, found)
        place = next((k.data for k in found.of(berth_need(record)) if isinstance(k.data, Place) and k.ref == record.berth), None)
        if call is None or place is None:
            return None
        if call.length_m and place.length_m and call.length_m > place.length_m:
            return Unmet(Text("船长大于泊位长度", "The ship is longer than the berth"), "berth", record.berth)
        if call.draught_m and place.depth_m and call.draught_m * (1 + UNDER_KEEL) > place.depth_m:
            return Unmet(Text("泊位水深不足", "The berth is not deep enough for the ship's draught"), "berth", record.berth)
        return None


class BeforeArrival(Rule):
    """A plan before the ship's estimated arrival will not be kept."""

    code = "BERTH-ETA"
    at = "filing"
    of = PLAN
    title = Text("计划不早于预抵时间", "Not before the estimated arrival")
    clause = "HS/T 82 9.1.4 e)"
    severity = "warn"
    owner = "terminal"

    def needs(self, record: BerthPlan, filer: str) -> Iterable[Need]:
        """The call."""
        return (call_need(record),)

    def judge(self, record: BerthPlan, found: Found) -> Unmet | None:
        """Warns of a call that is not declared, or that arrives after it should lie alongside."""
        call = call_of(record, found)
        if call is None:
            return Unmet(Text("尚无该船舶口岸动态", "This call is not declared yet"), "call", record.call)
        if call.eta <= record.planned_from:
            return None
        return Unmet(Text("计划靠泊早于预抵时间", "Planned alongside before the estimated arrival"), "planned_from", record.call)
