"""A simulated aircraft's extended squitters as a receiver hands them on (AVR text, Beast binary), written from the standard."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass

_GENERATOR = 0b1111111111111010000001001
_SIGNS = {sign: place for place, sign in enumerate(" ABCDEFGHIJKLMNOPQRSTUVWXYZ") if place} | {" ": 32}
_SIGNS |= {str(digit): 48 + digit for digit in range(10)}


@dataclass(frozen=True, slots=True)
class Flight:
    """An aircraft in the air: ICAO address, call sign, degrees, feet, knots, degrees true."""

    icao: int
    callsign: str
    lon: float
    lat: float
    altitude: int
    speed: float
    track: float

    def squitters(self) -> list[bytes]:
        """Name, velocity, and place in both encodings."""
        return [self._sent(content) for content in (self._name(), self._velocity(), self._place(0), self._place(1))]

    def _sent(self, content: int) -> bytes:
        message = ((17 << 3 | 5) << 24 | self.icao) << 56 | content
        shifted = message << 24
        for bit in range(111, 23, -1):
            if shifted >> bit & 1:
                shifted ^= _GENERATOR << bit - 24
        return (message << 24 | shifted).to_bytes(14, "big")

    def _name(self) -> int:
        content = 4 << 3 | 3
        for sign in self.callsign.ljust(8)[:8]:
            content = content << 6 | _SIGNS[sign]
        return content

    def _place(self, odd: int) -> int:
        """Compact position reporting: the fraction within latitude and longitude zones, 17 bits each."""
        dlat = 360 / (60 - odd)
        yz = math.floor((1 << 17) * (self.lat % dlat) / dlat + 0.5)
        rlat = dlat * (yz / (1 << 17) + math.floor(self.lat / dlat))
        dlon = 360 / max(_nl(rlat) - odd, 1)
        xz = math.floor((1 << 17) * (self.lon % dlon) / dlon + 0.5)
        steps = round((self.altitude + 1000) / 25)
        height = (steps & ~15) << 1 | 16 | steps & 15
        return 11 << 51 | height << 36 | odd << 34 | (yz & 0x1FFFF) << 17 | xz & 0x1FFFF

    def _velocity(self) -> int:
        east = round(self.speed * math.sin(math.radians(self.track)))
        north = round(self.speed * math.cos(math.radians(self.track)))
        halves = (int(east < 0) << 10 | abs(east) + 1) << 11 | int(north < 0) << 10 | abs(north) + 1
        return 19 << 51 | 1 << 48 | halves << 21 | 1 << 10


def _nl(lat: float) -> int:
    """Longitude zones by their definition: the largest count whose limit lies beyond the latitude."""
    if abs(lat) > 87:
        return 1
    for zones in range(59, 1, -1):
        cosine = (1 - math.cos(math.pi / 30)) / (1 - math.cos(2 * math.pi / zones))
        if cosine <= 1 and abs(lat) <= math.degrees(math.acos(math.sqrt(cosine))):
            return zones
    return 1


def avr(message: bytes) -> bytes:
    """Raw text: star, hexadecimal digits, semicolon."""
    return b"*" + message.hex().upper().encode() + b";\r\n"


def beast(message: bytes, ticks: int = 0, level: int = 200) -> bytes:
    """Beast binary: escape, type 3, 12 MHz ticks, level, message; escapes within are doubled."""
    body = ticks.to_bytes(6, "big") + bytes([level]) + message
    return b"\x1a3" + body.replace(b"\x1a", b"\x1a\x1a")


async def serve(
    flights: Iterable[Flight], host: str = "127.0.0.1", port: int = 0, *, binary: bool = True
) -> asyncio.Server:
    """A receiver that tells each who connects what it hears once, then closes."""
    content = b"".join((beast if binary else avr)(message) for flight in flights for message in flight.squitters())

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return await asyncio.start_server(tell, host, port)


async def tell(flights: Iterable[Flight], host: str, port: int, *, binary: bool = True) -> int:
    """A receiver that feeds whoever listens at host:port with what it hears once; answers how many messages. OSError when nobody does."""
    messages = [message for flight in flights for message in flight.squitters()]
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    try:
        writer.write(b"".join((beast if binary else avr)(message) for message in messages))
        await asyncio.wait_for(writer.drain(), 5)
    finally:
        writer.close()
        await writer.wait_closed()
    return len(messages)
