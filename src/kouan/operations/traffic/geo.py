"""Distances and neighbours on the earth's surface, for whole arrays: degrees WGS 84, metres, seconds, degrees true.

A flat earth around each pair of points, with shortened longitudes: within some metres over the range of a port.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kouan.kernel.signals import Array

DEGREE = 111_195.0
"""Metres of one degree of latitude on a sphere of 6371 km."""
KNOT = 1852 / 3600
"""Metres per second."""
MILE = 1852.0
POLAR = 85.0
"""Latitudes beyond this share one width of a degree of longitude; no port lies there."""
_STRIDE = 1 << 32


def table(numbers: Iterable[int]) -> Array:
    """A mask by which bytes that are one of some numbers are found at once: `table((31, 52))[codes]`."""
    found = np.zeros(256, bool)
    found[list(numbers)] = True
    return found


def wide(lat: Array) -> Array:
    """Metres of one degree of longitude at a latitude."""
    metres: Array = DEGREE * np.cos(np.radians(np.clip(lat, -POLAR, POLAR)))
    return metres


def offset(lon: Array, lat: Array, to_lon: Array, to_lat: Array) -> tuple[Array, Array]:
    """Metres east and north from points to others, the shorter way round the earth."""
    east = (to_lon - lon + 180.0) % 360.0 - 180.0
    return east * wide((lat + to_lat) / 2), (to_lat - lat) * DEGREE


def moved(lon: Array, lat: Array, east: Array, north: Array) -> tuple[Array, Array]:
    """The points that lie so many metres east and north of others."""
    return (lon + east / wide(lat) + 180.0) % 360.0 - 180.0, np.clip(lat + north / DEGREE, -90.0, 90.0)


def distance(lon: Array, lat: Array, to_lon: Array, to_lat: Array) -> Array:
    """Metres between points."""
    return np.hypot(*offset(lon, lat, to_lon, to_lat))


def bearing(east: Array, north: Array) -> Array:
    """Degrees true of a direction, 0 to 360."""
    return np.degrees(np.arctan2(east, north)) % 360.0


def apart(one: Array, other: Array) -> Array:
    """Degrees between two directions, 0 to 180."""
    return np.abs((one - other + 180.0) % 360.0 - 180.0)


def neighbours(lon: Array, lat: Array, to_lon: Array, to_lat: Array, metres: float, most: int = 4_000_000) -> tuple[Array, Array, bool]:
    """Pairs of points of two sets that are at most so many metres apart: indexes into both, and whether all were found.

    A grid of cells as wide as the distance; when crowds make more than `most` candidates, the last points are left out.
    """
    none = np.zeros(0, np.intp)
    if not len(lon) or not len(to_lon):
        return none, none, True
    tall = metres / DEGREE
    broad = metres / float(wide(np.array([max(np.abs(lat).max(), np.abs(to_lat).max())]))[0])
    column = np.floor((to_lon + 180.0) / broad).astype(np.int64)
    row = np.floor((to_lat + 90.0) / tall).astype(np.int64)
    codes = column * _STRIDE + row
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    own = np.floor((lon + 180.0) / broad).astype(np.int64)
    base = np.floor((lat + 90.0) / tall).astype(np.int64)
    firsts, seconds, whole = [], [], True
    for aside in (-1, 0, 1):
        low = np.searchsorted(codes, (own + aside) * _STRIDE + base - 1, "left")
        counts = np.searchsorted(codes, (own + aside) * _STRIDE + base + 1, "right") - low
        if counts.sum() > most:
            counts = np.where(np.cumsum(counts) <= most, counts, 0)
            whole = False
        first = np.repeat(np.arange(len(lon)), counts)
        start = np.repeat(low - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
        second = order[start + np.arange(len(first))]
        near = distance(lon[first], lat[first], to_lon[second], to_lat[second]) <= metres
        firsts.append(first[near])
        seconds.append(second[near])
    return np.concatenate(firsts), np.concatenate(seconds), whole
