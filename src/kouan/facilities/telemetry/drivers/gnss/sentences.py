"""Position sentences of NMEA 0183 (IEC 61162-1): RMC, GGA, GLL and VTG, of any GNSS talker.

Degrees WGS 84, knots, degrees true, metres above mean sea level; times UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import xor

TALKERS = {
    "GP": "GPS", "BD": "BDS", "GB": "BDS", "GL": "GLONASS", "GA": "Galileo", "GN": "combined", "GQ": "QZSS", "GI": "NavIC",
    "QZ": "QZSS", "PQ": "QZSS", "II": "instrument", "IN": "instrument",
}  # fmt: skip
SENTENCE_MOST = 256
_MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)
_VALID_MODES = frozenset("ADFMPRE")  # autonomous, differential, float, manual, precise, real-time, estimated


_SOURCE = re.compile(rb"\\((?:[a-z]:[^,*\\]*,)*?s:([A-Za-z0-9_-]{1,39})(?:,[^*\\]*)?)\*([0-9A-Fa-f]{2})\\")


class Unread(ValueError):
    """A sentence that gives nothing; its text is the cause's code."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What one sentence says; None where it says nothing. `clock` and `day` are UTC; `estimated` is dead reckoning."""

    system: str
    clock: time | None = None
    day: date | None = None
    lon: float | None = None
    lat: float | None = None
    speed: float | None = None
    course: float | None = None
    altitude: float | None = None
    satellites: int | None = None
    dilution: float | None = None
    estimated: bool = False


def read(line: bytes) -> Fix:
    """The fix of one sentence; raises Unread. What stands before the `$` is passed over."""
    start = line.rfind(b"$")
    if start < 0 or len(line) > SENTENCE_MOST:
        raise Unread("not_nmea" if start < 0 else "too_long")
    body, star, total = line[start + 1 :].strip().partition(b"*")
    try:
        text, stated = body.decode("ascii"), int(total[:2], 16) if star and len(total) >= 2 else -1
    except ValueError:
        raise Unread("not_nmea") from None
    if reduce(xor, body, 0) != stated:
        raise Unread("checksum" if star else "not_nmea")
    address, *fields = text.split(",")
    reader = _READERS.get(address[2:])
    if reader is None or address[:2] not in TALKERS:
        raise Unread("other_sentence")
    kind, least = reader
    if len(fields) < least:
        raise Unread("fields")
    return kind(TALKERS[address[:2]], fields)


def source_of(line: bytes) -> str:
    """Who sends a sentence, by the tag block before it (NMEA 4); "" without one, or where it is damaged."""
    found = _SOURCE.match(line.strip())
    return found[2].decode() if found and reduce(xor, found[1], 0) == int(found[3], 16) else ""


def _rmc(system: str, fields: list[str]) -> Fix:
    mode = fields[11] if len(fields) > 11 else "A"
    if fields[1] != "A" or mode not in _VALID_MODES:
        raise Unread("no_fix")
    lat, lon = _place(fields[2:6])
    return Fix(
        system, _clock(fields[0]), _day(fields[8]), lon, lat, _number(fields[6], 0, 2000), _number(fields[7], 0, 360),
        estimated=mode == "E",
    )  # fmt: skip


def _gga(system: str, fields: list[str]) -> Fix:
    quality = fields[5]
    if quality not in {"1", "2", "3", "4", "5", "6", "7"}:
        raise Unread("no_fix" if quality in {"0", ""} else "fields")
    lat, lon = _place(fields[1:5])
    satellites = _number(fields[6], 0, 200)
    return Fix(
        system, _clock(fields[0]), None, lon, lat, altitude=_number(fields[8], -1000, 100_000),
        satellites=None if satellites is None else int(satellites), dilution=_number(fields[7], 0, 1000),
        estimated=quality == "6",
    )  # fmt: skip


def _gll(system: str, fields: list[str]) -> Fix:
    mode = fields[6] if len(fields) > 6 else "A"
    if fields[5] != "A" or mode not in _VALID_MODES:
        raise Unread("no_fix")
    lat, lon = _place(fields[:4])
    return Fix(system, _clock(fields[4]), None, lon, lat, estimated=mode == "E")


def _vtg(system: str, fields: list[str]) -> Fix:
    if len(fields) > 8 and fields[8] not in _VALID_MODES:
        raise Unread("no_fix")
    return Fix(system, speed=_number(fields[4], 0, 2000), course=_number(fields[0], 0, 360))


_READERS = {"RMC": (_rmc, 9), "GGA": (_gga, 10), "GLL": (_gll, 6), "VTG": (_vtg, 8)}


def _number(text: str, low: float, high: float) -> float | None:
    """A decimal number; None for an empty field."""
    if not text:
        return None
    if not text.replace(".", "", 1).removeprefix("-").isdecimal() or not low <= float(text) <= high:
        raise Unread("fields")
    return float(text)


def _place(fields: list[str]) -> tuple[float, float]:
    lat, lon = _angle(fields[0], 2, fields[1], "NS"), _angle(fields[2], 3, fields[3], "EW")
    if abs(lat) > 90 or abs(lon) > 180:
        raise Unread("fields")
    return lat, lon


def _angle(text: str, digits: int, side: str, sides: str) -> float:
    """Degrees and minutes (ddmm.mmm) with their side."""
    degrees, minutes = text[:digits], text[digits:]
    if side not in tuple(sides) or len(degrees) < digits or not degrees.isdecimal():
        raise Unread("fields")
    value = _number(minutes, 0, 59.999_999_9)
    if value is None:
        raise Unread("fields")
    return (int(degrees) + value / 60) * (1 if side == sides[0] else -1)


def _clock(text: str) -> time | None:
    if not text:
        return None
    seconds = _number(text[4:], 0, 60.999)
    try:
        moment = _MIDNIGHT.replace(hour=int(text[:2]), minute=int(text[2:4]))
    except ValueError:
        raise Unread("fields") from None
    return (moment + timedelta(seconds=min(seconds or 0.0, 59.999_999))).time()


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, "%d%m%y").replace(tzinfo=UTC).date()
    except ValueError:
        raise Unread("fields") from None


class Epoch:
    """Sentences of one time put together: a receiver tells of one second in several sentences."""

    def __init__(self) -> None:
        self._fix: Fix | None = None
        self._day: date | None = None

    def add(self, fix: Fix) -> Fix | None:
        """One more sentence: the fix of the time before it when a new time begins, else None."""
        before = self._fix
        if fix.day is not None:
            self._day = fix.day
        if before is None or (fix.clock is not None and before.clock is not None and fix.clock != before.clock):
            if before is not None and before.clock is not None and fix.clock is not None and fix.day is None:
                self._midnight(before.clock, fix.clock)
            self._fix = replace(fix, day=self._day)
            return before
        known = {name: getattr(fix, name) for name in Fix.__slots__ if getattr(fix, name) not in {None, False}}
        self._fix = replace(before, **{**known, "day": self._day, "system": before.system})
        return None

    def end(self) -> Fix | None:
        """The fix of the last time."""
        last, self._fix = self._fix, None
        return last

    def _midnight(self, before: time, now: time) -> None:
        """Without a date in the sentence, a clock that falls back by most of a day has passed midnight."""
        if self._day is not None and before.hour >= 23 and now.hour == 0:
            self._day += timedelta(days=1)
