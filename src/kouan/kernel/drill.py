"""Drills of a clock that goes wrong, in demo folders only: by a fixed skew, or by jumps while everything runs."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kouan.kernel import clock

WATCH = "watch"
LOOK = 0.05
"""Seconds between two looks at the file that says how wrong the clock is."""


def begin(stated: str, home: Path) -> None:
    """Let this process's clock go wrong by the seconds stated, or, for `watch`, by those that the file run/clock says now.

    Raises ValueError when it is neither.
    """
    if stated == WATCH:
        clock.use(Watched(home / "run" / "clock"))
    elif stated:
        clock.shift(float(stated))


class Watched:
    """A clock that jumps as a file tells it; without one it is right."""

    def __init__(self, path: Path) -> None:
        self._path, self._next, self._by = path, 0.0, timedelta(0)

    def __call__(self) -> datetime:
        """The present moment as the drill has it, UTC."""
        at = time.monotonic()
        if at >= self._next:
            self._next = at + LOOK
            with contextlib.suppress(OSError, ValueError):
                self._by = timedelta(seconds=float(self._path.read_text()))
        return datetime.now(UTC) + self._by
