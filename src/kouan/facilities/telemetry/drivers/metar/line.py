"""How weather is heard: at KOUAN_METAR_PORT. A report becomes readings of a device named after its station."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from kouan.facilities.telemetry.drivers.metar.driver import UNITS, MetarDriver
from kouan.facilities.telemetry.lining import House, SignalLine
from kouan.facilities.telemetry.listener import Decoder
from kouan.facilities.telemetry.numbers import Wanted
from kouan.facilities.telemetry.ships import micros
from kouan.facilities.telemetry.signals import SIMULATED
from kouan.kernel import clock
from kouan.kernel.drivers import Decoded
from kouan.kernel.signals import Frame

REPORTS = 1000
"""Weather reports that wait to be named; what is more is dropped and counted."""
SIM = "SIM"
"""How the remarks of a simulated station's report begin."""


class MetarLine(SignalLine):
    """Weather reports; they wait until their series are known."""

    name = setting = "metar"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._reports: deque[tuple[dict[str, Any], str]] = deque()

    def driver(self, sender: str) -> Decoder:
        """A decoder for one sender."""
        return MetarDriver()

    def take(self, decoded: Decoded, source: str) -> None:
        """Let reports wait."""
        self.house.refuse(decoded, self.name, source)
        for one in decoded.observations:
            if len(self._reports) < REPORTS:
                self._reports.append((dict(one), source))
            else:
                self.house.edge.refuse("metar.thinned", 1, f"metar {source}")

    async def round(self) -> None:
        """Name the reports that wait."""
        waiting = list(self._reports)
        wanted = {
            (device_of(one), metric): Wanted(device_of(one), metric, unit, 1, one["remarks"].startswith(SIM), ())
            for one, _ in waiting for metric, unit in UNITS.items()
        }  # fmt: skip
        if wanted:
            series = await self.house.numbers.many_series(wanted.values())
            for one, source in waiting:
                rows = [(series[device_of(one), metric].number, one[metric]) for metric in UNITS if one[metric] is not None]
                self._reports.popleft()
                if rows:
                    self.house.offer([readings(one, rows)], self.name, source)


def device_of(report: dict[str, Any]) -> str:
    """The device under whose name a station's readings stand."""
    return f"METAR-{report['station']}"


def readings(report: dict[str, Any], rows: Sequence[tuple[int, float]]) -> Frame:
    """A weather report as readings, at the time of its observation."""
    at = micros(datetime.fromisoformat(report["at"])) if report["at"] else micros(clock.now())
    flag = SIMULATED if report["remarks"].startswith(SIM) else 0
    numbers, values = zip(*rows, strict=True)
    return Frame("reading", {
        "key": np.array(numbers, np.uint64), "at": np.full(len(rows), at, np.int64), "value": np.array(values, np.float64),
        "quality": np.zeros(len(rows), np.uint8), "flags": np.full(len(rows), flag, np.uint8),
    })  # fmt: skip
