"""Density of traffic: ship-minutes spent in each cell of a grid over the last half hour, and who is there now."""

from __future__ import annotations

from collections import deque

import numpy as np

from kouan.kernel.signals import Array

CELL = 1 / 120
"""Degrees: half a mile of latitude."""
SPAN, PARTS = 1800.0, 6
_WIDE = 1 << 20


class Density:
    """Counts what passes, in parts of five minutes, of which the oldest is forgotten."""

    def __init__(self) -> None:
        self._parts: deque[dict[int, float]] = deque([{}], maxlen=PARTS)
        self._began = 0.0
        self.now: dict[int, int] = {}
        self._cells: list[tuple[float, float, int, float]] | None = None

    def add(self, lon: Array, lat: Array, seconds: float, at: float) -> None:
        """Movers that stayed where they are for so many seconds; `at` in seconds."""
        self._cells = None
        if at - self._began >= SPAN / PARTS:
            self._parts.append({})
            self._began = at
        codes = np.floor((lon + 180.0) / CELL).astype(np.int64) * _WIDE + np.floor((lat + 90.0) / CELL).astype(np.int64)
        cells, counts = np.unique(codes, return_counts=True)
        self.now = dict(zip(cells.tolist(), counts.tolist(), strict=True))
        part = self._parts[-1]
        for cell, count in self.now.items():
            part[cell] = part.get(cell, 0.0) + count * seconds

    def cells(self) -> list[tuple[float, float, int, float]]:
        """West and south of each cell, movers in it now, ship-minutes of the last half hour."""
        if self._cells is None:
            self._cells = self._counted()
        return self._cells

    def _counted(self) -> list[tuple[float, float, int, float]]:
        total: dict[int, float] = {}
        for part in self._parts:
            for cell, spent in part.items():
                total[cell] = total.get(cell, 0.0) + spent
        return [
            (round(cell // _WIDE * CELL - 180.0, 6), round(cell % _WIDE * CELL - 90.0, 6), self.now.get(cell, 0), round(seconds / 60, 2))
            for cell, seconds in total.items()
        ]  # fmt: skip
