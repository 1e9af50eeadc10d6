"""Stays: a mover that is in a place, and for a berth or anchorage lies still there, occupies it until it is out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kouan.facilities.telemetry.api import KINDS
from kouan.kernel.signals import Array
from kouan.operations.traffic import geo
from kouan.operations.traffic.tracks import SECOND
from kouan.operations.traffic.zones import Crossed, Zone

SHIP, PLOT, TRUCK, TRAIN, EQUIPMENT = (KINDS.index(name) for name in ("ship", "radar", "truck", "train", "equipment"))
WATER = frozenset({"berth", "anchorage", "fairway", "zone", "restricted_area"})
LAND = frozenset({"lane", "gate", "waiting_area", "inspection_bay", "yard", "land", "quay", "zone", "restricted_area"})
OCCUPIES = {SHIP: WATER, PLOT: WATER, TRUCK: LAND, TRAIN: LAND, EQUIPMENT: frozenset({"yard", "quay", "restricted_area"})}
"""Kinds of places that a kind of mover occupies."""
STILL = {"berth": (0.6 * geo.KNOT, 60), "anchorage": (1.5 * geo.KNOT, 180)}
"""Metres per second below which, and seconds for which, a ship lies in such a place before she occupies it."""
AWAY = (2.0 * geo.KNOT, 60)
"""A ship that moves so for so long has left, even if she has not crossed the outline yet."""


@dataclass(slots=True)
class Stay:
    """One stay: the mover by its track's number, the zone's index, since when it lies still, arrived, is under way again."""

    mover: int
    zone: int
    entered: int
    still: int = 0
    arrived: int = 0
    moving: int = 0


class Stays:
    """Who stays where."""

    def __init__(self, zones: Sequence[Zone], still: Mapping[str, tuple[float, float]] | None = None) -> None:
        self._zones = zones
        self._still = STILL if still is None else still
        self.open: dict[tuple[int, int], Stay] = {}

    def take(self, entered: Crossed, left: Crossed, kinds: Mapping[int, int]) -> tuple[list[Stay], list[tuple[Stay, int]]]:
        """Entries and exits; answers the stays that begin by them, and those that end with their time."""
        begun, ended = [], []
        for mover, zone, at in zip(entered.mover.tolist(), entered.zone.tolist(), entered.at.tolist(), strict=True):
            kind = self._zones[zone].kind
            if kind not in OCCUPIES.get(kinds.get(mover, -1), frozenset()) or (mover, zone) in self.open:
                continue
            self.open[mover, zone] = stay = Stay(mover, zone, at)
            if kind not in self._still:
                stay.arrived = at
                begun.append(stay)
        for mover, zone, at in zip(left.mover.tolist(), left.zone.tolist(), left.at.tolist(), strict=True):
            if (mover, zone) in self.open and (gone := self.open.pop((mover, zone))).arrived:
                ended.append((gone, max(at, gone.arrived)))
        return begun, ended

    def look(self, speeds: Mapping[int, tuple[float, int]]) -> tuple[list[Stay], list[tuple[Stay, int]]]:
        """Who lies still long enough now, and who is under way again: by speed (m/s) and time of each mover."""
        begun, ended = [], []
        for key, stay in list(self.open.items()):
            limits = self._still.get(self._zones[stay.zone].kind)
            if limits is None or stay.mover not in speeds:
                continue
            speed, at = speeds[stay.mover]
            if not stay.arrived:
                stay.still = (stay.still or at) if speed <= limits[0] else 0
                if stay.still and at - stay.still >= limits[1] * SECOND:
                    stay.arrived = stay.still
                    begun.append(stay)
                continue
            stay.moving = (stay.moving or at) if speed > AWAY[0] else 0
            if stay.moving and at - stay.moving >= AWAY[1] * SECOND:
                ended.append((stay, stay.moving))
                self.open[key] = Stay(stay.mover, stay.zone, stay.moving)
        return begun, ended

    def occupied(self) -> list[Stay]:
        """The stays that hold now."""
        return [stay for stay in self.open.values() if stay.arrived]

    def close(self, movers: Array) -> list[tuple[Stay, int]]:
        """Movers that are followed no longer: their stays end when they were last seen to be there."""
        gone = set(movers.tolist())
        ended = [(stay, stay.arrived) for key, stay in self.open.items() if key[0] in gone and stay.arrived]
        self.open = {key: stay for key, stay in self.open.items() if key[0] not in gone}
        return ended


def speeds(numbers: Array, ve: Array, vn: Array, at: Array) -> dict[int, tuple[float, int]]:
    """Speeds and times by number."""
    total = np.hypot(ve, vn)
    return {n: (s, t) for n, s, t in zip(numbers.tolist(), total.tolist(), at.tolist(), strict=True)}
