"""Contacts: ships that lie or drift side by side away from any berth, and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kouan.operations.traffic import geo
from kouan.operations.traffic.seen import Seen
from kouan.operations.traffic.tracks import SECOND

REACH, MARGIN = 400.0, 60.0
"""Metres within which ships are compared; metres of water between hulls that still count as alongside."""
HULL = 30.0
"""Length in metres that is assumed of a craft that tells none."""
TOGETHER, SLOW = 1.5 * geo.KNOT, 4.0
"""Metres per second by which their velocities may differ; knots beyond which two that sail in company are no contact."""
FORGETS = 60
"""Seconds apart after which a contact is over."""
WORKS = geo.table((31, 32, 33, 50, 51, 52, 53, 54, 55, 58))
"""AIS ship types whose business is alongside: towing, dredging, pilot, rescue, tug, tender, anti-pollution, law, medical."""


@dataclass(slots=True)
class Contact:
    """Two tracks side by side, by their numbers: since when, seen last when, metres at the nearest (microseconds)."""

    first: int
    second: int
    since: int
    last: int
    nearest: float


class Contacts:
    """Who lies alongside whom."""

    def __init__(self) -> None:
        self.open: dict[tuple[int, int], Contact] = {}
        self.cut = 0
        """Looks that did not compare all ships, because too many lie together."""

    def look(self, seen: Seen, berthed: object) -> None:
        """Compare the ships of a moment; at berth, and beside those whose work it is, lying alongside is no news."""
        fresh = seen.ships() & (seen.at > seen.now - 180 * SECOND) & (seen.speed < SLOW) & ~np.asarray(berthed, bool)
        some = np.flatnonzero(fresh & ~WORKS[seen.ship_type])
        a, b, whole = geo.neighbours(seen.lon[some], seen.lat[some], seen.lon[some], seen.lat[some], REACH)
        self.cut += not whole
        first, second = some[a[a < b]], some[b[a < b]]
        hulls = np.where(seen.length > 0, seen.length, HULL) / 2
        away = geo.distance(seen.lon[first], seen.lat[first], seen.lon[second], seen.lat[second])
        apart = np.hypot(seen.ve[first] - seen.ve[second], seen.vn[first] - seen.vn[second])
        # Of two hulls only the longer one's half can lie between the positions; the shorter one lies beside it.
        side = (away <= np.maximum(hulls[first], hulls[second]) + MARGIN) & (apart <= TOGETHER)
        for one, other, metres in zip(first[side].tolist(), second[side].tolist(), away[side].tolist(), strict=True):
            self._one(int(seen.number[one]), int(seen.number[other]), seen.now, metres)
        self.open = {pair: c for pair, c in self.open.items() if seen.now - c.last <= FORGETS * SECOND}

    def _one(self, first: int, second: int, now: int, metres: float) -> None:
        held = self.open.get((first, second))
        if held is None:
            self.open[first, second] = Contact(first, second, now, now, metres)
        else:
            held.last, held.nearest = now, min(held.nearest, metres)
