"""Simulated trucks (模拟) at the gate: booked ones for boxes that may leave, and those the gate should not let pass."""

from __future__ import annotations

import logging
import random
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from kouan_sim.doors import Answer, Door
from kouan_sim.identifiers import References, container, plate
from kouan_sim.lanes import Rig

log = logging.getLogger(__name__)

BOOKING = "/api/records/services/booking/booking"
Wish = Literal["good", "delivering", "early", "held", "unknown", "bonded", "coach"]
# How often each case comes, of a hundred.
MIX: dict[Wish, int] = {"good": 46, "delivering": 18, "early": 8, "held": 12, "unknown": 6, "bonded": 6, "coach": 4}
WAITS = 20.0
"""Seconds for which a vehicle waits for the lane's answer."""


@dataclass(frozen=True, slots=True)
class Truck:
    """One vehicle at a lane: what the gate's cameras and scale report. Masses are kilograms."""

    lane: str
    vehicle: str
    containers: tuple[str, ...]
    direction: Literal["in", "out"]
    gross: int
    seals: tuple[str, ...] = ()
    business: str = ""
    dangerous: tuple[str, ...] = ()

    def passage(self) -> dict[str, Any]:
        """The body of POST /api/gates/{lane}/passages."""
        return {
            "vehicle": self.vehicle,
            "containers": list(self.containers),
            "direction": self.direction,
            "gross_kg": self.gross,
            **({"seals": list(self.seals)} if self.seals else {}),
        }

    def booking(self, number: str, opens: datetime, hours: float = 2.0) -> dict[str, Any]:
        """The haulier's appointment for this visit; `opens` carries its zone."""
        return {
            "number": number,
            "vehicle": self.vehicle,
            "containers": list(self.containers),
            "direction": self.direction,
            "opens": opens.isoformat(),
            "closes": (opens + timedelta(hours=hours)).isoformat(),
            "business": self.business or ("import" if self.direction == "out" else "empty"),
            **({"dangerous": list(self.dangerous)} if self.dangerous else {}),
        }


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
        # One truck is not at two lanes within minutes, else the port rightly takes its plate for a copy.
        self._lately: deque[str] = deque(maxlen=len(self.plates) // 2)

    def next(self, yard: Yard) -> tuple[Wish, Truck]:
        """The next truck and what it is meant to show; without a fitting box it brings an empty one."""
        wish = self._chance.choices(list(MIX), list(MIX.values()))[0]
        vehicle = self._chance.choice([one for one in self.plates if one not in self._lately])
        self._lately.append(vehicle)
        stranger = container("SIM", self._chance.randrange(1_000_000))
        if wish == "good" and yard.ready:
            return wish, self._laden(vehicle, yard.ready.popleft())
        if wish == "early" and yard.ready:
            return wish, self._laden(vehicle, yard.ready[-1])
        if wish == "held" and yard.held:
            return wish, self._laden(vehicle, self._chance.choice(yard.held))
        if wish == "unknown":
            return wish, self._laden(vehicle, stranger)
        if wish == "coach":
            return wish, Truck("in-1", vehicle, (), "in", 11_000 + self._chance.randrange(3_000), business="coach")
        if wish == "bonded":
            seal = f"SIM{self._chance.randrange(1_000_000):06d}"
            return wish, Truck("in-1", vehicle, (stranger,), "in", 28_000, (seal,), "bonded")
        return "delivering", Truck("in-1", vehicle, (stranger,), "in", 15_000 + self._chance.randrange(3_000))

    def _laden(self, vehicle: str, box: str) -> Truck:
        return Truck("out-1", vehicle, (box,), "out", 24_000 + self._chance.randrange(18_000))


async def visit(
    trucker: Door | None, terminal: Door, wish: Wish, truck: Truck, refs: References, rig: Rig | None = None
) -> Answer:
    """Book (unless it is a stranger, or nobody can book), drive up, hear the decision. Raises Unreachable.

    With the devices of a lane the readers tell of the vehicle and the barrier obeys; else an operator presents it.
    """
    if trucker is not None and wish != "unknown":
        opens = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=6 if wish == "early" else -0.5)
        booking = truck.booking(refs.next("SIMK"), opens)
        booked = await trucker.persistently("POST", BOOKING, booking, key=booking["number"], seconds=30)
        if not booked.ok:
            log.warning("simulated booking refused: %s", booked.reason)
    if rig is not None:
        return await _driven(rig, wish, truck)
    path, key = f"/api/gates/{truck.lane}/passages", refs.next("SIMG")
    answer = await terminal.persistently("POST", path, truck.passage(), key=key, seconds=30)
    body = answer.body if isinstance(answer.body, dict) else {}
    log.info("simulated truck %s (%s): %s", truck.vehicle, wish, body.get("decision", answer.reason))
    return answer


async def _driven(rig: Rig, wish: Wish, truck: Truck) -> Answer:
    """Drive over the lane's devices; 504 when no command came."""
    rig.commands.clear()
    await rig.vehicle(truck.vehicle, truck.containers, gross=truck.gross, seals=truck.seals)
    try:
        command = await rig.commanded(WAITS)
    except TimeoutError:
        log.warning("simulated truck %s (%s): the lane did not answer", truck.vehicle, wish)
        return Answer(504, {})
    log.info("simulated truck %s (%s): barrier %s", truck.vehicle, wish, command.get("barrier"))
    return Answer(200, command)
