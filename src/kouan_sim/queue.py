"""A simulated queue of trucks before a lane (模拟排队): it states the truth, so that what the platform says can be checked."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kouan_sim.identifiers import plate
from kouan_sim.nautical import Point, moved

APART = 15.0
"""Metres between two trucks that wait."""


@dataclass(slots=True)
class Waits:
    """A truck: its plate, since when it waits, and when it left (seconds)."""

    plate: str
    since: float
    left: float | None = None


@dataclass(slots=True)
class Line:
    """Trucks in a line from its head on, along a bearing; one comes every `comes` seconds, one leaves every `goes`."""

    head: Point
    bearing: float
    beyond: Point
    comes: float
    goes: float
    chance: random.Random
    waiting: deque[Waits] = field(default_factory=deque)
    gone: list[Waits] = field(default_factory=list)
    _next: float = 0.0
    _free: float = 0.0

    def step(self, now: float) -> None:
        """Let time come to a moment (UNIX seconds)."""
        self._next, self._free = self._next or now, self._free or now + self.goes
        while self._next <= now:
            self.waiting.append(Waits(plate(self.chance), self._next))
            self._next += self.comes
        while self._free <= now:
            if self.waiting:
                first = self.waiting.popleft()
                first.left = self._free
                self.gone.append(first)
            self._free += self.goes

    def fixes(self, now: float) -> Iterator[dict[str, Any]]:
        """Where each truck is now, as POST /api/intake/positions takes it; who left a while ago tells nothing more."""
        at = datetime.fromtimestamp(now, UTC).isoformat()
        for place, truck in enumerate(self.waiting):
            lon, lat = moved(self.head, self.bearing, place * APART / 1852)
            yield self._fix(truck, at, lon, lat, 0.0)
        for truck in self.gone[-20:]:
            if truck.left is not None and now - truck.left < 10:
                yield self._fix(truck, at, *self.beyond, 5.0)

    def _fix(self, truck: Waits, at: str, lon: float, lat: float, speed: float) -> dict[str, Any]:
        spot = {"lon": round(lon, 6), "lat": round(lat, 6)}
        return {"kind": "truck", "code": truck.plate, "at": at, **spot, "speed": speed, "simulated": True}

    def truth(self, now: float) -> dict[str, float]:
        """How many wait, for how long the first has waited, and how long those waited who left (median), in seconds."""
        waits = sorted(truck.left - truck.since for truck in self.gone if truck.left is not None)
        return {
            "length": len(self.waiting), "longest_wait_s": max((now - truck.since for truck in self.waiting), default=0.0),
            "median_wait_s": waits[len(waits) // 2] if waits else 0.0, "headway_s": self.goes,
        }  # fmt: skip
