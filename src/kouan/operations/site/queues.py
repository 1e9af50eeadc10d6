"""Queues: who waits in a waiting area, how long those waited who left it, and how long who comes now will wait.

A vehicle waits from its entry into the area until it leaves it. Wait of who comes now: those before it, each for the time
between two departures (Little's law); without departures, no forecast.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

SPAN = 1800.0
"""Seconds for which departures are remembered."""
LEAST = 2
"""Departures that it takes to know a rate."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One vehicle in a queue: its track's number, name, since when (seconds)."""

    number: int
    name: str
    since: float
    simulated: bool = False


@dataclass(slots=True)
class Queue:
    """The queue of one waiting area."""

    place: str
    name_zh: str
    name_en: str
    waiting: dict[int, Waiting] = field(default_factory=dict)
    left: deque[tuple[float, float]] = field(default_factory=deque)

    def look(self, now: float, inside: Iterable[Waiting], silent: Container[int] = ()) -> None:
        """Who is in the area at a moment (seconds); who was and is not any more has left, unless nothing is heard of him."""
        present = {one.number: one for one in inside}
        for number, one in self.waiting.items():
            if number not in present and number not in silent:
                self.left.append((now, max(now - one.since, 0.0)))
        self.waiting = present
        while self.left and self.left[0][0] < now - SPAN:
            self.left.popleft()

    def facts(self, now: float) -> dict[str, Any]:
        """Length, waits in seconds, departures in an hour at the present rate, and the wait of who comes now."""
        longest = max((now - one.since for one in self.waiting.values()), default=0.0)
        waits = sorted(wait for _, wait in self.left)
        headway = self.headway()
        forecast = None if headway is None else len(self.waiting) * headway
        return {
            "place": self.place, "name": {"zh": self.name_zh, "en": self.name_en}, "length": len(self.waiting),
            "longest_wait_s": round(longest, 1), "left": len(self.left),
            "median_wait_s": round(waits[len(waits) // 2], 1) if waits else None,
            "per_hour": round(3600 / headway, 1) if headway else None,
            "forecast_wait_s": round(forecast, 1) if forecast is not None else None,
            "simulated": any(one.simulated for one in self.waiting.values()),
            "vehicles": [{"number": o.number, "name": o.name, "wait_s": round(now - o.since, 1)} for o in self.waiting.values()],
        }  # fmt: skip

    def headway(self) -> float | None:
        """Seconds between two departures of late; None when there were too few."""
        if len(self.left) < LEAST:
            return None
        spent = self.left[-1][0] - self.left[0][0]
        return spent / (len(self.left) - 1) if spent > 0 else None
