"""A sea of movers that sail straight on: what AIS and radar say of them, as frames, with a clock of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kouan.facilities.telemetry.api import SIMULATED
from kouan.kernel.alerts import Alert, Raised
from kouan.kernel.signals import Frame
from kouan.kernel.words import named
from kouan.operations.traffic import alerts
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import moment
from kouan.operations.traffic.watching import CODE, TrafficWatcher
from kouan.operations.traffic.zones import Zone, zone_of

WORDS = alerts.WORDS
"""Imported, so that the alerts are declared."""
START = 1_795_300_000_000_000
METRES = 111_195.0
KNOT = 1852 / 3600
AT = (121.62, 35.96)
SHIP, RADAR, TRUCK = 0, 1, 2


def box(kind: str, code: str, east: float, north: float, wide: float, tall: float, **more: Any) -> Zone:
    """A zone of metres around a point that lies metres east and north of the middle."""
    west, south = place(east - wide / 2, north - tall / 2)
    far, high = place(east + wide / 2, north + tall / 2)
    ring = [[west, south], [far, south], [far, high], [west, high], [west, south]]
    doc = {"code": code, "kind": kind, "name_zh": "某处", "name_en": "Somewhere", "geometry": {"type": "Polygon", "coordinates": [ring]}}
    made = zone_of({**doc, **more})
    assert made is not None
    return made


def place(east: float, north: float) -> tuple[float, float]:
    """Degrees of a point so many metres from the middle."""
    return AT[0] + east / METRES / math.cos(math.radians(AT[1])), AT[1] + north / METRES


@dataclass
class Boat:
    """A mover: metres from the middle, knots and degrees, what it says of itself. `mmsi` 0: it has no AIS."""

    mmsi: int
    east: float
    north: float
    knots: float = 0.0
    course: float = 0.0
    status: int = 0
    length: int = 0
    ship_type: int = 70
    imo: int = 0
    name: str = ""
    plot: int = 0
    kind: int = SHIP
    silent: bool = False

    def sail(self, seconds: float) -> None:
        """Go on."""
        metres = self.knots * KNOT * seconds
        self.east += metres * math.sin(math.radians(self.course))
        self.north += metres * math.cos(math.radians(self.course))


@dataclass
class Sea:
    """Movers, zones and the traffic picture that follows them."""

    boats: list[Boat]
    zones: Sequence[Zone] = ()
    noise: float = 5.0
    now: int = START
    traffic: Traffic = field(init=False)
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def __post_init__(self) -> None:
        self.traffic = Traffic(list(self.zones))
        self.begun: list[Any] = []
        self.ended: list[Any] = []

    def frame(self, boats: Sequence[Boat], *, radar: bool = False) -> Frame:
        """What the sensors say of some boats now."""
        noise = 4 * self.noise if radar else self.noise
        spots = [place(b.east + self.chance.normal(0, noise), b.north + self.chance.normal(0, noise)) for b in boats]
        keys = [RADAR << 56 | b.plot if radar else b.kind << 56 | b.mmsi for b in boats]
        return Frame("position", {
            "key": np.array(keys, "u8"), "at": np.full(len(boats), self.now, "i8"),
            "lon": np.array([s[0] for s in spots]), "lat": np.array([s[1] for s in spots]),
            "speed": np.array([b.knots for b in boats], "f4"), "course": np.array([b.course for b in boats], "f4"),
            "status": np.array([b.status for b in boats], "u1"), "flags": np.full(len(boats), SIMULATED, "u1"),
        })  # fmt: skip

    def tell(self) -> None:
        """Everyone says who they are."""
        said = [b for b in self.boats if b.mmsi and b.kind == SHIP]
        size = np.array([b.length for b in said], "u2")
        self.traffic.fold(Frame("vessel_static", {
            "key": np.array([b.mmsi for b in said], "u8"), "at": np.full(len(said), self.now, "i8"),
            "name": np.array([b.name.encode() for b in said], "S20"), "imo": np.array([b.imo for b in said], "u4"),
            "ship_type": np.array([b.ship_type for b in said], "u1"), "to_bow": size, "to_stern": size * 0, "to_port": size * 0,
            "to_starboard": size * 0,
        }))  # fmt: skip

    def run(self, seconds: int, step: int = 2) -> None:
        """Let time pass: AIS each step, radar each second one."""
        self.tell()
        for turn in range(seconds // step):
            self.now += step * 1_000_000
            for boat in self.boats:
                boat.sail(step)
            if heard := [b for b in self.boats if b.mmsi and not b.silent]:
                self.traffic.fold(self.frame(heard))
            if turn % 2 == 0 and (plots := [b for b in self.boats if b.plot]):
                self.traffic.fold(self.frame(plots, radar=True))
            happened = self.traffic.look(self.now)
            self.begun += happened.begun
            self.ended += happened.ended

    def warn(self, code: str, watcher: TrafficWatcher | None = None, **settings: float) -> list[Raised]:
        """What an alert raises now, with its defaults unless stated otherwise."""
        word = self._words.setdefault(code, named(Alert, f"operations.traffic.{code}")())
        watcher = watcher or TrafficWatcher()
        watcher.traffic = self.traffic
        stated = {name: one.default for name, one in word.parameters.items()} | settings
        return list(word.judge(_View({CODE: watcher}), stated, moment(self.now)))

    _words: dict[str, Alert] = field(default_factory=dict)


@dataclass
class _View:
    watchers: dict[str, Any]
