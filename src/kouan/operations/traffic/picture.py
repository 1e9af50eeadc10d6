"""The traffic picture: tracks, who is in which place, who meets whom. All of it is computed here, without input or output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kouan.facilities.telemetry.api import KIND_BITS
from kouan.kernel.signals import Array, Frame
from kouan.operations.traffic import geo
from kouan.operations.traffic.anchors import Anchors
from kouan.operations.traffic.contacts import Contacts
from kouan.operations.traffic.density import Density
from kouan.operations.traffic.fusion import SHIP, Fusion
from kouan.operations.traffic.identity import NUMBER, Identities
from kouan.operations.traffic.pairs import SERVICE, Encounters, Near, Sailing
from kouan.operations.traffic.seen import Seen
from kouan.operations.traffic.stays import Stay, Stays, speeds
from kouan.operations.traffic.tracks import SECOND
from kouan.operations.traffic.zones import Zone, Zones

AHEAD = 180
"""Seconds ahead of our clock beyond which nothing that is right can be dated."""
COASTS = 60.0
"""Seconds for which a track is carried on where it was not seen."""
HOVER = geo.MILE / 2
"""Metres within which a ship has stayed in one area."""
ANCHORED = 1
"""AIS navigational status: at anchor."""
SETTLES, COUNTS = 2, 5
"""Seconds between two rounds of joining tracks, and of counting density."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What one look found: stays that began, stays that ended with their time (microseconds)."""

    begun: list[Stay] = field(default_factory=list)
    ended: list[tuple[Stay, int]] = field(default_factory=list)


class Traffic:
    """The traffic of a port."""

    def __init__(self, zones: Sequence[Zone] = ()) -> None:
        self.fusion, self.identities = Fusion(), Identities()
        self.density, self.contacts, self.anchors = Density(), Contacts(), Anchors()
        self.seen = self._snapshot(0)
        none = np.zeros(0)
        self.near, self.encounters = Near(none, none, none, none, none), Encounters()
        self._sailing = Sailing(none, none, none, none, none)
        self.in_kind: dict[str, Array] = {}
        self.plates: dict[int, str] = {}
        self.refs: dict[int, str] = {}
        self._counted = self._settled = 0
        self.zones = Zones(zones)
        self.stays = Stays(self.zones.zones)

    def draw(self, zones: Sequence[Zone]) -> None:
        """Take the port's places as they are drawn now; who is in which of them is found at the next look."""
        self.zones = Zones(zones)
        self.stays = Stays(self.zones.zones)

    def fold(self, frame: Frame) -> None:
        """Take a frame in: positions, or what ships say of themselves."""
        if frame.signal == "position":
            self.fusion.fold(frame)
        elif frame.signal == "vessel_static":
            self._name(self.identities.fold(frame))

    def look(self, now: int) -> Happened:
        """What the picture means at a moment (microseconds UTC), and who will come close to whom then."""
        happened = self.see(now)
        self.near = self.meet()
        return happened

    def see(self, now: int) -> Happened:
        """What the picture means at a moment; called about once a second. Close pairs stay those of before, until `meet`."""
        if now < self.fusion.now - AHEAD * SECOND:
            self.fusion.set_back(now)
            self._settled, self._counted = min(self._settled, now), min(self._counted, now)
        self.fusion.now = max(self.fusion.now, now)
        ended: list[tuple[Stay, int]] = []
        if now - self._settled >= SETTLES * SECOND:
            self._settled = now
            before = self.seen.number
            self.fusion.settle()
            self._name(None)
            rows = self.fusion.tracks.rows
            gone = np.setdiff1d(before, rows["number"][rows["live"]])
            self.zones.forget(gone.tolist())
            ended = self.stays.close(gone)
        former, self.seen = self.seen.number, self._snapshot(now)
        self.near, seen = self.near.moved(former, self.seen.number), self.seen
        begun = self._places(seen, ended)
        self._hover(seen)
        quiet = self.within("berth") | SERVICE[seen.ship_type] | ~seen.ships() | (seen.at < now - 180 * SECOND)
        self._sailing = Sailing(seen.lon, seen.lat, seen.ve, seen.vn, quiet)
        self.contacts.look(seen, self.within("berth"))
        self.anchors.look(seen, self._anchored(seen))
        if now - self._counted >= COUNTS * SECOND:
            passed = min((now - self._counted) / SECOND, 2.0 * COUNTS)
            self._counted = now
            fresh = seen.ships() & (seen.at > now - 180 * SECOND)
            self.density.add(seen.lon[fresh], seen.lat[fresh], passed, now / SECOND)
        return Happened(begun, ended)

    def meet(self) -> Near:
        """Who will come close to whom, of those of the last `see`. It changes nothing that others read: a thread may do it."""
        return self.encounters.look(self.seen.number, self._sailing)

    def within(self, kind: str) -> Array:
        """Which tracks of the last look are in a place of a kind."""
        return self.in_kind.get(kind, np.zeros(len(self.seen), bool))

    def name(self, place: int) -> str:
        """How a person knows a track of the last look: name and MMSI, or the track's number."""
        key = int(self.seen.key[place])
        if not key:
            return f"R{int(self.seen.number[place])}"
        if kind_index(key) != SHIP:
            return self.plates.get(key) or f"V{int(self.seen.number[place])}"
        said = self.identities.of(key).name
        return f"{said} ({key & NUMBER:09d})" if said else f"{key & NUMBER:09d}"

    def _places(self, seen: Seen, ended: list[tuple[Stay, int]]) -> list[Stay]:
        entered, left = self.zones.look(seen.number, seen.seen_lon, seen.seen_lat, seen.at)
        kinds = dict(zip(seen.number.tolist(), seen.kind.tolist(), strict=True))
        begun, gone = self.stays.take(entered, left, kinds)
        some = self._known(seen, [stay.mover for stay in self.stays.open.values()])
        more, away = self.stays.look(speeds(seen.number[some], seen.ve[some], seen.vn[some], seen.at[some]))
        ended += gone + away
        self._kinds(seen)
        return begun + more

    def _kinds(self, seen: Seen) -> None:
        movers, places = self.zones.inside()
        kinds = np.array([zone.kind for zone in self.zones.zones], dtype=object)
        self.in_kind = {kind: np.zeros(len(seen), bool) for kind in set(kinds.tolist())}
        if len(movers):
            rows = seen.places(movers)
            for kind in set(kinds[places].tolist()):
                self.in_kind[kind][rows[kinds[places] == kind]] = True

    def _anchored(self, seen: Seen) -> Array:
        lying = [stay.mover for stay in self.stays.occupied() if self.zones.zones[stay.zone].kind == "anchorage"]
        said = (seen.status == ANCHORED) & (seen.kind == SHIP) & (seen.speed < 2.0)
        anchored: Array = (said | self._known(seen, lying)) & ~self.within("berth")
        return anchored

    @staticmethod
    def _known(seen: Seen, numbers: list[int]) -> Array:
        """Which tracks have one of some numbers; those that are gone are left out."""
        found = np.zeros(len(seen), bool)
        if numbers and len(seen):
            wanted = np.array(numbers, np.uint64)
            places = np.minimum(seen.places(wanted), len(seen) - 1)
            found[places[seen.number[places] == wanted]] = True
        return found

    def _hover(self, seen: Seen) -> None:
        """Since when each ship has stayed within half a mile of one point."""
        rows = self.fusion.tracks.rows
        row = seen.row
        away = geo.distance(rows["hover_lon"][row], rows["hover_lat"][row], seen.seen_lon, seen.seen_lat) > HOVER
        new = away | (rows["hover_at"][row] == 0)
        far = row[new]
        seen.hover_at[new] = rows["at"][far]  # This look was made of the rows before: who judges it must not take it for older.
        for name, source in (("hover_lon", "lon"), ("hover_lat", "lat"), ("hover_at", "at")):
            rows[name][far] = rows[source][far]

    def _name(self, keys: list[int] | None) -> None:
        """Give tracks what their ships said of themselves; None: all that have none yet."""
        tracks = self.fusion.tracks
        if keys is None:
            rows = tracks.live()
            held = tracks.rows[rows]
            keys = held["key"][(held["kind"] == SHIP) & (held["ship_type"] == 0)].tolist()
        for key in keys:
            row, known = tracks.by_key.get(key, -1), self.identities.known.get(key)
            if row >= 0 and known:
                tracks.rows["ship_type"][row], tracks.rows["length"][row] = min(known.ship_type, 255), known.length

    def _snapshot(self, now: int) -> Seen:
        rows = self.fusion.tracks.live()
        rows = rows[np.argsort(self.fusion.tracks.rows["number"][rows])]
        held = {name: self.fusion.tracks.rows[name][rows] for name in self.fusion.tracks.rows.dtype.names or ()}
        ahead = np.clip((now - held["at"]) / SECOND, 0.0, COASTS)
        lon, lat = geo.moved(held["lon"], held["lat"], held["ve"] * ahead, held["vn"] * ahead)
        sigma = np.sqrt(held["p"] + 2 * ahead * held["c"] + ahead**2 * held["v"])
        return Seen(
            now, held["number"], rows, held["key"], held["kind"], lon, lat, held["lon"], held["lat"], held["ve"], held["vn"],
            np.hypot(held["ve"], held["vn"]) / geo.KNOT, geo.bearing(held["ve"], held["vn"]), held["at"], held["own_at"],
            held["radar_at"], held["since"], held["heading"], held["status"], held["flags"], held["sources"], held["ship_type"],
            held["length"], sigma, held["hover_at"],
        )  # fmt: skip


def kind_index(key: int) -> int:
    """The kind in a key."""
    return int(key) >> KIND_BITS
