"""A simulated GNSS receiver (模拟定位接收机): RMC and GGA over TCP with a tag block that names it, written from the standard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import xor

Fix = tuple[float, float, float, float]
"""Longitude and latitude in degrees, knots, degrees true."""


def sentence(body: str) -> str:
    """A sentence with its checksum."""
    return f"${body}*{reduce(xor, body.encode(), 0):02X}"


def tagged(source: str, line: str) -> str:
    """A sentence with a tag block that names its source."""
    block = f"s:{source}"
    return f"\\{block}*{reduce(xor, block.encode(), 0):02X}\\{line}"


def _angle(value: float, width: int, sides: str) -> str:
    whole, minutes = divmod(round(abs(value) * 60, 5), 60)
    return f"{int(whole):0{width}d}{minutes:08.5f},{sides[value < 0]}"


def sentences(fix: Fix, clock: float, talker: str = "BD") -> Iterator[str]:
    """What a receiver tells of one second of UNIX time."""
    lon, lat, speed, course = fix
    at = datetime.fromtimestamp(clock, UTC)
    hms, place = f"{at:%H%M%S}.{at.microsecond // 10_000:02d}", f"{_angle(lat, 2, 'NS')},{_angle(lon, 3, 'EW')}"
    yield sentence(f"{talker}RMC,{hms},A,{place},{speed:.1f},{course:.1f},{at:%d%m%y},,,A")
    yield sentence(f"{talker}GGA,{hms},{place},1,12,0.8,6.1,M,4.1,M,,")


async def report(source: str, fixes: Sequence[Fix], host: str, port: int, every: float = 0.0) -> int:
    """Tell fixes, the last of them now, each a second after the one before; answers how many lines. OSError when nobody listens."""
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    began, count = time.time() - len(fixes), 0
    try:
        for number, fix in enumerate(fixes, 1):
            for line in sentences(fix, began + number):
                writer.write(f"{tagged(source, line)}\r\n".encode())
                count += 1
            await asyncio.wait_for(writer.drain(), 5)
            await asyncio.sleep(every)
        writer.write(b"\r\n")
        await asyncio.wait_for(writer.drain(), 5)
    finally:
        writer.close()
        await writer.wait_closed()
    return count
