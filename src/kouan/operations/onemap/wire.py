"""What travels to the map: fixed-width rows behind a small head, little endian, not compressed.

A row is seven 32-bit words, so that a browser reads a whole message by typed arrays without copying. `slot` is the
object's place in this process's scene: small, so the client keeps objects in arrays, and it means nothing elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

ROW = np.dtype([
    ("slot", "<u4"),
    ("at", "<u4"),  # observed: tenths of a second after the base that `hello` states
    ("lon", "<i4"), ("lat", "<i4"),  # 1e-7 degrees, WGS 84
    ("speed", "<u2"),  # tenths of a knot
    ("course", "<u2"), ("heading", "<u2"),  # tenths of a degree from true north
    ("altitude", "<u2"),  # metres
    ("kind", "u1"), ("flags", "u1"),
    ("length", "u1"),  # two metres each, 0: unknown
    ("beam", "u1"),  # metres, 0: unknown
])  # fmt: skip
HEAD = np.dtype([
    ("kind", "u1"), ("flags", "u1"), ("spare", "<u2"), ("count", "<u4"),
    ("time", "<f8"),  # the server's clock, milliseconds since 1970 UTC
    ("newest", "<u4"),  # when the newest observation of all was made, as `at`
    ("total", "<u4"),  # objects in the scene that this viewer may see
])  # fmt: skip
SNAPSHOT, UPDATE, GONE, DENSITY = 1, 2, 3, 4
FORGET = 1  # flag of a snapshot: names that the client keeps may be of others by now
RENAMED = 128  # flag of a row: what is known of the object beside its place has changed
UNKNOWN = 65535
DEGREE = 10_000_000
COLS, ROWS = 96, 64


def head(kind: int, count: int, time_ms: float, newest: int, total: int, flags: int = 0) -> bytes:
    """The 24 bytes before every content."""
    return np.array([(kind, flags, 0, count, time_ms, newest, total)], HEAD).tobytes()


def slots(numbers: Iterable[int]) -> bytes:
    """The content of a GONE message."""
    return np.fromiter(numbers, "<u4").tobytes()


def density(rows: Array, box: tuple[int, int, int, int]) -> bytes:
    """How many objects stand in each cell of a box: west, south, east, north (i4), columns and rows (u2), counts (u2)."""
    west, south, east, north = box
    x = (rows["lon"].astype("i8") - west) * COLS // max(east - west, 1)
    y = (rows["lat"].astype("i8") - south) * ROWS // max(north - south, 1)
    cell = np.clip(y, 0, ROWS - 1) * COLS + np.clip(x, 0, COLS - 1)
    counts = np.minimum(np.bincount(cell, minlength=COLS * ROWS), UNKNOWN).astype("<u2")
    return np.array(box, "<i4").tobytes() + np.array([COLS, ROWS], "<u2").tobytes() + counts.tobytes()


def scaled(values: Array, factor: float, most: float = UNKNOWN - 1) -> Array:
    """A measured column as whole numbers; what is unknown (NaN), negative or beyond `most` is UNKNOWN."""
    with np.errstate(invalid="ignore"):
        good = (values >= 0) & (values * factor <= most)
    return np.where(good, np.rint(np.where(good, values, 0) * factor), UNKNOWN).astype("<u2")
