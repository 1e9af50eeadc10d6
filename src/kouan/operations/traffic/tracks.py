"""Tracks: one row for each mover, with a Kalman filter of constant velocity that runs over many rows at once.

Positions are WGS 84 degrees, velocities metres per second east and north, times microseconds UTC. Both axes share one
covariance (p, c, v: of position, of both, of velocity), because no sensor here tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo
from kouan.operations.traffic.ways import Ways

SECOND = 1_000_000
FIRST, MOST = 1024, 200_000
AIS, RADAR, OWN = 1, 2, 4  # bits of `sources`; OWN: a vehicle tells its own position
LATE = 5.0
"""Seconds by which a measurement may be older than the track and still be carried forward into it."""
WANDER = 0.02
"""Spectral density of acceleration, m2/s3: ships turn and stop slowly. Assumed, not fitted."""
SURPRISE = 25.0
"""Squared sigmas beyond which the mover has manoeuvred: the filter begins anew where it is seen."""
TURNS = 9.0
"""Squared sigmas of a velocity beyond which the mover turns, stops or starts."""
DTYPE = np.dtype([
    ("number", "u8"), ("kind", "u1"), ("key", "u8"), ("radar", "u8"), ("at", "i8"), ("since", "i8"),
    ("lon", "f8"), ("lat", "f8"), ("ve", "f8"), ("vn", "f8"), ("p", "f8"), ("c", "f8"), ("v", "f8"),
    ("own_at", "i8"), ("radar_at", "i8"), ("heading", "f4"), ("status", "u1"), ("flags", "u1"), ("sources", "u1"),
    ("seen", "u4"), ("misses", "u1"), ("hits", "u1"), ("live", "?"), ("ship_type", "u1"), ("length", "f4"),
    ("hover_lon", "f8"), ("hover_lat", "f8"), ("hover_at", "i8"),
])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What a sensor says of some movers, in columns; a velocity that is not known is NaN. `sigma`: metres; `own`: not by radar."""

    at: Array
    lon: Array
    lat: Array
    ve: Array
    vn: Array
    sigma: Array
    speed_sigma: Array
    own: bool

    def pick(self, chosen: Array) -> Measured:
        """Some of them."""
        return Measured(
            self.at[chosen], self.lon[chosen], self.lat[chosen], self.ve[chosen], self.vn[chosen], self.sigma[chosen],
            self.speed_sigma[chosen], self.own,
        )  # fmt: skip


class Tracks:
    """All tracks of a port. A number is given once and never again in a process."""

    def __init__(self) -> None:
        self.rows = np.zeros(FIRST, DTYPE)
        self.ways = Ways(FIRST)
        self.by_key: dict[int, int] = {}
        self.by_radar: dict[int, int] = {}
        self.late = self.turned_away = 0
        self._free = list(range(FIRST - 1, -1, -1))
        self._next = 1

    def live(self) -> Array:
        """The rows in use."""
        return np.flatnonzero(self.rows["live"])

    def find(self, keys: Array, *, radar: bool = False) -> Array:
        """The row of each key; -1 where there is none."""
        known = (self.by_radar if radar else self.by_key).get
        return np.fromiter((known(key, -1) for key in keys.tolist()), np.intp, len(keys))

    def make(self, keys: Array, measured: Measured, kinds: Array, *, radar: bool = False) -> Array:
        """New tracks where something is seen for the first time; -1 when there is no room for more."""
        made = np.full(len(keys), -1, np.intp)
        names = self.by_radar if radar else self.by_key
        for place, key in enumerate(keys.tolist()):
            if not self._free and not self._grow():
                self.turned_away += len(keys) - place
                break
            names[key] = made[place] = self._free.pop()
        good = made >= 0
        rows, seen = made[good], measured.pick(good)
        fresh = np.zeros(len(rows), DTYPE)
        fresh["number"] = np.arange(self._next, self._next + len(rows))
        fresh["kind"], fresh["live"], fresh["since"] = kinds[good], True, seen.at
        fresh["radar" if radar else "key"] = keys[good]
        fresh["heading"] = np.nan
        self._next += len(rows)
        self.rows[rows] = fresh
        self.ways.begin(rows)
        self._begin(rows, seen)
        return made

    def drop(self, rows: Array) -> None:
        """Let go of tracks."""
        for row in rows.tolist():
            one = self.rows[row]
            for names, key in ((self.by_key, int(one["key"])), (self.by_radar, int(one["radar"]))):
                if key and names.get(key) == row:
                    del names[key]
            self._free.append(row)
        self.rows["live"][rows] = False

    def bind(self, key: int, row: int, *, radar: bool) -> None:
        """Let a sensor's key mean a track; the track's former key of that sensor means nothing any more."""
        names, column = (self.by_radar, "radar") if radar else (self.by_key, "key")
        former = int(self.rows[column][row])
        if former and names.get(former) == row:
            del names[former]
        names[key] = row
        self.rows[column][row] = key
        self.rows["misses"][row] = self.rows["hits"][row] = 0

    def unbind(self, key: int) -> None:
        """A radar's key means its track no longer."""
        row = self.by_radar.pop(key, -1)
        if row >= 0:
            self.rows["radar"][row], self.rows["misses"][row] = 0, 0

    def where(self, rows: Array, at: Array) -> tuple[Array, Array]:
        """Where tracks are expected at a time."""
        found = self.rows[rows]
        seconds = (at - found["at"]) / SECOND
        return geo.moved(found["lon"], found["lat"], found["ve"] * seconds, found["vn"] * seconds)

    def spread(self, rows: Array, at: Array) -> Array:
        """The variance of that expectation, square metres."""
        found = self.rows[rows]
        seconds = np.maximum((at - found["at"]) / SECOND, 0.0)
        variance: Array = found["p"] + 2 * seconds * found["c"] + seconds**2 * found["v"] + WANDER * seconds**3 / 3
        return variance

    def update(self, rows: Array, measured: Measured) -> None:
        """Take measurements into their tracks, each track's in order of time. Those that come too late are counted."""
        good = (rows >= 0) & (measured.at >= self.rows["at"][rows] - int(LATE * SECOND))
        self.late += int((rows >= 0).sum() - good.sum())
        rows, measured = rows[good], measured.pick(good)
        for chosen in _rounds(rows, measured.at):
            self._step(rows[chosen], measured.pick(chosen))

    def _step(self, rows: Array, seen: Measured) -> None:
        before = self.rows[rows]
        seconds = (seen.at - before["at"]) / SECOND
        back = np.minimum(seconds, 0.0)
        ahead = np.maximum(seconds, 0.0)
        lon, lat = geo.moved(before["lon"], before["lat"], before["ve"] * ahead, before["vn"] * ahead)
        east, north = geo.offset(lon, lat, seen.lon, seen.lat)
        # What was seen a little earlier is carried forward by the track's own velocity.
        east, north = east - before["ve"] * back, north - before["vn"] * back
        p, c, v = before["p"], before["c"], before["v"]
        p = p + 2 * ahead * c + ahead**2 * v + WANDER * ahead**3 / 3
        c = c + ahead * v + WANDER * ahead**2 / 2
        v = v + WANDER * ahead
        total = p + seen.sigma**2
        jumped = (east**2 + north**2) / total > SURPRISE
        gain, drift = p / total, c / total
        lon, lat = geo.moved(lon, lat, gain * east, gain * north)
        ve, vn = before["ve"] + drift * east, before["vn"] + drift * north
        p, c, v = (1 - gain) * p, (1 - gain) * c, v - drift * c
        told = np.isfinite(seen.ve)
        de, dn = np.where(told, seen.ve - ve, 0.0), np.where(told, seen.vn - vn, 0.0)
        total = v + np.where(told, seen.speed_sigma, 1.0) ** 2
        # Who turns or stops is no longer as well known as before.
        v = np.where(de**2 + dn**2 > TURNS * total, v + (de**2 + dn**2) / 2, v)
        total = v + np.where(told, seen.speed_sigma, 1.0) ** 2
        gain, drift = np.where(told, v / total, 0.0), np.where(told, c / total, 0.0)
        lon, lat = geo.moved(lon, lat, drift * de, drift * dn)
        after = before.copy()
        after["lon"], after["lat"], after["ve"], after["vn"] = lon, lat, ve + gain * de, vn + gain * dn
        after["p"], after["c"], after["v"] = p - drift * c, (1 - gain) * c, (1 - gain) * v
        after["at"] = np.maximum(before["at"], seen.at)
        self.rows[rows] = after
        self._note(rows, seen)
        if jumped.any():
            self._begin(rows[jumped], seen.pick(jumped), again=True)

    def _begin(self, rows: Array, seen: Measured, *, again: bool = False) -> None:
        one = self.rows[rows]
        told = np.isfinite(seen.ve)
        one["at"], one["lon"], one["lat"] = np.maximum(one["at"], seen.at), seen.lon, seen.lat
        one["ve"], one["vn"] = np.where(told, seen.ve, one["ve"]), np.where(told, seen.vn, one["vn"])
        one["p"], one["c"], one["v"] = seen.sigma**2, 0.0, np.where(told, seen.speed_sigma**2, 25.0)
        self.rows[rows] = one
        if not again:
            self._note(rows, seen)

    def _note(self, rows: Array, seen: Measured) -> None:
        stamp = "own_at" if seen.own else "radar_at"
        self.rows[stamp][rows] = np.maximum(self.rows[stamp][rows], seen.at)
        self.rows["seen"][rows] += 1
        self.ways.note(rows, seen.at, seen.lon, seen.lat)

    def _grow(self) -> bool:
        have = len(self.rows)
        if have >= MOST:
            return False
        size = min(2 * have, MOST)
        self.rows = np.concatenate([self.rows, np.zeros(size - have, DTYPE)])
        self.ways.grow(size)
        self._free = list(range(size - 1, have - 1, -1))
        return True


def _rounds(rows: Array, at: Array) -> Iterator[Array]:
    """Places of measurements such that each track comes once in a round, in order of time over the rounds."""
    if not len(rows):
        return
    order = np.lexsort((at, rows))
    fresh = np.concatenate([[True], rows[order][1:] != rows[order][:-1]])
    starts = np.flatnonzero(fresh)
    turn = np.arange(len(rows)) - np.repeat(starts, np.diff(np.concatenate([starts, [len(rows)]])))
    for number in range(int(turn.max()) + 1):
        yield order[turn == number]
