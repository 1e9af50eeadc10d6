"""The METAR driver: text bulletins in, weather observations out; what is not believed is counted by cause."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from kouan.facilities.telemetry.drivers import samples
from kouan.facilities.telemetry.drivers.metar.reports import Measure, Report, Unread, read
from kouan.facilities.telemetry.signals import Reading
from kouan.kernel import clock
from kouan.kernel.drivers import Decoded, Driver, Lines
from kouan.kernel.text import Text

REPORT_MOST = 2000
_HEADING = re.compile(r"[A-Z]{4}\d{2} [A-Z]{4} \d{6}(?: [A-Z]{3})?|\d{3}|(?:METAR|SPECI)")
_BEGINS = re.compile(r"(?:METAR |SPECI )(?:COR )?[A-Z]|[A-Z][A-Z0-9]{3} \d{6}Z ")
UNITS = {
    "wind_direction": "deg", "wind_speed": "kn", "wind_gust": "kn", "visibility": "m", "temperature": "degC",
    "dew_point": "degC", "pressure": "hPa", "cloud_base": "ft",
}  # fmt: skip


class MetarDriver(Driver):
    """Decodes bulletins of reports that end with `=`, or one report a line; a report may run over several lines.

    An empty line ends a report without `=`. Keeps at most REPORT_MOST signs of an unfinished one.
    """

    code = "metar"
    title = Text("机场天气报告", "Aerodrome weather report")
    protocol = "WMO FM 15 METAR / FM 16 SPECI"
    signal = Reading.code

    def __init__(self) -> None:
        self._lines = Lines(REPORT_MOST)
        self._open: list[str] = []
        self._heading = ""

    def decode(self, chunk: bytes) -> Decoded:
        """The reports that are whole with this chunk, an observation each."""
        found: list[dict[str, Any]] = []
        refused: Counter[str] = Counter()
        for line in self._lines.cut(chunk, refused):
            for text in self._reports(line.decode("ascii", "replace")):
                try:
                    found.append(observation(read(text), clock.now()))
                except Unread as cause:
                    refused[str(cause)] += 1
        return Decoded(found, refused)

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return samples.check(MetarDriver, __file__)

    def _reports(self, line: str) -> list[str]:
        """The reports that a line ends."""
        found: list[str] = []
        text = line.strip(" \t\x01\x03\x0b\x0c")
        if not text or _HEADING.fullmatch(text):
            self._close(found)
            self._heading = text if text in {"METAR", "SPECI"} else ""
            return found
        if _BEGINS.match(text):
            self._close(found)
        *ended, rest = text.split("=")
        for part in ended:
            self._open.append(part.strip())
            self._close(found)
        if rest.strip():
            self._open.append(rest.strip())
            if sum(map(len, self._open)) > REPORT_MOST:
                self._close(found)
        return found

    def _close(self, found: list[str]) -> None:
        text, self._open = " ".join(part for part in self._open if part), []
        if text:
            speci = self._heading == "SPECI" and not text.startswith(("METAR", "SPECI"))
            found.append(f"SPECI {text}" if speci else text)


def observation(report: Report, received: datetime) -> dict[str, Any]:
    """A report as a plain object in knots, metres, °C and hPa; None where it says nothing. Unread("station") without one."""
    if not report.station:
        raise Unread("station")
    at = report.at(received)
    base = min(
        (c.base_ft for c in report.clouds if c.base_ft is not None and c.cover in {"BKN", "OVC", "VV"}), default=None
    )
    return {
        "kind": "weather", "report": report.kind, "station": report.station, "at": at.isoformat() if at else None,
        "automatic": "AUTO" in report.modifiers, "corrected": report.corrected, "missing": "NIL" in report.modifiers,
        "wind_direction": report.wind_direction, "wind_variable": report.wind_variable, "wind_speed": _knots(report.wind_speed),
        "wind_gust": _knots(report.wind_gust), "wind_from": report.wind_from, "wind_to": report.wind_to,
        "visibility": _metres(report.visibility), "visibility_bound": report.visibility.bound if report.visibility else "",
        "runway_ranges": [
            {"runway": r.runway, "lowest": _metres(r.lowest), "highest": _metres(r.highest), "tendency": r.tendency}
            for r in report.ranges
        ],
        "weather": report.weather, "recent": report.recent,
        "clouds": [{"cover": c.cover, "base_ft": c.base_ft, "kind": c.kind} for c in report.clouds], "cloud_base": base,
        "temperature": report.temperature, "dew_point": report.dew_point, "pressure": report.pressure,
        "wind_shear": report.wind_shear, "trend": report.trend, "remarks": report.remarks,
    }  # fmt: skip


def _knots(measure: Measure | None) -> float | None:
    return round(measure.knots, 1) if measure else None


def _metres(measure: Measure | None) -> float | None:
    return round(measure.metres, 1) if measure else None
