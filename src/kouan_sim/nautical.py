"""Distances, bearings, routes, the chart of the port: nautical miles, WGS 84 degrees, true courses.

A port is small: a flat earth with shortened longitudes is within some metres of the truth here.
"""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Point = tuple[float, float]

FALLBACK_FAIRWAY: tuple[Point, ...] = (
    (121.75, 35.93),
    (121.715, 35.962),
    (121.66, 35.995),
    (121.625, 36.03),
    (121.600, 36.052),
)


def _flat(a: Point, b: Point) -> tuple[float, float]:
    shrink = math.cos(math.radians((a[1] + b[1]) / 2))
    return (b[0] - a[0]) * 60 * shrink, (b[1] - a[1]) * 60


def distance(a: Point, b: Point) -> float:
    """Nautical miles between two points."""
    return math.hypot(*_flat(a, b))


def bearing(a: Point, b: Point) -> float:
    """True bearing from one point to the other, 0 to 360 degrees."""
    east, north = _flat(a, b)
    return math.degrees(math.atan2(east, north)) % 360


def moved(start: Point, course: float, miles: float) -> Point:
    """The point that lies so many miles off on that course."""
    lat = start[1] + miles * math.cos(math.radians(course)) / 60
    shrink = math.cos(math.radians((start[1] + lat) / 2))
    return start[0] + miles * math.sin(math.radians(course)) / 60 / shrink, lat


class Route:
    """A line that a ship follows, measured in miles from its start."""

    def __init__(self, points: Sequence[Point]) -> None:
        kept = [point for point, before in zip(points, [None, *points], strict=False) if point != before]
        if len(kept) < 2:
            raise ValueError("a route has two different points at least")
        self.points = tuple(kept)
        legs = (distance(a, b) for a, b in itertools.pairwise(kept))
        self._marks = list(itertools.accumulate(legs, initial=0.0))
        self.length = self._marks[-1]

    def at(self, miles: float) -> Point:
        """The point so many miles from the start; the ends hold outside."""
        miles = min(max(miles, 0.0), self.length)
        leg = min(max(bisect.bisect_right(self._marks, miles) - 1, 0), len(self.points) - 2)
        a, b = self.points[leg], self.points[leg + 1]
        share = (miles - self._marks[leg]) / (self._marks[leg + 1] - self._marks[leg])
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share

    def course(self, miles: float, look: float = 0.1) -> float:
        """The course there, turning over `look` miles before and after a corner as a ship does."""
        behind = min(max(miles - look, 0.0), self.length - look / 10)
        ahead = max(min(miles + look, self.length), look / 10)
        return bearing(self.at(behind), self.at(ahead))

    def part(self, start: float, end: float) -> Route:
        """A part by shares of the length (0 to 1)."""
        first, last = start * self.length, end * self.length
        between = [p for p, mark in zip(self.points, self._marks, strict=True) if first < mark < last]
        return Route([self.at(first), *between, self.at(last)])


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """Whether a point lies in a polygon (even-odd rule)."""
    odd = False
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (a[1] > point[1]) != (b[1] > point[1]):
            odd ^= point[0] < a[0] + (point[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
    return odd


@dataclass(frozen=True, slots=True)
class Chart:
    """What simulated ships know of the port: the fairway from sea to berth, anchorage, pilot station.

    `quay`: the bearing along which ships lie at the berth, None where none is drawn.
    """

    fairway: Route
    anchorage: tuple[Point, ...]
    pilots: Point
    quay: float | None = None

    @classmethod
    def fallback(cls) -> Chart:
        """The built-in line, for a port that has drawn no fairway yet."""
        return cls.around(Route(FALLBACK_FAIRWAY))

    @classmethod
    def around(
        cls,
        fairway: Route,
        anchorage: Sequence[Point] = (),
        pilots: Point | None = None,
        quay: float | None = None,
    ) -> Chart:
        """A chart from a fairway; a missing anchorage or pilot station is put beside its sea end."""
        if not anchorage:
            middle = moved(fairway.at(fairway.length * 0.2), fairway.course(0) + 90, 2.0)
            anchorage = [moved(middle, angle, 1.1) for angle in (45.0, 135.0, 225.0, 315.0)]
        return cls(fairway, tuple(anchorage), pilots or fairway.at(fairway.length * 0.15), quay)

    @classmethod
    def from_geojson(cls, places: Mapping[str, Any]) -> Chart:
        """The chart in the answer of GET /api/places; the built-in fairway where it has no usable one."""
        shapes = [
            (feature["properties"].get("kind"), feature["geometry"])
            for feature in places.get("features", ())
            if feature.get("geometry") and feature.get("properties")
        ]
        lines = [_line(shape) for kind, shape in shapes if kind == "fairway"]
        routes = [Route(line) for line in lines if len(set(line)) > 1]
        fairway = max(routes, key=lambda route: route.length, default=None)
        if fairway is None:
            return cls.fallback()
        rings = [_ring(shape) for kind, shape in shapes if kind == "anchorage"]
        stations = [_ring(shape) for kind, shape in shapes if kind == "pilot_station"]
        pilots = next((_middle(ring) for ring in stations if ring), None)
        quays = [_ring(shape) for kind, shape in shapes if kind == "quay"]
        quay = next((_along(ring) for ring in quays if len(ring) > 2), None)
        return cls.around(fairway, next((ring for ring in rings if len(ring) > 2), ()), pilots, quay)

    def anchor_place(self, chance: random.Random) -> Point:
        """Some place inside the anchorage."""
        lons, lats = [p[0] for p in self.anchorage], [p[1] for p in self.anchorage]
        for _ in range(200):
            point = chance.uniform(min(lons), max(lons)), chance.uniform(min(lats), max(lats))
            if inside(point, self.anchorage):
                return point
        return _middle(self.anchorage)


def _pair(point: Sequence[float]) -> Point:
    return float(point[0]), float(point[1])


def _line(shape: Mapping[str, Any]) -> list[Point]:
    return [_pair(p) for p in shape["coordinates"]] if shape.get("type") == "LineString" else []


def _ring(shape: Mapping[str, Any]) -> list[Point]:
    coordinates = shape.get("coordinates", ())
    if shape.get("type") == "Point":
        return [_pair(coordinates)]
    if shape.get("type") == "MultiPolygon":
        coordinates = coordinates[0]
    if shape.get("type") in {"Polygon", "MultiPolygon"}:
        ring = [_pair(p) for p in coordinates[0]]
        return ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    return []


def _along(ring: Sequence[Point]) -> float:
    """The bearing of the longest side of a ring."""
    sides = zip(ring, [*ring[1:], ring[0]], strict=True)
    return bearing(*max(sides, key=lambda side: distance(*side)))


def _middle(points: Sequence[Point]) -> Point:
    return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
