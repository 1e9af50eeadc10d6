"""Meetings: two ships that stay near each other, slow, away from berths and anchorages; counted in the time of their own reports.

The measure is that of Miller et al., "Identifying Global Patterns of Transshipment Behavior", Frontiers in Marine Science 5 (2018):
within 500 m of each other at less than 2 knots. They ask for two hours on the high seas; a port that watches its roads asks for less.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo
from kouan.operations.traffic.contacts import WORKS
from kouan.operations.traffic.seen import Seen
from kouan.operations.traffic.tracks import SECOND

FRESH, FORGETS = 180, 180
"""Seconds for which a ship's last report says where she is; seconds apart after which a meeting is over."""
MOST = 2000
"""Meetings that one look follows: the nearest. The others are counted."""
STEP, KEPT = 30, 80
"""Seconds between two points of a meeting's track, and how many of them are kept as evidence."""
FISHING = 7
"""AIS navigational status: engaged in fishing. Boats that fish beside each other do not meet."""
Point = tuple[int, float, float]


@dataclass(slots=True)
class Meeting:
    """Two tracks near each other, by number: since when, until when both were heard there (microseconds), metres at the nearest."""

    first: int
    second: int
    since: int
    last: int
    nearest: float
    tracks: tuple[deque[Point], deque[Point]] = field(default_factory=lambda: (deque(maxlen=KEPT), deque(maxlen=KEPT)))

    @property
    def minutes(self) -> float:
        """For how long, by what both ships reported."""
        return (self.last - self.since) / (60 * SECOND)


class Meetings:
    """Who stays beside whom."""

    def __init__(self) -> None:
        self.open: dict[tuple[int, int], Meeting] = {}
        self.cut = 0

    def look(self, seen: Seen, apart: Array, metres: float, knots: float) -> None:
        """Compare the ships of a moment. `apart`: those that are in a berth or an anchorage, where ships lie near each other."""
        slow = seen.ships() & (seen.at > seen.now - FRESH * SECOND) & (seen.speed <= knots)
        some = np.flatnonzero(slow & ~apart & ~WORKS[seen.ship_type])
        a, b, whole = geo.neighbours(seen.lon[some], seen.lat[some], seen.lon[some], seen.lat[some], metres)
        first, second = some[a[a < b]], some[b[a < b]]
        # Two echoes of a radar may be buoys; of two ships one at least says who she is.
        told = (seen.key[first] > 0) | (seen.key[second] > 0)
        told &= ~((seen.status[first] == FISHING) & (seen.status[second] == FISHING))
        first, second = first[told], second[told]
        away = geo.distance(seen.lon[first], seen.lat[first], seen.lon[second], seen.lat[second])
        near = np.argsort(away, kind="stable")[:MOST]
        self.cut += not whole or len(near) < len(away)
        for one, other, distance in zip(first[near].tolist(), second[near].tolist(), away[near].tolist(), strict=True):
            self._one(seen, one, other, distance)
        self.open = {pair: held for pair, held in self.open.items() if seen.now - held.last <= FORGETS * SECOND}

    def _one(self, seen: Seen, one: int, other: int, metres: float) -> None:
        pair = int(seen.number[one]), int(seen.number[other])
        both = int(min(seen.at[one], seen.at[other]))
        held = self.open.get(pair)
        if held is None:
            held = self.open[pair] = Meeting(*pair, both, both, metres)
        held.last, held.nearest = max(held.last, both), min(held.nearest, metres)
        for track, place in zip(held.tracks, (one, other), strict=True):
            at = int(seen.at[place])
            if not track or at - track[-1][0] >= STEP * SECOND:
                track.append((at, round(float(seen.seen_lon[place]), 6), round(float(seen.seen_lat[place]), 6)))
