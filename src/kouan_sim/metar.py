"""A simulated aerodrome weather station (模拟气象站): METAR bulletins over TCP, written from WMO-No. 306, marked in the remarks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

REMARK = "RMK SIMULATED"


@dataclass(frozen=True, slots=True)
class Weather:
    """What a station observes: wind (degrees true, m/s), metres of sight, degrees Celsius, hectopascals."""

    station: str
    wind_from: int
    wind: int
    sight: int
    temperature: int
    dew_point: int
    pressure: int

    def report(self, clock: float) -> str:
        """The report of a moment of UNIX time; a full minute is what a METAR tells."""
        at = datetime.fromtimestamp(clock, UTC)
        degrees = "/".join(f"{'M' if value < 0 else ''}{abs(value):02d}" for value in (self.temperature, self.dew_point))
        wind = f"{self.wind_from:03d}{self.wind:02d}MPS"
        return f"METAR {self.station} {at:%d%H%M}Z {wind} {min(self.sight, 9999):04d} {degrees} Q{self.pressure:04d} {REMARK}="


async def send(lines: str, host: str, port: int) -> None:
    """Send a bulletin; OSError when nobody listens."""
    _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 5)
    try:
        writer.write(lines.encode("ascii") + b"\r\n\r\n")
        await asyncio.wait_for(writer.drain(), 5)
    finally:
        writer.close()
        await writer.wait_closed()
