"""Drills, in demo folders only: a clock that goes wrong, by a fixed skew or by jumps while everything runs; services that are slow."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kouan.kernel import clock, meters

WATCH = "watch"
LOOK, MOST_SLOW = 0.05, 30.0
"""Seconds between two looks at the file that says what is wrong; the longest that a service is held up."""


def begin(stated: str, home: Path) -> None:
    """Let this process's clock go wrong by the seconds stated, or, for `watch`, by those that the file run/clock says now.

    Raises ValueError when it is neither.
    """
    if stated == WATCH:
        clock.use(Watched(home / "run" / "clock"))
    elif stated:
        clock.shift(float(stated))


def slowing(home: Path) -> None:
    """Let inner services of this process take longer as the file run/slow says now: a line `SECONDS SERVICE` for each."""
    meters.slow_by(Slowed(home / "run" / "slow"))


class Slowed:
    """How much longer each service takes, as a file tells it; without one nothing is slow."""

    def __init__(self, path: Path) -> None:
        self._path, self._next = path, 0.0
        self._by: dict[str, float] = {}

    def __call__(self, service: str) -> float:
        """Seconds that a service takes longer now."""
        at = time.monotonic()
        if at >= self._next:
            self._next, self._by = at + LOOK, {}
            with contextlib.suppress(OSError, ValueError):
                stated = (line.split(maxsplit=1) for line in self._path.read_text().splitlines())
                self._by = {name.strip(): min(float(seconds), MOST_SLOW) for seconds, name in stated}
        return self._by.get(service, 0.0)


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
