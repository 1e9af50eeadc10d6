"""A simulated shore radar (模拟雷达): its targets as NMEA 0183 TTM and TLL over TCP, with noise, under the source SIM-RADAR.

It sees ships as they are, not what they say of themselves: it knows no names, and numbers its targets itself.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kouan_sim.ais import Identity, checksum
from kouan_sim.nautical import Point, Route, bearing, distance, moved
from kouan_sim.ships import Ship, Shuttle

log = logging.getLogger(__name__)
SOURCE = "SIM-RADAR"
TURN = 3.0
"""Seconds of one turn of the antenna."""
NOISE = 15.0
"""Metres by which a plot is off, one sigma."""


def _angle(value: float, width: int, sides: str) -> str:
    degrees, minutes = divmod(abs(value) * 60, 60)
    if minutes >= 59.99995:
        degrees, minutes = degrees + 1, 0.0
    return f"{int(degrees):0{width}d}{minutes:07.4f},{sides[0] if value >= 0 else sides[1]}"


def place(point: Point) -> str:
    """A position as in GLL and TLL."""
    return f"{_angle(point[1], 2, 'NS')},{_angle(point[0], 3, 'EW')}"


class Radar:
    """A radar at a place, and the ships that it sees within its range (miles); `hidden` are not seen."""

    def __init__(self, at: Point, ships: Sequence[Ship], chance: random.Random, miles: float = 24.0) -> None:
        self._at, self._ships, self._chance, self._miles = at, ships, chance, miles
        self._numbers = {id(ship): 1 + number % 999 for number, ship in enumerate(ships)}

    def sentences(self, clock: float, told: str = "TTM") -> Iterator[str]:
        """One turn of the antenna at a UNIX time: where the radar stands, then each target by TTM, or by TTM and TLL."""
        yield _sentence(f"RAGLL,{place(self._at)},{_utc(clock)},A", clock)
        for ship in self._ships:
            seen = ship.position()
            if distance(self._at, seen.lon_lat) <= self._miles:
                yield from self._target(ship, clock, told)

    def _target(self, ship: Ship, clock: float, told: str) -> Iterator[str]:
        seen, number = ship.position(), self._numbers[id(ship)]
        off = abs(self._chance.gauss(0, NOISE)) / 1852
        plot = moved(seen.lon_lat, self._chance.uniform(0, 360), off)
        speed, course = seen.speed or 0.0, seen.course or 0.0
        speed, course = max(speed + self._chance.gauss(0, 0.3), 0.0), (course + self._chance.gauss(0, 2)) % 360
        away, angle = distance(self._at, plot), bearing(self._at, plot)
        body = f"RATTM,{number:02d},{away:.4f},{angle:.3f},T,{speed:.1f},{course:.1f},T,,,N,,T,,{_utc(clock)},A"
        yield _sentence(body, clock)
        if told == "TLL":
            yield _sentence(f"RATLL,{number:02d},{place(plot)},,{_utc(clock)},T,", clock)


def _utc(clock: float) -> str:
    return f"{datetime.fromtimestamp(clock, UTC):%H%M%S}.{int(clock % 1 * 100):02d}"


def _sentence(body: str, clock: float) -> str:
    block = f"s:{SOURCE},c:{int(clock * 1000)}"
    return f"\\{block}*{checksum(block)}\\${body}*{checksum(body)}"


def fleet(count: int, middle: Point, chance: random.Random, spread: float = 9.0, every: float = 2.0) -> list[Ship]:
    """Simulated ships that sail to and fro around a place, some of them towards each other; MMSI from 414998001 on."""
    ships: list[Ship] = []
    for number in range(count):
        start = moved(middle, chance.uniform(0, 360), spread * math.sqrt(chance.random()))
        course = chance.uniform(0, 360)
        line = Route([start, moved(start, course, chance.uniform(3, 8))])
        length = chance.choice((24, 60, 90, 140, 180, 225))
        who = Identity(mmsi=414_998_001 + number, name=f"SIM V{number + 1:03d}", ship_type=70, bow=length // 2, stern=length - length // 2)
        ships.append(Shuttle(replace(who, call_sign=f"SV{number + 1:03d}"), line, chance.uniform(4, 14), every=every))
    return ships


async def turn(radar: Radar, host: str, port: int, seconds: float, told: str = "TTM") -> int:
    """Send the radar's targets to host:port for so many seconds; answers how many sentences. OSError when nobody listens."""
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    end, count = time.monotonic() + seconds, 0
    try:
        while time.monotonic() < end:
            lines = list(radar.sentences(time.time(), told))
            writer.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
            await asyncio.wait_for(writer.drain(), 5)
            count += len(lines)
            await asyncio.sleep(max(min(TURN, end - time.monotonic()), 0))
    finally:
        writer.close()
    return count
