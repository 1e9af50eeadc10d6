"""What a place's outline must be (RFC 7946: GeoJSON geometry, WGS 84, longitude before latitude)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kouan.base.place.records import Place
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
MOST_POINTS = 20_000
SHAPE = Text("图形应为 GeoJSON 几何对象：" + "、".join(DEPTHS), "The outline is a GeoJSON geometry: " + ", ".join(DEPTHS))
POINTS = Text(
    "坐标应为[经度, 纬度]，经度在±180以内，纬度在±90以内", "A position is [longitude, latitude] within ±180 and ±90 degrees"
)
RING = Text("多边形的每个环至少四点，且首尾相同", "A polygon's ring has at least four positions and ends where it began")

AREAS = frozenset({"restricted_area", "zone", "waiting_area", "room", "floor"})
AREA = Text("此类地点须绘为面", "A place of this kind is drawn as an area")
LINE = Text("警戒线须绘为折线", "A tripwire is drawn as a line")
ACROSS = Text("只有警戒线才有穿越方向", "Only a tripwire is crossed to the left or right")


class Outline(Rule):
    """A map cannot draw a place whose outline is none."""

    code = "PLACE-OUTLINE"
    at = "filing"
    of = Place.facts.name
    title = Text("地点图形", "A place's outline")
    clause = "RFC 7946 3.1"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Place, found: Found) -> Unmet | None:
        """Refuses what is no geometry, or lies off the earth."""
        kind, coordinates = record.geometry.get("type"), record.geometry.get("coordinates")
        if not isinstance(kind, str) or kind not in DEPTHS or not isinstance(coordinates, list):
            return Unmet(SHAPE, "geometry")
        points = list(_points(coordinates, DEPTHS[kind]))
        if not points or len(points) > MOST_POINTS or not all(_on_earth(point) for point in points):
            return Unmet(POINTS, "geometry")
        rings = coordinates if kind == "Polygon" else [r for p in coordinates for r in p] if kind == "MultiPolygon" else []
        if any(len(ring) < 4 or ring[0] != ring[-1] for ring in rings):
            return Unmet(RING, "geometry")
        return None


class Sense(Rule):
    """Who is in an area, and who crossed a line, is asked of the outline: it must be one."""

    code = "PLACE-SENSE"
    at = "filing"
    of = Place.facts.name
    title = Text("图形与类别相符", "An outline that suits the kind")
    clause = "7.2.4 d)"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: Place, found: Found) -> Unmet | None:
        """Refuses an area that is a point or line, a tripwire that is no line, a crossing of what is no tripwire."""
        shape = record.geometry.get("type")
        if record.kind in AREAS and shape not in ("Polygon", "MultiPolygon"):
            return Unmet(AREA, "geometry")
        if record.kind == "tripwire" and shape != "LineString":
            return Unmet(LINE, "geometry")
        if record.kind != "tripwire" and record.direction in ("to_left", "to_right"):
            return Unmet(ACROSS, "direction")
        return None


def _points(coordinates: Any, depth: int) -> Iterator[Any]:
    if depth == 0 or not isinstance(coordinates, list):
        yield coordinates
        return
    for part in coordinates:
        yield from _points(part, depth - 1)


def _on_earth(point: Any) -> bool:
    if not isinstance(point, list) or len(point) not in (2, 3):
        return False
    if not all(isinstance(part, int | float) and math.isfinite(part) for part in point):
        return False
    return -180 <= point[0] <= 180 and bool(-90 <= point[1] <= 90)
