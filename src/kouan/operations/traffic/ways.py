"""The last fixes of each track, as evidence: where a ship came from before a warning was raised about her."""

from __future__ import annotations

import numpy as np

from kouan.kernel.signals import Array

KEPT = 24
"""Fixes of a track that are kept."""
APART = 10_000_000
"""Microseconds at least between two of them: some minutes of way, however often a ship reports."""


class Ways:
    """A ring of fixes for each row of the tracks; a new track begins a new one."""

    def __init__(self, rows: int) -> None:
        self.at = np.zeros((rows, KEPT), np.int64)
        self.lon, self.lat = np.zeros((rows, KEPT), np.float64), np.zeros((rows, KEPT), np.float64)
        self.many, self.last = np.zeros(rows, np.int64), np.zeros(rows, np.int64)

    def grow(self, rows: int) -> None:
        """Room for so many rows."""
        more = rows - len(self.at)
        if more > 0:
            for name in ("at", "lon", "lat", "many", "last"):
                held = getattr(self, name)
                setattr(self, name, np.concatenate([held, np.zeros((more, *held.shape[1:]), held.dtype)]))

    def begin(self, rows: Array) -> None:
        """These rows are of new tracks."""
        self.many[rows] = self.last[rows] = 0

    def note(self, rows: Array, at: Array, lon: Array, lat: Array) -> None:
        """Fixes of some rows, each row once; those too soon after the last one kept are passed over."""
        fresh = np.flatnonzero(at - self.last[rows] >= APART)
        if not len(fresh):
            return
        row = rows[fresh]
        place = self.many[row] % KEPT
        self.at[row, place], self.lon[row, place], self.lat[row, place] = at[fresh], lon[fresh], lat[fresh]
        self.last[row] = at[fresh]
        self.many[row] += 1

    def of(self, row: int) -> list[list[float]]:
        """A row's fixes, the oldest first: milliseconds since 1970 UTC, longitude, latitude."""
        many = int(min(self.many[row], KEPT))
        places = (int(self.many[row]) - many + np.arange(many)) % KEPT
        columns = (self.at[row, places] // 1000, self.lon[row, places].round(6), self.lat[row, places].round(6))
        return [list(fix) for fix in zip(*(column.tolist() for column in columns), strict=True)]
