"""Where a cargo stands between its manifest and the gate, what is missing next and whose it is, and what does not agree.

Pure: out of a line of a manifest and what is known of its box, its declaration and its visit (mission W01; HS/T 82 9.1.2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kouan.facilities.yard.api import Stay
from kouan.kernel.text import Text

STAGES: Mapping[str, Text] = {
    "manifested": Text("已有舱单", "On manifest"),
    "arrived": Text("船已抵港", "Ship arrived"),
    "discharged": Text("已卸船", "Discharged"),
    "yard": Text("在堆场", "In the yard"),
    "targeted": Text("已布控", "Targeted"),
    "bay": Text("在查验位", "At the bay"),
    "inspected": Text("已查验", "Inspected"),
    "held": Text("已扣留", "Held"),
    "released": Text("已放行", "Released"),
    "out": Text("已出场", "Out"),
}
"""The stages in the order in which a cargo passes them; `held` is the one that ends otherwise."""
CLEARED_BY = ("targeted", "bay", "inspected", "held")
"""Stages that tell of control; who may not see the declaration sees the place alone."""
DISCREPANCIES: Mapping[str, tuple[str, Text]] = {
    "gone_unreleased": ("red", Text("未放行即已离场", "Left without release")),
    "over_landed": ("red", Text("溢卸：舱单未列明", "Over-landed: on no manifest")),
    "other_manifest": ("amber", Text("卸自本航次，但列在另一份舱单", "Landed from this voyage, listed on another manifest")),
    "short_landed": ("red", Text("短卸：卸船结束仍未卸下", "Short-landed: discharge is over and it was not landed")),
    "released_not_landed": ("amber", Text("已放行但未卸船", "Released but not landed")),
    "mass_differs": ("amber", Text("称重与舱单毛重不符", "The mass weighed does not agree with the manifest")),
    "moves_disagree": ("amber", Text("作业动态前后矛盾", "The terminal's reports contradict each other")),
}
"""What may not agree: how grave, and in words."""
TOLERANCE = 0.05
TARE_KG = 5_000.0
"""A box weighed includes its own mass, at most that of a 45-foot refrigerated one; the manifest's does not."""
QUIET = timedelta(hours=6)
"""So long after the last discharge from a voyage (or at its expected departure) the discharge counts as over."""
CLOCKS = timedelta(minutes=2)
"""By so much may the clocks of terminal and customs differ (moves are often told by the minute)."""
DECLARE_WITHIN = timedelta(days=14)
"""Customs Law of the PRC, art. 24: from the arrival of the means of transport."""


@dataclass(frozen=True, slots=True)
class Line:
    """A bill of a manifest with one of its boxes (none for loose cargo); `bill` is empty for a box on no manifest."""

    bill: str
    container: str
    manifest: str = ""
    filed: datetime | None = None
    gross_kg: float | None = None
    boxes: int = 1
    consignment: str = ""


@dataclass(frozen=True, slots=True)
class Voyage:
    """The visit of a ship: the call where one was filed, its times, and the first and last discharge told."""

    vessel: str = ""
    number: str = ""
    call: str = ""
    eta: datetime | None = None
    etd: datetime | None = None
    arrived: datetime | None = None
    last_discharge: datetime | None = None

    def over(self, at: datetime) -> bool:
        """Whether its discharge is over."""
        if self.last_discharge is None:
            return False
        return at - self.last_discharge > QUIET or (self.etd is not None and at > self.etd)


@dataclass(frozen=True, slots=True)
class Clearance:
    """The declaration that speaks for a bill, and the newest visit to it. `waiting`: agencies whose result is awaited."""

    declaration: str
    state: str
    since: datetime
    order: str = ""
    ordered: datetime | None = None
    planned: datetime | None = None
    visit: str = ""
    finished: datetime | None = None
    waiting: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """What is missing next, whose it is, and until when."""

    what: Text
    owner: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cargo:
    """One line with its stage, the steps that it has passed, what comes next, and what does not agree."""

    line: Line
    voyage: Voyage
    stage: str
    since: datetime | None
    stay: Stay | None
    clearance: Clearance | None
    next: Next | None
    wrong: tuple[str, ...] = ()
    steps: Sequence[tuple[str, datetime]] = field(default=())


def cargo(line: Line, voyage: Voyage, stay: Stay | None, clearance: Clearance | None, at: datetime, *, mass: bool = False) -> Cargo:
    """Everything about one line at a moment. `mass`: whether its weighed mass disagrees with the manifest."""
    steps = _steps(line, voyage, stay, clearance)
    stage = _stage(voyage, stay, clearance)
    since = dict(steps).get(stage) or (clearance.since if clearance and stage in ("held", "inspected") else None)
    wrong = _wrong(line, voyage, stay, clearance, at)
    if mass:
        wrong = (*wrong, "mass_differs")
    return Cargo(line, voyage, stage, since, stay, clearance, _next(line, voyage, stage, clearance), wrong, steps)


def _stage(voyage: Voyage, stay: Stay | None, clearance: Clearance | None) -> str:
    if stay is None:
        return "arrived" if voyage.arrived else "manifested"
    if stay.ended is not None:
        return "out"
    state = clearance.state if clearance else ""
    if state in ("released", "held"):
        return state
    if clearance and (state == "targeted" or clearance.visit == "open"):
        return "bay" if stay.presence == "bay" else "targeted"
    if state == "inspected":
        return "inspected"
    return "yard" if stay.position or stay.moves > 1 else "discharged"


def _steps(line: Line, voyage: Voyage, stay: Stay | None, clearance: Clearance | None) -> list[tuple[str, datetime]]:
    released = clearance.since if clearance and clearance.state == "released" else None
    found = {
        "manifested": line.filed,
        "arrived": voyage.arrived,
        "discharged": stay.discharged or stay.began if stay else None,
        "yard": stay.since if stay and stay.presence == "yard" and stay.moves > 1 else None,
        "targeted": clearance.ordered if clearance else None,
        "bay": stay.at_bay if stay else None,
        "inspected": clearance.finished if clearance else None,
        "held": clearance.since if clearance and clearance.state == "held" else None,
        "released": released,
        "out": stay.ended if stay else None,
    }
    return [(stage, moment) for stage, moment in found.items() if moment is not None]


def _wrong(line: Line, voyage: Voyage, stay: Stay | None, clearance: Clearance | None, at: datetime) -> tuple[str, ...]:
    found = []
    released = clearance is not None and clearance.state == "released"
    if stay is None and line.container and voyage.over(at):
        found.append("short_landed")
        if released:
            found.append("released_not_landed")
    if stay and stay.how_out == "gate-out" and stay.ended and line.bill:
        in_time = released and clearance is not None and clearance.since <= stay.ended + CLOCKS
        if not in_time:
            found.append("gone_unreleased")
    if stay and stay.doubts:
        found.append("moves_disagree")
    return tuple(found)


MOVE_TO_BAY = Text("将箱移至查验位", "Move the box to the inspection bay")
RESULT = Text("录入查验结果", "Enter the inspection's result")
NEXT: Mapping[str, tuple[str, Text]] = {
    "manifested": ("carrier", Text("船舶抵港", "The ship's arrival")),
    "arrived": ("terminal", Text("卸船", "Discharge")),
    "inspected": ("customs", Text("放行或处置决定", "The decision after the inspection")),
    "held": ("customs", Text("扣留货物的处置决定", "The decision on the goods held")),
    "released": ("trucker", Text("预约并提箱出场", "Book a truck and collect the box")),
}
DECLARE, ASSESS = Text("申报", "The goods declaration"), Text("审核与放行", "Review and release")
MEND = Text("更正被退回的报关单", "Correct the rejected declaration")


def _next(line: Line, voyage: Voyage, stage: str, clearance: Clearance | None) -> Next | None:
    if stage == "out":
        return None
    if stage in NEXT:
        owner, what = NEXT[stage]
        return Next(what, owner, voyage.eta if stage == "manifested" else None)
    if stage == "targeted":
        return Next(MOVE_TO_BAY, "terminal", clearance.planned if clearance else None)
    if stage == "bay":
        waiting = clearance.waiting if clearance else ()
        return Next(RESULT, waiting[0] if waiting else "customs", clearance.planned if clearance else None)
    if clearance is None or clearance.state == "cancelled":
        arrived = voyage.arrived or line.filed
        return Next(DECLARE, "trader", arrived + DECLARE_WITHIN if arrived else None)
    if clearance.state == "rejected":
        return Next(MEND, "trader")
    return Next(ASSESS, "customs")


def veiled(one: Cargo) -> Cargo:
    """The cargo for who may not see its declaration: the place, and whether it is released, nothing of control."""
    released = one.clearance is not None and one.clearance.state == "released"
    stage = one.stage
    if stage in CLEARED_BY and one.stay is not None:
        stage = "yard" if one.stay.position or one.stay.moves > 1 else "discharged"
    steps = [(name, at) for name, at in one.steps if name not in CLEARED_BY]
    return Cargo(
        one.line, one.voyage, stage, dict(steps).get(stage), one.stay, None,
        one.next if released or stage in ("manifested", "arrived", "out") else None,
        tuple(code for code in one.wrong if code not in ("gone_unreleased", "released_not_landed")), steps,
    )  # fmt: skip


def masses(lines: Sequence[Line], stays: Mapping[str, Stay | None]) -> set[str]:
    """Boxes whose weighed mass cannot be that of their bills: too light, or heavier than goods and boxes together.

    A bill is compared over all its boxes; boxes that several bills share, with the sum of those bills.
    """
    boxes: dict[str, set[str]] = {}
    bills: dict[str, set[str]] = {}
    gross: dict[str, float | None] = {}
    for line in lines:
        if line.container and line.bill:
            boxes.setdefault(line.consignment or line.bill, set()).add(line.container)
            bills.setdefault(line.container, set()).add(line.consignment or line.bill)
            gross[line.consignment or line.bill] = line.gross_kg
    wrong: set[str] = set()
    done: set[str] = set()
    for bill in boxes:
        if bill not in done:
            group, together = _group(bill, boxes, bills)
            done |= group
            if _differs([gross[one] for one in group], [_weighed(stays.get(box)) for box in together]):
                wrong |= together
    return wrong


def _group(bill: str, boxes: Mapping[str, set[str]], bills: Mapping[str, set[str]]) -> tuple[set[str], set[str]]:
    """The bills that share boxes with a bill, and all their boxes."""
    group, together, fresh = {bill}, set[str](), [bill]
    while fresh:
        for box in boxes[fresh.pop()] - together:
            together.add(box)
            more = bills[box] - group
            group |= more
            fresh += more
    return group, together


def _weighed(stay: Stay | None) -> float | None:
    return stay.gross_kg if stay else None


def _differs(stated: Sequence[float | None], weighed: Sequence[float | None]) -> bool:
    goods = [one for one in stated if one]
    masses_ = [one for one in weighed if one]
    if len(goods) < len(stated) or len(masses_) < len(weighed) or not goods or not masses_:
        return False
    manifest, scale = sum(goods), sum(masses_)
    return not manifest * (1 - TOLERANCE) <= scale <= manifest * (1 + TOLERANCE) + TARE_KG * len(masses_)
