"""Fusion: one track for each mover out of what AIS, vehicles' terminals and radars tell.

A ship's own report names her; a radar's plot has only a number of the radar's. A plot belongs to the ship that is nearest
in position and velocity within a gate, and stays hers until it has left the gate three times (hysteresis), so that ships
that pass close by do not swap plots. What no ship accounts for is a track of its own.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

import numpy as np

from kouan.facilities.telemetry.api import KIND_BITS, KINDS
from kouan.kernel.signals import Array, Frame
from kouan.operations.traffic import geo
from kouan.operations.traffic.tracks import AIS, MOST, OWN, RADAR, SECOND, Measured, Tracks

SHIP, PLOT = KINDS.index("ship"), KINDS.index("radar")
FOLLOWED = geo.table(KINDS.index(name) for name in ("ship", "radar", "truck", "train", "equipment"))
"""Kinds of movers that are traffic; persons and cargo tags are not followed here."""
GATE, VELOCITY, RELEASE = 150.0, 4.0, 3
"""Metres and metres per second within which plot and ship are taken for one; misses until they part."""
FRESH, RADAR_KEPT, KEPT = 120 * SECOND, 60 * SECOND, 6 * 3600 * SECOND
"""How long a ship's last report stands for her; how long a silent radar track and any other stay on the picture."""
AIS_SIGMA, RADAR_SIGMA, SPEED_SIGMA, RADAR_SPEED_SIGMA = 10.0, 40.0, 0.3, 1.5
JUMP_METRES, JUMP_SPEED = 2 * geo.MILE, 80 * geo.KNOT
"""A report so far from the track that no ship could have come there."""
MERGE_HITS, MERGE_SPEED = 10, 1.0


@dataclass(frozen=True, slots=True)
class Jump:
    """Two reports under one identity that no one ship could both have made."""

    key: int
    at: int
    before: tuple[float, float]
    after: tuple[float, float]
    seconds: float
    metres: float
    flags: int


class Fusion:
    """Folds frames of positions into tracks."""

    def __init__(self) -> None:
        self.tracks = Tracks()
        self.jumps: deque[Jump] = deque(maxlen=1000)
        self.counts: Counter[str] = Counter()
        self.now = 0

    def fold(self, frame: Frame) -> None:
        """Take positions in: ships and vehicles by their keys, then radar plots by where they are."""
        kinds = (frame["key"] >> np.uint64(KIND_BITS)).astype(np.intp)
        sound = np.isfinite(frame["lon"]) & np.isfinite(frame["lat"]) & (np.abs(frame["lat"]) <= 90) & (frame["at"] > 0)
        wanted = FOLLOWED[kinds & 255] & sound
        self.counts["without_position"] += int((~sound).sum())
        if wanted.any():
            self.now = max(self.now, int(frame["at"][wanted].max()))
            self._own(frame.pick(wanted & (kinds != PLOT)))
            self._plots(frame.pick(wanted & (kinds == PLOT)))

    def _own(self, frame: Frame) -> None:
        if not len(frame):
            return
        keys, seen, tracks = frame["key"], measured(frame, own=True), self.tracks
        rows = tracks.find(keys)
        fresh = np.flatnonzero(rows < 0)
        if len(fresh):
            firsts = fresh[np.unique(keys[fresh], return_index=True)[1]]
            self._appear(keys[firsts], seen.pick(firsts))
            rows = tracks.find(keys)
        self._look_for_jumps(rows, seen, frame)
        tracks.update(rows, seen)
        good = rows >= 0
        ship = (keys >> np.uint64(KIND_BITS)) == SHIP
        tracks.rows["sources"][rows[good]] |= np.where(ship, AIS, OWN).astype("u1")[good]
        self._tell(rows, frame, ("heading", "status", "flags"))

    def _appear(self, keys: Array, seen: Measured) -> None:
        """Ships heard for the first time: the radar may know them already, and they keep that track's number."""
        ships = (keys >> np.uint64(KIND_BITS)) == SHIP
        taken = np.zeros(len(keys), bool)
        alone = self._alone()
        if ships.any() and len(alone):
            mine = np.flatnonzero(ships)
            for place, row in self._matched(seen.pick(mine), alone):
                taken[mine[place]] = True
                self.tracks.bind(int(keys[mine[place]]), row, radar=False)
                self.tracks.rows["kind"][row] = SHIP
        rest = ~taken
        self.tracks.make(keys[rest], seen.pick(rest), (keys[rest] >> np.uint64(KIND_BITS)).astype("u1"))

    def _plots(self, frame: Frame) -> None:
        if not len(frame):
            return
        keys, seen, tracks = frame["key"], measured(frame, own=False), self.tracks
        rows = tracks.find(keys, radar=True)
        self._part(keys, rows, seen)
        rows = tracks.find(keys, radar=True)
        fresh = np.flatnonzero(rows < 0)
        if len(fresh):
            firsts = fresh[np.unique(keys[fresh], return_index=True)[1]]
            self._assign(keys[firsts], seen.pick(firsts))
            rows = tracks.find(keys, radar=True)
        tracks.update(rows, seen)
        good = rows[rows >= 0]
        tracks.rows["sources"][good] |= RADAR
        self._tell(rows[tracks.rows["key"][rows] == 0], frame.pick(tracks.rows["key"][rows] == 0), ("flags",))

    def _part(self, keys: Array, rows: Array, seen: Measured) -> None:
        """Let go of plots that have left the gate of their ship; those far outside at once."""
        bound = np.flatnonzero(rows >= 0)
        bound = bound[self.tracks.rows["key"][rows[bound]] > 0]
        if not len(bound):
            return
        mine, some = rows[bound], seen.pick(bound)
        lon, lat = self.tracks.where(mine, some.at)
        away = geo.distance(lon, lat, some.lon, some.lat)
        gate = GATE + 4 * np.sqrt(self.tracks.spread(mine, some.at))
        misses = np.where(away > gate, self.tracks.rows["misses"][mine] + 1, 0)
        self.tracks.rows["misses"][mine] = misses
        gone = (misses >= RELEASE) | (away > 6 * gate)
        for key in np.unique(keys[bound[gone]]).tolist():
            self.tracks.unbind(key)

    def _assign(self, keys: Array, seen: Measured) -> None:
        """Plots of unknown numbers: a ship without a plot, else a radar track whose number was lost, else a new track."""
        tracks, rows = self.tracks, self.tracks.live()
        held = tracks.rows[rows]
        # By the clock of the reports: a ship that is silent, or that this radar sees under another number, is no candidate.
        recent = np.where(held["key"] > 0, held["own_at"] > self.now - FRESH, held["radar_at"] > self.now - RADAR_KEPT)
        free = (held["radar"] == 0) | (held["radar_at"] < self.now - 10 * SECOND)
        ships = rows[recent & free & ((held["kind"] == SHIP) | (held["kind"] == PLOT))]
        taken = np.zeros(len(keys), bool)
        for place, row in self._matched(seen, ships):
            taken[place] = True
            tracks.bind(int(keys[place]), row, radar=True)
        rest = ~taken
        tracks.make(keys[rest], seen.pick(rest), np.full(int(rest.sum()), PLOT, "u1"), radar=True)

    def _matched(self, seen: Measured, rows: Array) -> list[tuple[int, int]]:
        """Pairs of measurement and track, the nearest first, each once, within the gate."""
        if not len(rows) or not len(seen.at):
            return []
        at = np.full(len(rows), int(np.median(seen.at)), np.int64)
        lon, lat = self.tracks.where(rows, at)
        first, second, whole = geo.neighbours(seen.lon, seen.lat, lon, lat, 4 * GATE)
        self.counts["crowded"] += not whole
        away = geo.distance(seen.lon[first], seen.lat[first], lon[second], lat[second])
        held = self.tracks.rows[rows[second]]
        faster = np.hypot(seen.ve[first] - held["ve"], seen.vn[first] - held["vn"])
        faster = np.where(np.isfinite(faster), faster, 0.0)
        room = GATE + 2 * np.sqrt(self.tracks.spread(rows[second], at[second]))
        cost = (away / np.minimum(room, 4 * GATE)) ** 2 + (faster / VELOCITY) ** 2
        found: list[tuple[int, int]] = []
        used: set[int] = set()
        used_rows: set[int] = set()
        for one in np.argsort(cost).tolist():
            place, row = int(first[one]), int(rows[second[one]])
            if cost[one] > 1:
                break
            if place not in used and row not in used_rows:
                used.add(place)
                used_rows.add(row)
                found.append((place, row))
        return found

    def set_back(self, now: int) -> None:
        """The clock was ahead and is right again: what was dated by it stands at this moment, and goes on from here."""
        self.now = now
        for name in ("at", "own_at", "radar_at", "since"):
            np.minimum(self.tracks.rows[name], now, out=self.tracks.rows[name])

    def _alone(self) -> Array:
        rows = self.tracks.live()
        held = self.tracks.rows[rows]
        alone: Array = rows[(held["key"] == 0) & (held["radar_at"] > self.now - RADAR_KEPT)]
        return alone

    def settle(self) -> None:
        """Once in a while: join radar tracks with the ship beside which they sail, let go of what is long silent."""
        self._join()
        rows = self.tracks.live()
        held = self.tracks.rows[rows]
        kept = np.where(held["key"] == 0, RADAR_KEPT, KEPT)
        self.tracks.drop(rows[held["at"] < self.now - kept])
        held = self.tracks.rows
        silent = held["live"] & (held["radar_at"] < self.now - RADAR_KEPT)
        held["sources"][silent] &= 255 - RADAR

    def _join(self) -> None:
        """What sails together is joined, and what first appeared where the ship is: two that came to lie side by side are two."""
        tracks = self.tracks
        alone = self._alone()
        if not len(alone):
            return
        held = tracks.rows[alone]
        moving = np.hypot(held["ve"], held["vn"]) > MERGE_SPEED
        stayed = (held["hover_at"] > 0) & (held["hover_at"] - held["since"] < 5 * SECOND)
        stayed &= geo.distance(held["hover_lon"], held["hover_lat"], held["lon"], held["lat"]) < GATE
        rows = tracks.live()
        ships = tracks.rows[rows]
        free = (ships["radar"] == 0) | (ships["radar_at"] < self.now - 10 * SECOND)
        ships_rows = rows[free & (ships["kind"] == SHIP) & (ships["key"] > 0) & (ships["own_at"] > self.now - FRESH)]
        at = np.full(len(alone), self.now, np.int64)
        lon, lat = tracks.where(alone, at)
        still = np.zeros(len(alone), np.float64)
        seen = Measured(at, lon, lat, held["ve"], held["vn"], still + RADAR_SIGMA, still + RADAR_SPEED_SIGMA, own=False)
        sails = np.hypot(tracks.rows["ve"], tracks.rows["vn"]) > MERGE_SPEED
        near = {place: row for place, row in self._matched(seen, ships_rows) if (moving[place] and sails[row]) or stayed[place]}
        for place, row in enumerate(alone.tolist()):
            if place not in near:
                tracks.rows["hits"][row] = 0
                continue
            tracks.rows["hits"][row] += 1
            if tracks.rows["hits"][row] >= MERGE_HITS:
                key = int(tracks.rows["radar"][row])
                tracks.drop(np.array([row]))
                tracks.bind(key, near[place], radar=True)
                self.counts["joined"] += 1

    def _look_for_jumps(self, rows: Array, seen: Measured, frame: Frame) -> None:
        good = np.flatnonzero(rows >= 0)
        held = self.tracks.rows[rows[good]]
        seconds = (seen.at[good] - held["own_at"]) / SECOND
        metres = geo.distance(held["lon"], held["lat"], seen.lon[good], seen.lat[good])
        wild = (metres > JUMP_METRES) & (metres > JUMP_SPEED * np.maximum(seconds, 1.0)) & (held["own_at"] > 0) & (seconds >= 0)
        for place in np.flatnonzero(wild).tolist():
            one, here = held[place], int(good[place])
            self.jumps.append(
                Jump(
                    int(frame["key"][here]), int(seen.at[here]), (float(one["lon"]), float(one["lat"])),
                    (float(seen.lon[here]), float(seen.lat[here])), float(seconds[place]), float(metres[place]),
                    int(frame["flags"][here]) if "flags" in frame.columns else 0,
                )
            )  # fmt: skip

    def _tell(self, rows: Array, frame: Frame, names: tuple[str, ...]) -> None:
        good = rows >= 0
        for name in names:
            if name in frame.columns:
                self.tracks.rows[name][rows[good]] = frame[name][good]

    def facts(self) -> dict[str, int]:
        """Counters, for the health of the stream."""
        return {
            **self.counts, "tracks": len(self.tracks.live()), "late": self.tracks.late, "turned_away": self.tracks.turned_away,
            "most": MOST,
        }  # fmt: skip


def measured(frame: Frame, *, own: bool) -> Measured:
    """A frame's positions as the filter takes them; a ship that lies still has no course, and no velocity."""
    speed, course = _column(frame, "speed") * geo.KNOT, np.radians(_column(frame, "course"))
    lying = np.isfinite(speed) & (speed < 0.5 * geo.KNOT)
    ve, vn = np.where(lying, 0.0, speed * np.sin(course)), np.where(lying, 0.0, speed * np.cos(course))
    told = np.isfinite(ve) & np.isfinite(vn)
    accuracy = _column(frame, "accuracy")
    usual = AIS_SIGMA if own else RADAR_SIGMA
    sigma = np.where(np.isfinite(accuracy) & (accuracy > 0), np.clip(accuracy, 1.0, 1000.0), usual)
    speeds = np.full(len(frame), SPEED_SIGMA if own else RADAR_SPEED_SIGMA)
    return Measured(
        frame["at"], frame["lon"].astype("f8"), frame["lat"].astype("f8"), np.where(told, ve, np.nan), np.where(told, vn, np.nan),
        sigma, speeds, own,
    )  # fmt: skip


def _column(frame: Frame, name: str) -> Array:
    return frame[name].astype("f8") if name in frame.columns else np.full(len(frame), np.nan)
