"""Simulated trucks (模拟) at the gate: they come for boxes that may leave, for held ones, and for unknown ones."""

from __future__ import annotations

import logging
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from kouan_sim.doors import Answer, Door
from kouan_sim.identifiers import container, plate

log = logging.getLogger(__name__)

Wish = Literal["good", "held", "unknown", "delivering"]


@dataclass(frozen=True, slots=True)
class Truck:
    """One truck at a lane: what the gate's cameras and scale would report. Masses are kilograms."""

    lane: str
    vehicle: str
    containers: tuple[str, ...]
    direction: Literal["in", "out"]
    gross: int
    seals: tuple[str, ...] = ()

    def passage(self) -> dict[str, Any]:
        """The body of POST /api/gates/{lane}/passages."""
        body: dict[str, Any] = {
            "vehicle": self.vehicle, "containers": list(self.containers), "direction": self.direction,
            "gross_kg": self.gross, "driver": "SIM DRIVER 模拟司机",
        }  # fmt: skip
        return body | ({"seals": list(self.seals)} if self.seals else {})


@dataclass(slots=True)
class Yard:
    """Boxes that trucks may come for, by what their papers say: ready to leave, or not yet (held, undeclared)."""

    ready: deque[str] = field(default_factory=lambda: deque(maxlen=500))
    held: deque[str] = field(default_factory=lambda: deque(maxlen=100))

    def learn(self, box: str, released: bool) -> None:
        """What the papers of a box say now."""
        if released:
            if box in self.held:
                self.held.remove(box)
            self.ready.append(box)
        elif box not in self.held:
            self.held.append(box)


class Fleet:
    """Simulated hauliers: a few trucks that come again and again."""

    def __init__(self, chance: random.Random, plates: int = 24) -> None:
        self._chance = chance
        self.plates = tuple(sorted({plate(chance) for _ in range(plates)}))

    def next(self, yard: Yard) -> tuple[Wish, Truck]:
        """The next truck: mostly for what is ready; sometimes for a held or unknown box, or bringing an empty one."""
        wish = self._chance.choices(("good", "delivering", "held", "unknown"), (55, 20, 15, 10))[0]
        vehicle = self._chance.choice(self.plates)
        if wish == "good" and yard.ready:
            return "good", self._laden("out-1", vehicle, yard.ready.popleft())
        if wish == "held" and yard.held:
            return "held", self._laden("out-1", vehicle, self._chance.choice(yard.held))
        stranger = container("SIM", self._chance.randrange(1_000_000))
        if wish == "unknown":
            return "unknown", self._laden("out-1", vehicle, stranger)
        return "delivering", Truck("in-1", vehicle, (stranger,), "in", 15_000 + self._chance.randrange(3_000))

    def _laden(self, lane: str, vehicle: str, box: str) -> Truck:
        return Truck(lane, vehicle, (box,), "out", 24_000 + self._chance.randrange(18_000))


async def present(door: Door, truck: Truck, key: str) -> Answer:
    """Drive up to a lane and hear the gate's decision (open, divert or refuse). Raises Unreachable."""
    answer = await door.persistently("POST", f"/api/gates/{truck.lane}/passages", truck.passage(), key=key, seconds=30)
    body = answer.body if isinstance(answer.body, dict) else {}
    log.info("simulated truck %s at %s: %s", truck.vehicle, truck.lane, body.get("decision", answer.reason))
    return answer
