"""Radar targets by IEC 61162-1 (NMEA 0183): TLL says where a target is, TTM where it is from the radar and how it moves.

GLL of the same talker says where the radar stands; without it a TTM tells only speed and course, which the target's next TLL
takes along. A tag block may name the source (`s:`; one that begins with SIM is simulated) and the time (`c:`, UNIX seconds).
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import xor

import numpy as np

from kouan.facilities.telemetry.api import KIND_BITS, KINDS, SIMULATED, check_samples, micros
from kouan.kernel import clock
from kouan.kernel.drivers import Decoded, Driver, Lines
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text
from kouan.operations.traffic import geo

LONGEST = 1024
TARGETS = 1000
"""IEC 61162-1 numbers targets from 0 to 999."""
FRESH = 15 * 1_000_000
"""Microseconds for which a target's last speed is still its speed."""
UNITS = {"N": 1852.0, "K": 1000.0, "S": 1609.344}
DAY = 86_400 * 1_000_000
CAUSES = {
    "checksum": Text("校验和不符", "The checksum does not match"),
    "too_long": Text("语句超长", "The sentence is too long"),
    "sentence": Text("不是 TTM、TLL 或 GLL 语句", "Not a TTM, TLL or GLL sentence"),
    "fields": Text("字段无法解读", "A field cannot be read"),
    "position": Text("位置不在地球上", "The position is not on the earth"),
    "station": Text("雷达位置未知", "It is not known where the radar stands"),
}


@dataclass(slots=True)
class _Target:
    """What is known of a target: metres per second by knots and degrees, and when that was said."""

    speed: float
    course: float
    at: int


@dataclass(slots=True)
class _Rows:
    """Observations of one chunk, column by column."""

    number: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    speed: list[float] = field(default_factory=list)
    course: list[float] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)


class Unreadable(ValueError):
    """A sentence that says nothing; its text is the cause."""


class RadarDriver(Driver):
    """Targets of one radar link; several radars may speak over it, each under its own source in the tag block."""

    code = "radar_nmea"
    title = Text("雷达目标（NMEA TTM/TLL）", "Radar targets (NMEA TTM/TLL)")
    protocol = "IEC 61162-1 TTM/TLL"
    signal = "position"

    def __init__(self, source: str = "") -> None:
        self._source = source
        self._lines = Lines(LONGEST)
        self._stations: dict[str, tuple[float, float]] = {}
        self._targets: dict[int, _Target] = {}

    def decode(self, chunk: bytes) -> Decoded:
        """Whole lines; a rest waits for the next chunk, an endless one is dropped and counted."""
        refused: Counter[str] = Counter()
        rows = _Rows()
        for line in self._lines.cut(chunk, refused):
            if line.strip():
                try:
                    self._line(line.strip(), rows)
                except Unreadable as cause:
                    refused[str(cause)] += 1
        return Decoded((), refused, (_frame(rows),) if rows.number else ())

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples: simulated targets by TTM and TLL."""
        return check_samples(RadarDriver, __file__)

    def _line(self, line: bytes, rows: _Rows) -> None:
        if len(line) > LONGEST:
            raise Unreadable("too_long")
        source, told, body = _opened(line)
        fields = body.split(",")
        talker, what = fields[0][:-3], fields[0][-3:]
        source = source or self._source or talker
        at = told or micros(clock.now())
        if what == "GLL":
            self._stations[source] = _position(fields, 1)
        elif what == "TLL":
            self._put(rows, source, _number(fields, 1), _position(fields, 2), told or _time(fields, 7, at))
        elif what == "TTM":
            self._moving(rows, source, fields, told or _time(fields, 14, at))
        else:
            raise Unreadable("sentence")

    def _moving(self, rows: _Rows, source: str, fields: list[str], at: int) -> None:
        number = _number(fields, 1)
        if _text(fields, 12) == "L":
            return  # The radar has lost the target: what it says of it is no observation.
        unit = UNITS.get(_text(fields, 10) or "N")
        if unit is None:
            raise Unreadable("fields")
        true = _text(fields, 7) != "R"
        speed = _float(fields, 5) * unit / 1852.0
        self._targets[_key(source, number)] = _Target(speed, _float(fields, 6) if true else math.nan, at)
        if _text(fields, 4) == "R":
            return  # A bearing off the bow means nothing for a radar that stands ashore.
        station = self._stations.get(source)
        if station is None:
            raise Unreadable("station")
        away, bearing = _float(fields, 2) * unit, math.radians(_float(fields, 3))
        lon, lat = geo.moved(
            np.array([station[0]]), np.array([station[1]]), np.array([away * math.sin(bearing)]), np.array([away * math.cos(bearing)])
        )
        self._put(rows, source, number, (float(lon[0]), float(lat[0])), at)

    def _put(self, rows: _Rows, source: str, number: int, where: tuple[float, float], at: int) -> None:
        key = _key(source, number)
        known = self._targets.get(key)
        fresh = known is not None and abs(at - known.at) <= FRESH
        rows.number.append(key)
        rows.at.append(at)
        rows.lon.append(where[0])
        rows.lat.append(where[1])
        rows.speed.append(known.speed if known and fresh else math.nan)
        rows.course.append(known.course if known and fresh else math.nan)
        rows.flags.append(SIMULATED if source.upper().startswith("SIM") else 0)


def _frame(rows: _Rows) -> Frame:
    kind = KINDS.index("radar") << KIND_BITS
    return Frame("position", {
        "key": np.array([kind | number for number in rows.number], "u8"), "at": np.array(rows.at, "i8"),
        "lon": np.array(rows.lon), "lat": np.array(rows.lat), "speed": np.array(rows.speed, "f4"),
        "course": np.array(rows.course, "f4"), "flags": np.array(rows.flags, "u1"),
    })  # fmt: skip


def _opened(line: bytes) -> tuple[str, int, str]:
    """Source and time of the tag block, and the sentence between $ and *; both checksums must hold."""
    source, told = "", 0
    if line.startswith(b"\\"):
        block, _, line = line[1:].partition(b"\\")
        for part in _checked(block).split(","):
            name, _, value = part.partition(":")
            source = value if name == "s" else source
            if name == "c" and value.isdecimal() and len(value) <= 13:
                told = int(value) * (1_000 if len(value) > 11 else 1_000_000)
    if not line.startswith(b"$"):
        raise Unreadable("sentence")
    body = _checked(line[1:])
    if len(body) < 5 or "," not in body:
        raise Unreadable("sentence")
    return source[:24], told, body


def _checked(text: bytes) -> str:
    body, star, stated = text.partition(b"*")
    if not body.isascii() or (star and stated[:2].upper() != f"{reduce(xor, body, 0):02X}".encode()):
        raise Unreadable("checksum")
    return body.decode("ascii")


def _key(source: str, number: int) -> int:
    """A number of its own for each target of each source."""
    return (zlib.crc32(source.encode()) & 0xFFFF) << 16 | number


def _text(fields: list[str], place: int) -> str:
    return fields[place].strip().upper() if place < len(fields) else ""


def _float(fields: list[str], place: int) -> float:
    try:
        value = float(_text(fields, place))
    except ValueError:
        raise Unreadable("fields") from None
    if not math.isfinite(value) or abs(value) > 1e6:
        raise Unreadable("fields")
    return value


def _number(fields: list[str], place: int) -> int:
    text = _text(fields, place)
    if not text.isdecimal() or int(text) >= TARGETS:
        raise Unreadable("fields")
    return int(text)


def _position(fields: list[str], place: int) -> tuple[float, float]:
    """Longitude and latitude of `ddmm.mm,N,dddmm.mm,E`."""
    found = []
    for at, most, negative in ((place, 90.0, "S"), (place + 2, 180.0, "W")):
        value, side = _float(fields, at), _text(fields, at + 1)
        degrees, minutes = divmod(value, 100.0)
        if value < 0 or minutes >= 60 or side not in ({"N", "S"} if negative == "S" else {"E", "W"}):
            raise Unreadable("fields")
        total = degrees + minutes / 60
        if total > most:
            raise Unreadable("position")
        found.append(-total if side == negative else total)
    return found[1], found[0]


def _time(fields: list[str], place: int, at: int) -> int:
    """UTC of the day (`hhmmss.ss`) on the day that puts it nearest to now; now where none is told."""
    text = _text(fields, place)
    if not text:
        return at
    digits, _, part = text.partition(".")
    if len(digits) != 6 or not digits.isdecimal() or (part and not part.isdecimal()):
        raise Unreadable("fields")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 60:
        raise Unreadable("fields")
    midnight = micros(_midnight(clock.now()))
    told = midnight + (hours * 3600 + minutes * 60 + seconds) * 1_000_000 + int(float(f"0.{part or 0}") * 1_000_000)
    return min((told - DAY, told, told + DAY), key=lambda one: abs(one - at))


def _midnight(moment: datetime) -> datetime:
    return moment - timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
