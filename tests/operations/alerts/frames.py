"""Frames as the stream has them, out of plain rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kouan.kernel.signals import Frame

SECOND = 1_000_000
NOON = 1_767_268_800  # 2026-01-01 12:00 UTC, a Thursday


def readings(rows: Sequence[tuple[int, float, float]], flags: int = 0) -> Frame:
    """Readings: key, seconds after NOON, value."""
    key, at, value = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    blank = np.zeros(len(rows), np.uint8)
    when = np.array([int((NOON + one) * SECOND) for one in at], np.int64)
    return Frame("reading", {"key": np.array(key, np.uint64), "at": when, "value": np.array(value, float),
                             "quality": blank, "flags": blank | np.uint8(flags)})  # fmt: skip


def positions(rows: Sequence[tuple[int, float, float, float]], speed: float = 8.0) -> Frame:
    """Positions: MMSI, seconds after NOON, longitude, latitude."""
    key, at, lon, lat = (list(column) for column in zip(*rows, strict=True))
    n = len(rows)
    when = np.array([int((NOON + one) * SECOND) for one in at], np.int64)
    return Frame("position", {"key": np.array(key, np.uint64), "at": when, "lon": np.array(lon), "lat": np.array(lat),
                              "speed": np.full(n, speed), "status": np.zeros(n, np.uint8), "flags": np.zeros(n, np.uint8)})  # fmt: skip
