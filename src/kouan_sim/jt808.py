"""A simulated vehicle terminal: speaks JT/T 808-2013 or 808-2019 over a real socket, written from the standard alone."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

_FLAG = 0x7E


@dataclass(slots=True)
class Terminal:
    """One terminal: its number (12 digits, 20 in the edition of 2019), its plate, the messages it writes."""

    phone: str
    plate: str
    newer: bool = False
    serial: int = 0
    code: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    def message(self, kind: int, body: bytes, total: int = 1, index: int = 1) -> bytes:
        """A whole frame."""
        properties = len(body) | (0x4000 if self.newer else 0) | (0x2000 if total > 1 else 0)
        content = bytearray(kind.to_bytes(2, "big") + properties.to_bytes(2, "big"))
        if self.newer:
            content.append(1)
        content += bytes.fromhex(self.phone.rjust(20 if self.newer else 12, "0"))
        content += self.serial.to_bytes(2, "big")
        if total > 1:
            content += total.to_bytes(2, "big") + index.to_bytes(2, "big")
        self.serial = (self.serial + 1) % 65536
        content += body
        check = 0
        for octet in content:
            check ^= octet
        content.append(check)
        frame = bytearray([_FLAG])
        for octet in content:
            frame += {0x7E: b"\x7d\x02", 0x7D: b"\x7d\x01"}.get(octet, bytes([octet]))
        frame.append(_FLAG)
        return bytes(frame)

    def register(self) -> bytes:
        """0x0100: who the terminal is."""
        maker, model, ident = (11, 30, 30) if self.newer else (5, 20, 7)
        body = (
            (37).to_bytes(2, "big")
            + (2).to_bytes(2, "big")
            + b"SIM".ljust(maker, b"\0")
            + b"SIM-TRACK".ljust(model, b"\0")
        )
        return self.message(0x0100, body + b"SIM0001".ljust(ident, b"\0") + b"\x02" + self.plate.encode("gbk"))

    def authenticate(self) -> bytes:
        """0x0102: the code that registration gave."""
        code = self.code.encode("gbk")
        body = bytes([len(code)]) + code + b"0" * 15 + b"sim".ljust(20, b"\0") if self.newer else code
        return self.message(0x0102, body)

    def heartbeat(self) -> bytes:
        """0x0002."""
        return self.message(0x0002, b"")

    def location(self, place: Place) -> bytes:
        """0x0200."""
        return self.message(0x0200, place.body())

    def batch(self, places: list[Place]) -> bytes:
        """0x0704: what was kept while there was no network."""
        items = b"".join(len(body).to_bytes(2, "big") + body for body in (place.body() for place in places))
        return self.message(0x0704, len(places).to_bytes(2, "big") + b"\x01" + items)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the vehicle is: degrees, km/h, degrees, UNIX seconds, alarm bits; `mileage` in kilometres."""

    lon: float
    lat: float
    speed: float
    course: int
    at: int
    alarm: int = 0
    altitude: int = 5
    fixed: bool = True
    mileage: float = 0.0

    def body(self) -> bytes:
        """The body of a location report."""
        status = 1 | (2 if self.fixed else 0) | (4 if self.lat < 0 else 0) | (8 if self.lon < 0 else 0) | 1 << 19
        numbers = (self.alarm, status, round(abs(self.lat) * 1e6), round(abs(self.lon) * 1e6))
        halves = (self.altitude & 0xFFFF, round(self.speed * 10), self.course)
        clock = time.strftime("%y%m%d%H%M%S", time.gmtime(self.at + 8 * 3600))
        body = b"".join(n.to_bytes(4, "big") for n in numbers) + b"".join(n.to_bytes(2, "big") for n in halves)
        mileage = round(self.mileage * 10).to_bytes(4, "big")
        return body + bytes.fromhex(clock) + b"\x01\x04" + mileage + b"\x31\x01\x0b"


async def drive(terminal: Terminal, host: str, port: int, places: list[Place], every: float = 0.0) -> None:
    """Register, authenticate and report places; ConnectionError when the platform refuses or goes away."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    try:
        kind, body = await _ask(terminal, reader, writer, terminal.register())
        if kind != 0x8100 or body[2] != 0:
            raise ConnectionError("registration refused")
        terminal.code = body[3:].decode("gbk")
        for message in (terminal.authenticate(), terminal.heartbeat(), *map(terminal.location, places)):
            kind, body = await _ask(terminal, reader, writer, message)
            if kind != 0x8001 or body[4] != 0:
                raise ConnectionError("a message was refused")
            await asyncio.sleep(every)
    finally:
        writer.close()
        await writer.wait_closed()


async def _ask(
    terminal: Terminal, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frame: bytes
) -> tuple[int, bytes]:
    writer.write(frame)
    await writer.drain()
    await asyncio.wait_for(reader.readuntil(b"\x7e"), 5)
    content = (await asyncio.wait_for(reader.readuntil(b"\x7e"), 5))[:-1]
    plain = content.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
    head = 17 if terminal.newer else 12
    answer = int.from_bytes(plain[:2], "big"), plain[head:-1]
    terminal.answers.append(answer)
    return answer
