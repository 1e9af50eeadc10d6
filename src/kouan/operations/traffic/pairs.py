"""Pairs of ships that will come close: closest point of approach and the time to it, for all ships at once.

Straight courses at constant speed. Who lies at berth, tugs and pilot boats at work and craft that lie side by side are left
out here; what is alarming is decided by the warning with the port's own thresholds.

Ships are sorted into cells, and each is compared once with those around it. A look compares so many pairs at most: where a
crowd has more, it goes on from the ship where it stopped, and pairs found before are carried on with today's courses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo

RANGE, AHEAD, NEAR = 3 * geo.MILE, 30 * 60.0, geo.MILE
"""Metres within which ships are compared; seconds of foresight; metres of a closest approach that is still told."""
UNDER_WAY = 1.0 * geo.KNOT
SERVICE = geo.table((31, 32, 33, 34, 50, 52, 53, 54))
"""AIS ship types that work beside others: towing, dredging, diving, pilot, tug, port tender, anti-pollution (ITU-R M.1371)."""
MOST_COMPARED, MOST_HELD = 600_000, 30_000
"""Pairs that one look compares, and close ones that it holds: the soonest. What is beyond is counted, never left out in silence."""
AT_ONCE = 1 << 16
"""Pairs compared in one stroke: their columns stay in the processor's cache."""
CELLS = 2
"""Cells in the length of RANGE."""
_MARGIN = 20.0
"""Metres by which the choice is wider than what is told, for single precision."""
_STRIDE = 1 << 32


@dataclass(frozen=True, slots=True)
class Near:
    """Ships in columns: places in the arrays that were asked about, metres now and at the closest, seconds until then.

    `whole`: every ship was compared in this look. `beyond`: how many pairs were closer than NEAR but not among the soonest.
    """

    first: Array
    second: Array
    away: Array
    cpa: Array
    tcpa: Array
    whole: bool = True
    beyond: int = 0

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.first)

    def moved(self, former: Array, number: Array) -> Near:
        """The same pairs in another picture of ships, whose numbers are ascending; without those of ships that left it."""
        if not len(self) or not len(number):
            return self.pick(np.zeros(0, np.int64))
        first, second = (former[one.astype(np.int64)] for one in (self.first, self.second))
        places = [np.minimum(np.searchsorted(number, one), len(number) - 1) for one in (first, second)]
        there = np.flatnonzero((number[places[0]] == first) & (number[places[1]] == second))
        return replace(self, first=places[0], second=places[1]).pick(there)

    def pick(self, chosen: Array) -> Near:
        """Some pairs."""
        return Near(
            self.first[chosen], self.second[chosen], self.away[chosen], self.cpa[chosen], self.tcpa[chosen], self.whole, self.beyond
        )


@dataclass(frozen=True, slots=True)
class Sailing:
    """Ships to be compared: degrees, and metres per second east and north. `quiet`: those that are no danger to others now."""

    lon: Array
    lat: Array
    ve: Array
    vn: Array
    quiet: Array


def approaches(lon: Array, lat: Array, ve: Array, vn: Array, quiet: Array) -> Near:
    """Pairs whose closest approach is ahead and near, of all ships in one look."""
    return Encounters().look(np.arange(len(lon), dtype=np.uint64), Sailing(lon, lat, ve, vn, quiet), most=1 << 62)


class Encounters:
    """The search, look after look."""

    def __init__(self) -> None:
        self.compared = self.deferred = self.beyond = self.looks = 0
        self.unsaid = 0
        """Encounters of which no warning was given because too many others came sooner."""
        self._resume = 0
        self._held = np.zeros(0, np.uint64), np.zeros(0, np.uint64)

    def facts(self) -> dict[str, int]:
        """What the search did so far: looks, pairs compared, ships left to a later look, pairs that were not held."""
        return {"looks": self.looks, "compared": self.compared, "deferred": self.deferred, "beyond": self.beyond,
                "unsaid": self.unsaid}  # fmt: skip

    def look(self, number: Array, ships: Sailing, most: int = MOST_COMPARED) -> Near:
        """The close pairs of a moment; `number` tells ships apart from look to look and is ascending."""
        some = np.flatnonzero(~np.asarray(ships.quiet, bool) & np.isfinite(ships.lon) & np.isfinite(ships.lat))
        sea = _Sea(ships, some)
        asked = sea.share(self._resume, most)
        first, second = sea.close(asked)
        whole = len(asked) == len(some)
        self._resume = 0 if whole else int(sea.codes[asked[-1]]) + 1
        if not whole:
            first, second = self._with_held(number, some, sea.ships(asked), first, second)
        found = _measured(ships, first, second)
        kept = np.arange(len(found))
        if len(found) > MOST_HELD:
            kept = np.sort(np.argpartition(found.tcpa, MOST_HELD)[:MOST_HELD])
        self.looks, self.compared, self.deferred = self.looks + 1, self.compared + sea.compared, self.deferred + len(some) - len(asked)
        beyond = len(found) - len(kept)
        self.beyond += beyond
        found = found.pick(kept)
        self._held = number[found.first], number[found.second]
        return Near(found.first, found.second, found.away, found.cpa, found.tcpa, whole, beyond)

    def _with_held(self, number: Array, some: Array, asked: Array, first: Array, second: Array) -> tuple[Array, Array]:
        """What this look found, and what earlier ones found of ships to which it did not come.

        A pair is compared when one of its ships, the first in their order, is asked: with both asked it was, with neither it was
        not. Only of the few between it has to be seen whether they were.
        """
        awake, mine = np.zeros(len(number), bool), np.zeros(len(number), bool)
        awake[some] = True
        mine[asked] = True
        one, other = (np.minimum(np.searchsorted(number, held), max(len(number) - 1, 0)) for held in self._held)
        there = (number[one] == self._held[0]) & (number[other] == self._held[1]) & awake[one] & awake[other] & ~(mine[one] & mine[other])
        one, other = one[there], other[there]
        known, edge = ~(mine[first] & mine[second]), mine[one] | mine[other]
        again = edge & np.isin(_keys(one, other), _keys(first[known], second[known]))
        return np.concatenate((first, one[~again])), np.concatenate((second, other[~again]))


def _keys(one: Array, other: Array) -> Array:
    keys: Array = np.minimum(one, other).astype(np.int64) * _STRIDE + np.maximum(one, other)
    return keys


class _Sea:
    """Ships in the order of their cells. Single precision suffices to choose pairs, which are measured exactly afterwards."""

    def __init__(self, ships: Sailing, some: Array) -> None:
        lon, lat = ships.lon[some], ships.lat[some]
        wide = geo.wide(lat)
        self.compared = 0
        self._columns = max(int(360.0 * (float(wide.min()) if len(some) else geo.DEGREE) / (RANGE / CELLS)), 2 * CELLS + 1)
        column = np.floor((lon + 180.0) * (self._columns / 360.0)).astype(np.int64) % self._columns
        row = np.floor((lat + 90.0) * (geo.DEGREE * CELLS / RANGE)).astype(np.int64)
        codes = column * _STRIDE + row
        order = np.argsort(codes, kind="stable")
        self.codes, self._some = codes[order], some[order]
        self._low, self._count = self._runs(column[order], row[order])
        lon0, lat0 = (float(one.mean()) if len(some) else 0.0 for one in (lon, lat))
        ve, vn = ships.ve[self._some], ships.vn[self._some]
        columns = ((lon - lon0)[order], (lat - lat0)[order] * geo.DEGREE, wide[order] / 2, ve, vn)
        self._east, self._north, self._wide, self._ve, self._vn = (one.astype(np.float32) for one in columns)
        self._moves = np.hypot(ve, vn) > UNDER_WAY

    def _runs(self, column: Array, row: Array) -> tuple[Array, Array]:
        """Of each ship the stretches of the order to compare her with: what follows in her own column, and the columns to the east."""
        own = np.arange(len(self.codes))
        lows = [own + 1]
        counts = [np.searchsorted(self.codes, column * _STRIDE + row + CELLS, "right") - own - 1]
        for aside in range(1, CELLS + 1):
            east = (column + aside) % self._columns  # The date line is no border.
            lows.append(np.searchsorted(self.codes, east * _STRIDE + row - CELLS, "left"))
            counts.append(np.searchsorted(self.codes, east * _STRIDE + row + CELLS, "right") - lows[-1])
        return np.stack(lows, 1), np.stack(counts, 1)

    def share(self, resume: int, most: int) -> Array:
        """The ships whose turn it is, from a cell on and around: all, or as many as make `most` pairs; one at least."""
        turn = np.roll(np.arange(len(self.codes)), -int(np.searchsorted(self.codes, resume)))
        total = np.cumsum(self._count.sum(1)[turn])
        return turn if not len(turn) or total[-1] <= most else turn[: max(int(np.searchsorted(total, most, "right")), 1)]

    def ships(self, asked: Array) -> Array:
        """The places among all ships of those whose turn it is."""
        return self._some[asked]

    def close(self, asked: Array) -> tuple[Array, Array]:
        """Pairs (places among all ships) that will probably come near."""
        none = np.zeros(0, np.int64)
        firsts, seconds = [none], [none]
        total = np.cumsum(self._count[asked].sum(1))
        self.compared = int(total[-1]) if len(total) else 0
        strokes = np.searchsorted(total, np.arange(AT_ONCE, self.compared + AT_ONCE, AT_ONCE), "left") + 1
        for ships in np.split(asked, np.unique(np.minimum(strokes, len(asked)))):
            count, low = self._count[ships].ravel(), self._low[ships].ravel()
            begin = low - np.cumsum(count) + count
            second = np.repeat(begin, count)
            second += np.arange(len(second))
            first = np.repeat(np.repeat(ships, CELLS + 1), count)
            near = self._near(first, second)
            firsts.append(self._some[first[near]])
            seconds.append(self._some[second[near]])
        return np.concatenate(firsts), np.concatenate(seconds)

    def _near(self, first: Array, second: Array) -> Array:
        """A little more than those that will come near: within RANGE, drawing nearer, one of them moving, in time."""
        east = self._east[second] - self._east[first]
        east -= np.float32(360.0) * np.rint(east / np.float32(360.0))
        # The mean of both widths stands for the width at the mean latitude: they differ by parts in a million here.
        east *= self._wide[first] + self._wide[second]
        north = self._north[second] - self._north[first]
        de, dn = self._ve[second] - self._ve[first], self._vn[second] - self._vn[first]
        closing, speed = east * de + north * dn, de * de + dn * dn
        aside = east * dn - north * de
        found: Array = (closing < 1.0) & (east * east + north * north <= np.float32((RANGE + _MARGIN) ** 2))
        found &= (aside * aside <= np.float32((NEAR + _MARGIN) ** 2) * speed) & (-closing <= np.float32(1.01 * AHEAD) * speed + 1.0)
        found &= self._moves[first] | self._moves[second]
        return np.flatnonzero(found)


def _measured(ships: Sailing, first: Array, second: Array) -> Near:
    """Of these pairs those whose closest approach is ahead and near; the lower place first."""
    first, second = np.minimum(first, second), np.maximum(first, second)
    east, north = geo.offset(ships.lon[first], ships.lat[first], ships.lon[second], ships.lat[second])
    de, dn = ships.ve[second] - ships.ve[first], ships.vn[second] - ships.vn[first]
    moves = [np.hypot(ships.ve[one], ships.vn[one]) > UNDER_WAY for one in (first, second)]
    closing = de**2 + dn**2
    with np.errstate(divide="ignore", invalid="ignore"):
        tcpa = np.where(closing > 1e-6, -(east * de + north * dn) / closing, np.inf)
        cpa = np.hypot(east + de * tcpa, north + dn * tcpa)
    away = np.hypot(east, north)
    near = (tcpa > 0) & (tcpa <= AHEAD) & (cpa <= NEAR) & (away <= RANGE) & (moves[0] | moves[1])
    return Near(first[near], second[near], away[near], cpa[near], tcpa[near])
