"""What lies within a hazard's areas: places of the port, ships, devices. Pure geometry over what is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely  # type: ignore[import-untyped]  # it carries no types
from shapely.errors import ShapelyError  # type: ignore[import-untyped]  # it carries no types

BOUND = shapely.box(-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that may be affected: its reference, name, and where it is (a point or an outline)."""

    ref: str
    name: Mapping[str, str]
    geometry: Any
    kind: str = ""


def shape_of(geometry: Mapping[str, Any] | None) -> Any:
    """A GeoJSON geometry as a valid shape; an empty one where it is none."""
    if not geometry:
        return shapely.Point()
    try:
        found = shapely.from_geojson(json.dumps(dict(geometry)))
    except (ShapelyError, TypeError, ValueError):
        return shapely.Point()
    return found if found.is_valid else shapely.make_valid(found)


def area_of(data: Mapping[str, Any]) -> Any:
    """All areas of a hazard as one shape; along a track what lies between its areas belongs to it, too."""
    shapes = [shape for area in data.get("areas", ()) if not (shape := shape_of(area.get("geometry"))).is_empty]
    if not shapes:
        return shapely.Point()
    if data.get("track"):
        shapes += [shapely.convex_hull(shapely.union(one, other)) for one, other in pairwise(list(shapes))]
    return shapely.intersection(shapely.union_all(shapes), BOUND)


def within(area: Any, assets: Sequence[Asset]) -> list[Asset]:
    """The assets that an area touches, in the order given."""
    if area.is_empty or not assets:
        return []
    shapely.prepare(area)
    hit = shapely.intersects(area, np.array([asset.geometry for asset in assets], object))
    return [asset for asset, touched in zip(assets, hit.tolist(), strict=True) if touched]


def as_json(shape: Any) -> dict[str, Any] | None:
    """A shape as GeoJSON; None for an empty one."""
    found: dict[str, Any] | None = None if shape.is_empty else shapely.geometry.mapping(shape)
    return found
