"""A simulated train (模拟列车): a locomotive's receiver tells where it is by NMEA, as it follows its rails there and back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from kouan_sim import gnss
from kouan_sim.doors import Door
from kouan_sim.nautical import Point, Route

log = logging.getLogger(__name__)
TRACKERS = "/api/records/facilities/telemetry/tracker"
RAILS: tuple[Point, ...] = ((121.549, 36.079), (121.562, 36.0757), (121.572, 36.0715), (121.58, 36.0695), (121.6205, 36.0695))
"""From the edge of the demo port to its rail yard between the blocks and the inspection bays, all of it on land; synthetic."""
EVERY = 5.0


@dataclass(slots=True)
class Train:
    """A locomotive on its rails, in nautical miles and knots; `source` names its receiver."""

    number: str
    source: str
    rails: Route = field(default_factory=lambda: Route(RAILS))
    speed: float = 12.0

    def fix(self, seconds: float) -> gnss.Fix:
        """Where it is so many seconds after it began at the first end."""
        length = self.rails.length
        run = seconds * self.speed / 3600 % (2 * length)
        forth = run <= length
        miles = run if forth else 2 * length - run
        lon, lat = self.rails.at(miles)
        course = self.rails.course(miles, 0.01)
        return lon, lat, self.speed, course if forth else (course + 180) % 360

    async def tell(self, seconds: Sequence[float], host: str, port: int) -> int:
        """Tell where it was at these seconds, the last of them now; answers how many lines. OSError when nobody listens."""
        return await gnss.report(self.source, [self.fix(one) for one in seconds], host, port)

    async def enrol(self, door: Door) -> None:
        """Let its receiver stand in the register; RuntimeError when refused."""
        entry = {"protocol": "nmea", "number": self.source, "kind": "train", "code": self.number, "simulated": True}
        filed = await door.persistently("POST", TRACKERS, entry, key=f"tracker:{self.source}")
        if not filed.ok and filed.status != 409:
            raise RuntimeError(f"{self.number}: {filed.body}")


async def drive(url: str, token: str, host: str, port: int) -> None:
    """One train of the demo port, until cancelled."""
    train, began = Train("SIM-DF7G-0001", "SIM-LOCO-1"), time.monotonic()
    async with Door(url, token) as door:
        await train.enrol(door)
    while True:
        await train.tell([time.monotonic() - began], host, port)
        await asyncio.sleep(EVERY)
