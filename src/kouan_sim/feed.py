"""The AIS station: ships' reports as NMEA sentences over TCP, as long as wanted, across broken lines."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kouan_sim import ais
from kouan_sim.ships import Ship

log = logging.getLogger(__name__)

STATION = "SIM-KOUAN"
_TICK = 0.5
_STATIC_EVERY = 60.0


@dataclass(slots=True)
class Told:
    """What a feed did: sentences handed to the socket, connections made."""

    sentences: int = 0
    connections: int = 0


class Station:
    """Decides which ship reports when, and writes its sentences."""

    def __init__(self, ships: Sequence[Ship], tagged: bool = True) -> None:
        self._talker = ais.Talker(source=STATION if tagged else "")
        self._ships = ships
        self._motion = [0.0] * len(ships)
        self._static = [0.0] * len(ships)

    def forget(self) -> None:
        """A new listener knows nothing: everything is due again."""
        self._motion = [0.0] * len(self._ships)
        self._static = [0.0] * len(self._ships)

    def pass_time(self, seconds: float) -> None:
        """Let simulated time pass for all ships."""
        for ship in self._ships:
            ship.step(seconds)

    def due(self, now: float, clock: float) -> Iterator[str]:
        """Sentences that are due at `now` (monotonic seconds); `clock` is UNIX time."""
        for place, ship in enumerate(self._ships):
            if now >= self._static[place]:
                self._static[place] = now + _STATIC_EVERY
                yield from self._written(static_payloads(ship), clock)
            if now >= self._motion[place]:
                self._motion[place] = now + ship.every
                yield from self._written([position_payload(ship, clock)], clock)

    def _written(self, payloads: Iterable[tuple[str, int]], clock: float) -> Iterator[str]:
        for payload in payloads:
            yield from self._talker.sentences(payload, int(clock))


def static_payloads(ship: Ship) -> list[tuple[str, int]]:
    """Who a ship is: both parts of type 24 for class B, type 5 for class A, also where it reports by long range."""
    return list(ais.type24(ship.identity)) if ship.kind == "B" else [ais.type5(ship.identity)]


def position_payload(ship: Ship, clock: float) -> tuple[str, int]:
    """Where a ship is: type 1, 18 or 27 by its kind."""
    position = replace(ship.position(), second=int(clock) % 60)
    encode = {"A": ais.type1, "B": ais.type18, "long-range": ais.type27}[ship.kind]
    return encode(ship.identity.mmsi, position)


async def feed(station: Station, host: str, port: int, *, factor: float = 20.0, seconds: float | None = None) -> Told:
    """Send the ships' reports to host:port, `factor` times faster than life, for `seconds` (None: for ever).

    A broken connection is made again, with pauses of 0.2 to 3 s; the ships sail on meanwhile.
    """
    told = Told()
    end = None if seconds is None else time.monotonic() + seconds
    sailing = asyncio.create_task(_sail(station, factor))
    try:
        pause = 0.2
        while end is None or time.monotonic() < end:
            try:
                await _send(station, host, port, end, told)
            except OSError as trouble:
                log.info("simulated AIS station: %s:%s not reached (%s)", host, port, trouble)
                await asyncio.sleep(pause if end is None else max(min(pause, end - time.monotonic()), 0))
                pause = min(pause * 2, 3.0)
    finally:
        sailing.cancel()
    return told


async def _sail(station: Station, factor: float) -> None:
    before = time.monotonic()
    while True:
        await asyncio.sleep(_TICK)
        now = time.monotonic()
        station.pass_time((now - before) * factor)
        before = now


async def _send(station: Station, host: str, port: int, end: float | None, told: Told) -> None:
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    told.connections += 1
    station.forget()
    try:
        while end is None or time.monotonic() < end:
            if reader.at_eof():
                raise ConnectionResetError("closed by the listener")
            lines = list(station.due(time.monotonic(), time.time()))
            if lines:
                writer.write("".join(f"{line}\r\n" for line in lines).encode("ascii"))
                await asyncio.wait_for(writer.drain(), 5)
                told.sentences += len(lines)
            await asyncio.sleep(_TICK)
    finally:
        writer.close()
