"""Zones: which movers are in which places, told as entries and exits with hysteresis.

A tree is built over the points that moved and asked by prepared outlines, which is cheaper than the other way round:
there are more points than places, and outlines stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely  # type: ignore[import-untyped]  # the package states no types

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo

Outline = Any
"""A geometry of shapely in degrees, longitude before latitude."""
LEAVES = 15.0
"""Metres outside an outline at which a mover has left it: a position's noise is no coming and going."""
LANE, WAY = 5.0, 200.0
"""Width in metres of a lane and of a fairway that states none."""
STEP = 2.0
"""Metres that a mover goes at least before it is looked at again."""
_PLACES = 1 << 24


@dataclass(frozen=True, slots=True)
class Zone:
    """One place as movement knows it: its outline as an area, and the line where it was drawn as one."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    area: Outline
    line: Outline | None = None
    direction: str = ""
    speed_limit: float | None = None
    parent: str = ""

    @property
    def ref(self) -> str:
        """Its reference."""
        return f"place:{self.code.upper()}"


def zone_of(place: dict[str, Any]) -> Zone | None:
    """The zone of a place's document; None for one that has no extent (a point, a line without a width)."""
    outline = shapely.geometry.shape(place["geometry"])
    line = outline if outline.geom_type in ("LineString", "MultiLineString") else None
    if line is not None:
        usual = {"lane": LANE, "fairway": WAY}.get(place["kind"])
        width = place.get("width_m") or usual
        if width is None:
            return None
        outline = widened(line, float(width) / 2)
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    if not outline.is_valid:
        outline = shapely.make_valid(outline)
    return Zone(
        place["code"], place["kind"], place["name_zh"], place["name_en"], outline, line, place.get("direction") or "",
        place.get("speed_limit_kn"), place.get("parent") or "",
    )  # fmt: skip


def widened(outline: Outline, metres: float) -> Outline:
    """An outline with a margin of so many metres, in degrees."""
    lat = float(outline.centroid.y)
    squeeze = float(geo.wide(np.array([lat]))[0]) / geo.DEGREE
    flat = shapely.transform(outline, lambda points: points * np.array([squeeze, 1.0]))
    return shapely.transform(flat.buffer(metres / geo.DEGREE), lambda points: points / np.array([squeeze, 1.0]))


@dataclass(frozen=True, slots=True)
class Crossed:
    """Entries or exits in columns: which mover (a track's number), which zone (its index), when."""

    mover: Array
    zone: Array
    at: Array

    def __len__(self) -> int:
        """How many."""
        return len(self.mover)


class Zones:
    """The outlines of a port, and who is inside them now."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.zones = list(zones)
        self._areas = np.array([zone.area for zone in zones], dtype=object)
        self._margins = np.array([widened(zone.area, LEAVES) for zone in zones], dtype=object)
        shapely.prepare(self._areas)
        shapely.prepare(self._margins)
        self._inside = np.zeros(0, np.uint64)
        self._last: dict[str, Array] = {"mover": np.zeros(0, np.uint64), "lon": np.zeros(0), "lat": np.zeros(0)}

    def locate(self, lon: Array, lat: Array) -> tuple[Array, Array]:
        """Indexes of points and of the zones in which they lie; a point may lie in several."""
        if not len(lon) or not len(self._areas):
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        tree = shapely.STRtree(shapely.points(lon, lat))
        zones, points = tree.query(self._areas, predicate="covers")
        return points, zones

    def look(self, mover: Array, lon: Array, lat: Array, at: Array) -> tuple[Crossed, Crossed]:
        """Who came in and who went out since the last look; `mover` are numbers, each once, ascending."""
        moved = self._moved(mover, lon, lat)
        points, zones = self.locate(lon[moved], lat[moved])
        found = (mover[moved][points].astype(np.uint64) * np.uint64(_PLACES)) | zones.astype(np.uint64)
        fresh = np.setdiff1d(found, self._inside)
        held = self._inside[np.isin(self._inside // np.uint64(_PLACES), mover[moved])]
        doubtful = np.setdiff1d(held, found)
        gone = doubtful[~self._lingers(doubtful, mover, lon, lat)]
        self._inside = np.union1d(np.setdiff1d(self._inside, gone), fresh)
        return self._crossed(fresh, mover, at), self._crossed(gone, mover, at)

    def inside(self) -> tuple[Array, Array]:
        """Movers and indexes of the zones in which they are."""
        return self._inside // np.uint64(_PLACES), (self._inside % np.uint64(_PLACES)).astype(np.intp)

    def forget(self, movers: Iterable[int]) -> tuple[Array, Array]:
        """Let go of movers that are no longer followed; answers them and the zones in which they were."""
        gone = np.isin(self._inside // np.uint64(_PLACES), np.array(sorted(movers), np.uint64))
        held, self._inside = self._inside[gone], self._inside[~gone]
        return held // np.uint64(_PLACES), (held % np.uint64(_PLACES)).astype(np.intp)

    def enter(self, mover: int, zone: int) -> None:
        """Remember someone as inside, as after a restart."""
        self._inside = np.union1d(self._inside, np.array([mover * _PLACES | zone], np.uint64))

    def _moved(self, mover: Array, lon: Array, lat: Array) -> Array:
        known = np.searchsorted(self._last["mover"], mover)
        known = np.minimum(known, max(len(self._last["mover"]) - 1, 0))
        moved = np.ones(len(mover), bool)
        if len(self._last["mover"]):
            same = self._last["mover"][known] == mover
            away = geo.distance(self._last["lon"][known], self._last["lat"][known], lon, lat)
            moved = ~same | (away >= STEP)
            lon, lat = np.where(moved, lon, self._last["lon"][known]), np.where(moved, lat, self._last["lat"][known])
        self._last = {"mover": mover.astype(np.uint64), "lon": lon, "lat": lat}
        return moved

    def _lingers(self, pairs: Array, mover: Array, lon: Array, lat: Array) -> Array:
        """Who left an outline but not its margin yet."""
        if not len(pairs):
            return np.zeros(0, bool)
        places = np.searchsorted(mover, pairs // np.uint64(_PLACES))
        margins = self._margins[(pairs % np.uint64(_PLACES)).astype(np.intp)]
        lingering: Array = shapely.intersects_xy(margins, lon[places], lat[places])
        return lingering

    def _crossed(self, pairs: Array, mover: Array, at: Array) -> Crossed:
        who = pairs // np.uint64(_PLACES)
        return Crossed(who, (pairs % np.uint64(_PLACES)).astype(np.intp), at[np.searchsorted(mover, who)])
