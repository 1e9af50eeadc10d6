"""Readings of a lane put together into passages: told out of order, twice or late, the same passage comes out.

Pure. A reading belongs to the visit that the lane's controller numbered, else to the visit whose span of time it lies in.
Of several readings of one thing the surest decides, and the last of those; an alarm is never outvoted. A box number that
fails its check digit gives way to one that passes and was read of the same box; alone it stays as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kouan.facilities.gate.reading import Observed
from kouan.standards.identifiers.api import check

WINDOW = timedelta(seconds=8)
"""How long a vehicle's readings may lie apart: its way over scale, portal and under the cameras."""
REMEMBERED = 20
MOST_READINGS = 60
MOST_BOXES = 4
NEAR = 2


@dataclass(slots=True)
class Visit:
    """The readings of one vehicle at a lane. `closed`: it was judged, and what comes now is late."""

    name: str
    began: datetime
    last: datetime
    readings: dict[tuple[str, str, str], Observed] = field(default_factory=dict)
    closed: bool = False
    late: int = 0

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies within the window of what was read so far."""
        return max(self.last, at) - min(self.began, at) <= WINDOW

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of device that have read."""
        return frozenset(one.kind for one in self.readings.values())


class Visits:
    """The visits of one lane, the last ones remembered so that what comes late is known as late."""

    def __init__(self) -> None:
        self.known: list[Visit] = []
        self.repeated = 0

    def take(self, one: Observed) -> Visit | None:
        """Put a reading to its visit; None when it was known, or comes too late to be judged."""
        if any(one.mark in visit.readings for visit in self.known):
            self.repeated += 1
            return None
        visit = self._of(one) or self._begin(one)
        if len(visit.readings) < MOST_READINGS:
            visit.readings[one.mark] = one
        if visit.closed:
            visit.late += 1
            return None
        visit.began, visit.last = min(visit.began, one.at), max(visit.last, one.at)
        return visit

    def _of(self, one: Observed) -> Visit | None:
        if one.visit:
            return next((visit for visit in self.known if visit.name == one.visit), None)
        fitting = [visit for visit in self.known if visit.holds(one.at)]
        return min(fitting, key=lambda visit: abs(visit.began - one.at), default=None)

    def _begin(self, one: Observed) -> Visit:
        visit = Visit(one.visit, one.at, one.at)
        self.known.append(visit)
        if len(self.known) > REMEMBERED:
            self.known.remove(next((old for old in self.known if old.closed), self.known[0]))
        return visit

    @property
    def open(self) -> list[Visit]:
        """The visits that are not judged yet, by time."""
        return sorted((visit for visit in self.known if not visit.closed), key=lambda visit: visit.began)


@dataclass(frozen=True, slots=True)
class Fused:
    """What the readings of one visit say together."""

    vehicle: str
    containers: tuple[str, ...]
    seals: tuple[str, ...]
    gross_kg: float | None
    radiation: bool | None
    radiation_cps: float | None
    driver: str
    at: datetime | None
    used: frozenset[tuple[str, str, str]]
    readings: tuple[Observed, ...]

    def stated(self) -> dict[str, Any]:
        """As the gate is told of a passage; what was not read is left out."""
        said = {
            "vehicle": self.vehicle, "containers": list(self.containers), "seals": list(self.seals), "gross_kg": self.gross_kg,
            "radiation": self.radiation, "radiation_cps": self.radiation_cps, "driver": self.driver, "at": self.at,
        }  # fmt: skip
        readings = [
            {"device": r.device, "kind": r.kind, "value": r.shown[:80], "at": r.at, "confidence": r.confidence, "used": r.mark in self.used,
             "image": r.image or None}
            for r in self.readings
        ]  # fmt: skip
        return {**{name: value for name, value in said.items() if value not in (None, "", [])}, "readings": readings}


def fuse(readings: Iterable[Observed]) -> Fused:
    """What some readings of one visit say; the same in whatever order, and however often, they are given."""
    ordered = sorted({one.mark: one for one in readings}.values(), key=lambda one: (one.at, one.mark))
    plate, scale, card = (_surest([one for one in ordered if one.kind == kind]) for kind in ("plate", "scale", "card"))
    boxes, seals = _boxes([one for one in ordered if one.kind == "container"]), _seals(ordered)
    portal = [one for one in ordered if one.kind == "radiation"]
    loudest = max(portal, key=lambda one: (bool(one.alarm), one.number or 0.0, one.mark), default=None)
    used = [*(one for one in (plate, scale, card, loudest) if one), *boxes, *seals]
    return Fused(
        vehicle=plate.text if plate else "", containers=tuple(one.text for one in boxes), seals=tuple(one.text for one in seals),
        gross_kg=scale.number if scale else None, radiation=any(one.alarm for one in portal) if portal else None,
        radiation_cps=loudest.number if loudest else None, driver=card.text if card else "",
        at=max((one.at for one in ordered), default=None), used=frozenset(one.mark for one in used), readings=tuple(ordered),
    )  # fmt: skip


def _sure(one: Observed) -> tuple[float, datetime, tuple[str, str, str]]:
    return (one.confidence if one.confidence is not None else 0.5, one.at, one.mark)


def _surest(readings: Sequence[Observed]) -> Observed | None:
    return max(readings, key=_sure, default=None)


def _boxes(readings: Sequence[Observed]) -> list[Observed]:
    """Each box once, by its surest reading; a failing number gives way to a passing one that differs in two signs at most."""
    best: dict[str, Observed] = {}
    for one in readings:
        number = check("container", one.text).value
        best[number] = max(best.get(number, one), one, key=_sure)
    passing = [number for number in best if check("container", number).ok]
    kept = [number for number in best if number in passing or not any(_apart(number, other) <= NEAR for other in passing)]
    return sorted((best[number] for number in kept), key=lambda one: (one.at, one.mark))[:MOST_BOXES]


def _apart(one: str, other: str) -> int:
    if len(one) != len(other):
        return max(len(one), len(other))
    return sum(a != b for a, b in zip(one, other, strict=True))


def _seals(readings: Sequence[Observed]) -> list[Observed]:
    best: dict[str, Observed] = {}
    for one in readings:
        if one.kind == "seal":
            best[one.text.upper()] = max(best.get(one.text.upper(), one), one, key=_sure)
    return sorted(best.values(), key=lambda one: (one.at, one.mark))[:8]
