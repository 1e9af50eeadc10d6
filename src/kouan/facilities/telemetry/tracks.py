"""The track of a mover: where it went, where it stood, and in which place of the port it is now (HS/T 82 8.1.2 a)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kouan.kernel.signals import Frame

RADIUS_M, DWELL_S = 60.0, 600.0
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Dwell:
    """A stay: its middle, from when to when (microseconds UTC) and of how many fixes."""

    lon: float
    lat: float
    since: int
    until: int
    fixes: int


def dwells(track: Frame, radius_m: float = RADIUS_M, seconds: float = DWELL_S) -> list[Dwell]:
    """Stays of a track in order of time: fixes within a radius of the first for at least so long (stay points after Li et
    al., Mining User Similarity Based on Location History, 2008)."""
    rows = list(zip(track["at"].tolist(), track["lon"].tolist(), track["lat"].tolist(), strict=True))
    found: list[Dwell] = []
    first = 0
    while first < len(rows):
        last = first
        while last + 1 < len(rows) and metres(rows[first], rows[last + 1]) <= radius_m:
            last += 1
        if rows[last][0] - rows[first][0] >= seconds * 1e6:
            part = rows[first : last + 1]
            lon, lat = (sum(row[n] for row in part) / len(part) for n in (1, 2))
            found.append(Dwell(round(lon, 7), round(lat, 7), part[0][0], part[-1][0], len(part)))
            first = last + 1
        else:
            first += 1
    return found


def metres(one: Sequence[float], other: Sequence[float]) -> float:
    """The distance of two fixes (time, lon, lat), on a plane: exact to a metre within a port."""
    east = (other[1] - one[1]) * METRES_PER_DEGREE * math.cos(math.radians(one[2]))
    return math.hypot(east, (other[2] - one[2]) * METRES_PER_DEGREE)


def inside(lon: float, lat: float, outline: Any) -> bool:
    """Whether a point lies in a GeoJSON polygon or in one of several."""
    if not isinstance(outline, dict):
        return False
    drawn: Any = outline.get("coordinates") or []
    polygons = {"Polygon": [drawn], "MultiPolygon": drawn}.get(str(outline.get("type")), [])
    return any(_in_rings(lon, lat, rings) for rings in polygons)


def _in_rings(lon: float, lat: float, rings: Iterable[Sequence[Sequence[float]]]) -> bool:
    crossed = False
    for ring in rings:
        for (x1, y1, *_), (x2, y2, *_) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                crossed = not crossed
    return crossed


def size(outline: Any) -> float:
    """The area of the box around an outline, in square degrees: of places that hold a point the smallest is told."""
    points = list(_points(outline.get("coordinates") if isinstance(outline, dict) else None))
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return (max(lons) - min(lons)) * (max(lats) - min(lats)) if points else math.inf


def _points(part: Any) -> Iterable[Sequence[float]]:
    if isinstance(part, list) and part and isinstance(part[0], int | float):
        yield part
    elif isinstance(part, list):
        for one in part:
            yield from _points(one)
