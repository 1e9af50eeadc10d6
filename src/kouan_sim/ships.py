"""Simulated ships: how they move. Times are simulated seconds, speeds knots; every name begins with SIM."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Literal

from kouan_sim.ais import AT_ANCHOR, FISHING, MOORED, UNDER_WAY, Identity, Position
from kouan_sim.nautical import Chart, Point, Route, moved

MAIN_SHIP = Identity(
    mmsi=414999001,
    name="SIM STAR",
    imo=9321483,
    call_sign="BSIM1",
    ship_type=71,
    bow=120,
    stern=30,
    port=12,
    starboard=12,
    draught=9.4,
    destination="CNWHH",
)

# The sister that the `ship` command sails, so that it never disturbs SIM STAR of a demo that runs beside it.
SISTER = Identity(
    mmsi=414999002,
    name="SIM COMET",
    imo=9990014,
    call_sign="BSIM2",
    ship_type=71,
    bow=116,
    stern=28,
    port=12,
    starboard=11,
    draught=8.8,
    destination="CNWHH",
)

Class = Literal["A", "B", "long-range"]


class Ship(ABC):
    """A simulated ship: it moves when time passes and can say who and where it is."""

    def __init__(self, identity: Identity, kind: Class = "A", every: float = 2.0) -> None:
        """`every`: real seconds between two position reports."""
        self.identity = identity
        self.kind = kind
        self.every = every

    @abstractmethod
    def step(self, seconds: float) -> None:
        """Let simulated time pass."""

    @abstractmethod
    def position(self) -> Position:
        """Where the ship is now."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How fast a ship goes: `cruise` at sea, slower in the last `slowing` miles, `berthing` at the end."""

    cruise: float = 12.0
    slowing: float = 3.0
    berthing: float = 1.5

    def speed(self, gone: float, left: float) -> float:
        """Knots after `gone` miles with `left` to go: quick to start, slow to arrive."""
        arriving = self.berthing + (self.cruise - self.berthing) * min(left / self.slowing, 1.0)
        starting = self.berthing + (self.cruise - self.berthing) * min(gone / 0.4, 1.0)
        return min(arriving, starting)


class Voyager(Ship):
    """A ship that comes in, moors (status 5), leaves and comes again, each time as a new voyage.

    `stay` and `away` are simulated hours; `once` lets it stay at the berth for good; `quay` is the bearing along
    which it lies there.
    """

    def __init__(
        self,
        identity: Identity,
        route: Route,
        profile: Profile | None = None,
        *,
        stay: float = 3.0,
        away: float = 0.5,
        once: bool = False,
        quay: float | None = None,
    ) -> None:
        super().__init__(identity, every=1.0)
        self.profile = profile or Profile()
        self.stay, self.away, self.once, self._quay = stay, away, once, quay
        self.state: Literal["approaching", "moored", "departing", "away"] = "approaching"
        self.voyages = 1
        self._in, self._out = route, Route(tuple(reversed(route.points)))
        self._gone = 0.0
        self._waited = 0.0

    def step(self, seconds: float) -> None:
        if self.state in {"moored", "away"}:
            self._wait(seconds / 3600)
            return
        # Short steps: at a high time factor one long step would jump past the slowing.
        while seconds > 0 and self.state in {"approaching", "departing"}:
            piece = min(seconds, 15.0)
            self._gone += self._speed() * piece / 3600
            seconds -= piece
            if self._gone >= self._route.length - 0.002:
                self._arrive()

    def _wait(self, hours: float) -> None:
        self._waited += hours
        if self.state == "moored" and not self.once and self._waited >= self.stay:
            self.state, self._gone = "departing", 0.0
        elif self.state == "away" and self._waited >= self.away:
            self.state, self._gone = "approaching", 0.0
            self.voyages += 1

    def _arrive(self) -> None:
        self.state = "moored" if self.state == "approaching" else "away"
        self._gone, self._waited = self._route.length, 0.0

    @property
    def _route(self) -> Route:
        return self._in if self.state in {"approaching", "moored"} else self._out

    def _speed(self) -> float:
        return self.profile.speed(self._gone, self._route.length - self._gone)

    def _lying(self, course: float) -> float:
        """Along the quay, the way that needs the smaller turn."""
        if self._quay is None:
            return course
        return self._quay if abs((self._quay - course + 180) % 360 - 180) <= 90 else self._quay + 180

    def position(self) -> Position:
        lon, lat = self._route.at(self._gone)
        course = self._route.course(self._gone)
        if self.state == "moored":
            return Position(lon, lat, 0.0, None, round(self._lying(course)) % 360, MOORED)
        speed = 0.3 if self.state == "away" else self._speed()
        return Position(lon, lat, speed, course, round(course) % 360, UNDER_WAY)


class Shuttle(Ship):
    """A ship that goes to and fro on a route at one speed, resting at each end (simulated minutes)."""

    def __init__(
        self,
        identity: Identity,
        route: Route,
        speed: float,
        *,
        start: float = 0.0,
        rest: float = 0.0,
        kind: Class = "A",
        every: float = 2.0,
        status: int = UNDER_WAY,
    ) -> None:
        """`start`: where it begins, as a share of the route."""
        super().__init__(identity, kind, every)
        self._routes = (route, Route(tuple(reversed(route.points))))
        self._speed, self._rest, self._status = speed, rest * 60, status
        self._side = 0
        self._gone = start * route.length
        self._resting = 0.0

    def step(self, seconds: float) -> None:
        if self._resting > 0:
            self._resting -= seconds
            return
        self._gone += self._speed * seconds / 3600
        if self._gone >= self._routes[0].length:
            self._side ^= 1
            self._gone, self._resting = 0.0, self._rest

    def position(self) -> Position:
        route = self._routes[self._side]
        lon, lat = route.at(self._gone)
        course = route.course(self._gone)
        speed = 0.0 if self._resting > 0 else self._speed
        return Position(lon, lat, speed, course, round(course) % 360, self._status)


class Anchored(Ship):
    """A ship at anchor that swings about its anchor with the tide."""

    def __init__(self, identity: Identity, place: Point, chance: random.Random) -> None:
        super().__init__(identity, every=10.0)
        self._place, self._chance = place, chance
        self._heading = chance.uniform(0, 360)

    def step(self, seconds: float) -> None:
        self._heading = (self._heading + self._chance.gauss(0.4, 1.0) * seconds / 60) % 360

    def position(self) -> Position:
        lon, lat = moved(self._place, self._heading + 180, 0.05)
        return Position(lon, lat, 0.1, None, round(self._heading) % 360, AT_ANCHOR)


def main_ship(chart: Chart, *, once: bool = False, identity: Identity = MAIN_SHIP) -> Voyager:
    """The ship of the demo's story, SIM STAR 模拟星, at the sea end of the fairway."""
    return Voyager(identity, chart.fairway, once=once, quay=chart.quay)


def _named(number: int, name: str, ship_type: int, length: int, width: int, draught: float = 0.0) -> Identity:
    """A background ship: no IMO number of its own, so that it can never be taken for a real ship."""
    bow = length * 4 // 5
    return Identity(
        mmsi=414999100 + number,
        name=f"SIM {name}",
        call_sign=f"SIM{number:02d}",
        ship_type=ship_type,
        bow=bow,
        stern=length - bow,
        port=width // 2,
        starboard=width - width // 2,
        draught=draught,
        destination="CNWHH",
    )


def background(chart: Chart, chance: random.Random) -> list[Ship]:
    """A dozen other ships: at anchor, passing, tugs, a pilot boat, fishing boats, one far off (type 27)."""
    sizes = [
        ("PEARL", 70, 189, 30, 10.2),
        ("WHALE", 80, 183, 32, 11.8),
        ("HERON", 79, 140, 22, 7.5),
        ("CRANE", 71, 172, 27, 9.0),
    ]
    fleet: list[Ship] = [
        Anchored(_named(n, *size), chart.anchor_place(chance), chance) for n, size in enumerate(sizes, 1)
    ]
    sea, inward = chart.fairway.at(0), chart.fairway.course(0)
    for number, (name, miles, speed) in enumerate((("LONGSHIP", 2.5, 13.5), ("HORIZON", 3.4, 11.0)), 5):
        middle = moved(sea, inward + 180, miles)
        ends = [moved(middle, inward + 90, 9.0), moved(middle, inward - 90, 9.0)]
        line = Route(ends if number % 2 else ends[::-1])
        fleet.append(Shuttle(_named(number, name, 70, 225, 32, 12.5), line, speed, start=chance.uniform(0.2, 0.7)))
    for number, span in ((7, (0.80, 0.97)), (8, (0.72, 0.93))):
        tug = _named(number, f"TUG {number - 6}", 52, 36, 11, 4.5)
        fleet.append(Shuttle(tug, chart.fairway.part(*span), 5.5, start=chance.random(), rest=25))
    miles = chart.fairway.length
    pilot = Route([chart.fairway.at(miles * 0.9), chart.fairway.at(miles * 0.5), chart.pilots])
    fleet.append(Shuttle(_named(9, "PILOT", 50, 17, 5, 1.8), pilot, 14.0, rest=30))
    fleet += [_fishing(number, chart, chance) for number in (10, 11)]
    far = moved(sea, inward + 180, 14.0)
    line = Route([moved(far, inward + 90, 20.0), moved(far, inward - 90, 20.0)])
    ocean = _named(12, "OCEAN", 70, 300, 46, 14.0)
    return [*fleet, Shuttle(ocean, line, 15.0, start=0.4, kind="long-range", every=15.0)]


def _fishing(number: int, chart: Chart, chance: random.Random) -> Ship:
    aside = chart.fairway.course(0) + (-95.0, 95.0)[number % 2]
    start = moved(chart.fairway.at(0), aside, chance.uniform(2.0, 4.0))
    corners = [start, moved(start, chance.uniform(0, 90), 1.2), moved(start, chance.uniform(90, 180), 1.5)]
    boat = replace(_named(number, f"FISHER {number - 9}", 30, 24, 6), destination="")
    return Shuttle(boat, Route(corners), 3.5, kind="B", every=5.0, status=FISHING)
