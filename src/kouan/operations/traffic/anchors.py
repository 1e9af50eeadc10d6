"""Anchors: where each anchored ship lies, and how far from there she is now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo
from kouan.operations.traffic.seen import Seen
from kouan.operations.traffic.tracks import SECOND

SETTLES = 300
"""Seconds over which the place of an anchor is taken to be the middle of the ship's positions."""
WEIGHED = 3.0
"""Knots at which a ship that does not call herself anchored has weighed anchor."""


@dataclass(slots=True)
class Anchor:
    """A ship's anchor: its place (degrees), since when (microseconds), metres of the ship from it."""

    lon: float
    lat: float
    since: int
    looks: int = 1
    away: float = 0.0


class Anchors:
    """Anchored ships by the number of their track."""

    def __init__(self) -> None:
        self.lying: dict[int, Anchor] = {}

    def look(self, seen: Seen, anchored: Array) -> None:
        """Follow those who are anchored: `anchored` says who begins to be; who sails away is let go."""
        sailing = (seen.speed > WEIGHED) & (seen.status != 1)
        for place in np.flatnonzero(sailing).tolist():
            self.lying.pop(int(seen.number[place]), None)
        known = anchored.copy()
        if self.lying and len(seen):
            held = np.array(sorted(self.lying), np.uint64)
            places = np.minimum(seen.places(held), len(seen) - 1)
            known[places[seen.number[places] == held]] = True
        present = set()
        for place in np.flatnonzero(known & ~sailing).tolist():
            number = int(seen.number[place])
            present.add(number)
            self._one(number, float(seen.seen_lon[place]), float(seen.seen_lat[place]), int(seen.at[place]))
        self.lying = {number: anchor for number, anchor in self.lying.items() if number in present}

    def _one(self, number: int, lon: float, lat: float, at: int) -> None:
        held = self.lying.get(number)
        if held is None:
            self.lying[number] = Anchor(lon, lat, at)
            return
        if at - held.since <= SETTLES * SECOND:
            held.looks += 1
            held.lon += (lon - held.lon) / held.looks
            held.lat += (lat - held.lat) / held.looks
        held.away = float(geo.distance(np.array([held.lon]), np.array([held.lat]), np.array([lon]), np.array([lat]))[0])
