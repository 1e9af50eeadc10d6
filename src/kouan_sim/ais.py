"""Encoder of AIS messages (ITU-R M.1371-5) as NMEA 0183 AIVDM sentences: types 1, 5, 18, 24 and 27.

The simulators' own: no decoder of the platform or of a library takes part. Positions are WGS 84 degrees,
speeds knots, courses and headings degrees, sizes metres; None says "not available" by the standard's code.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

_SIX = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
_PART = 60  # payload signs that keep a sentence within the 82 signs of NMEA 0183

NOT_AVAILABLE_SPEED = 1023
NOT_AVAILABLE_COURSE = 3600
NOT_AVAILABLE_HEADING = 511
UNDER_WAY, AT_ANCHOR, MOORED, FISHING = 0, 1, 5, 7


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a ship is and how large: what type 5 or 24 tells. `ship_type`: the code of M.1371 table 53."""

    mmsi: int
    name: str
    imo: int = 0
    call_sign: str = ""
    ship_type: int = 70
    bow: int = 0
    stern: int = 0
    port: int = 0
    starboard: int = 0
    draught: float = 0.0
    destination: str = ""
    eta: tuple[int, int, int, int] = (0, 0, 24, 60)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a ship is and how it moves. `status` is the navigational status 0-15; `second` the UTC second."""

    lon: float
    lat: float
    speed: float | None = None
    course: float | None = None
    heading: int | None = None
    status: int = UNDER_WAY
    second: int = 60

    @property
    def lon_lat(self) -> tuple[float, float]:
        return self.lon, self.lat


class Bits:
    """A row of bits that grows at its end."""

    def __init__(self) -> None:
        self._value = 0
        self._length = 0

    def number(self, value: int, width: int) -> Bits:
        if value < 0:
            value += 1 << width
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} does not fit in {width} bits")
        self._value = self._value << width | value
        self._length += width
        return self

    def text(self, value: str, signs: int) -> Bits:
        """Six-bit ASCII, padded with @ (M.1371 table 47); what the alphabet lacks becomes ?."""
        for sign in value.upper()[:signs].ljust(signs, "@"):
            self.number(_SIX.find(sign) if sign in _SIX else _SIX.index("?"), 6)
        return self

    def payload(self) -> tuple[str, int]:
        """The armoured payload and its number of fill bits."""
        fill = -self._length % 6
        value, length = self._value << fill, self._length + fill
        sixes = ((value >> shift) & 63 for shift in range(length - 6, -1, -6))
        return "".join(chr(six + 48 if six < 40 else six + 56) for six in sixes), fill


def _degrees(value: float, width: int, per_minute: int) -> int:
    bits = round(value * 60 * per_minute)
    limit = (180 if width in {28, 18} else 90) * 60 * per_minute
    if not -limit <= bits <= limit:
        raise ValueError(f"{value} degrees is no position")
    return bits


def _speed(position: Position) -> int:
    return NOT_AVAILABLE_SPEED if position.speed is None else min(round(position.speed * 10), 1022)


def _course(position: Position) -> int:
    return NOT_AVAILABLE_COURSE if position.course is None else round(position.course * 10) % 3600


def _heading(position: Position) -> int:
    return NOT_AVAILABLE_HEADING if position.heading is None else position.heading % 360


def _head(kind: int, mmsi: int) -> Bits:
    return Bits().number(kind, 6).number(0, 2).number(mmsi, 30)


def _motion(bits: Bits, position: Position) -> Bits:
    """Speed, accuracy, place, course, heading, second: the same row of fields in types 1 and 18."""
    bits.number(_speed(position), 10).number(0, 1)
    bits.number(_degrees(position.lon, 28, 10_000), 28).number(_degrees(position.lat, 27, 10_000), 27)
    return bits.number(_course(position), 12).number(_heading(position), 9).number(position.second, 6)


def type1(mmsi: int, position: Position) -> tuple[str, int]:
    """Position report of class A, scheduled; rate of turn not available (-128)."""
    bits = _head(1, mmsi).number(position.status, 4).number(-128, 8)
    return _motion(bits, position).number(0, 2).number(0, 3).number(0, 1).number(0, 19).payload()


def type5(ship: Identity) -> tuple[str, int]:
    """Static and voyage data of class A: 424 bits, hence two sentences."""
    bits = _head(5, ship.mmsi).number(0, 2).number(ship.imo, 30).text(ship.call_sign, 7).text(ship.name, 20)
    bits.number(ship.ship_type, 8).number(ship.bow, 9).number(ship.stern, 9)
    bits.number(ship.port, 6).number(ship.starboard, 6).number(1, 4)
    for value, width in zip(ship.eta, (4, 5, 5, 6), strict=True):
        bits.number(value, width)
    bits.number(min(round(ship.draught * 10), 255), 8).text(ship.destination, 20)
    return bits.number(0, 1).number(0, 1).payload()


def type18(mmsi: int, position: Position) -> tuple[str, int]:
    """Position report of class B (carrier sense)."""
    bits = _motion(_head(18, mmsi).number(0, 8), position).number(0, 2)
    for flag in (1, 0, 0, 1, 1, 0, 0):
        bits.number(flag, 1)
    return bits.number(0, 20).payload()


def type24(ship: Identity) -> tuple[tuple[str, int], tuple[str, int]]:
    """Static data of class B: part A (name), part B (type, call sign, size), each a sentence of its own."""
    first = _head(24, ship.mmsi).number(0, 2).text(ship.name, 20).number(0, 8)
    second = _head(24, ship.mmsi).number(1, 2).number(ship.ship_type, 8).text("SIM", 3).number(0, 24)
    second.text(ship.call_sign, 7).number(ship.bow, 9).number(ship.stern, 9)
    second.number(ship.port, 6).number(ship.starboard, 6).number(0, 6)
    return first.payload(), second.payload()


def type27(mmsi: int, position: Position) -> tuple[str, int]:
    """Long-range position report: tenths of a minute, whole knots and degrees."""
    bits = _head(27, mmsi).number(0, 1).number(0, 1).number(position.status, 4)
    bits.number(_degrees(position.lon, 18, 10), 18).number(_degrees(position.lat, 17, 10), 17)
    bits.number(63 if position.speed is None else min(round(position.speed), 62), 6)
    bits.number(511 if position.course is None else round(position.course) % 360, 9)
    return bits.number(0, 1).number(0, 1).payload()


def checksum(text: str) -> str:
    """Exclusive or of all signs, two hexadecimal digits (NMEA 0183)."""
    total = 0
    for sign in text.encode("ascii"):
        total ^= sign
    return f"{total:02X}"


class Talker:
    """Turns payloads into sentences: checksum, multi-part with sequence ids, optional tag block (NMEA 4.10).

    `source` names the station in the tag block; an empty one leaves tag blocks out.
    """

    def __init__(self, channel: str = "A", source: str = "") -> None:
        self.channel = channel
        self.source = source
        self._sequence = itertools.cycle(range(10))
        self._group = itertools.cycle(range(1, 1000))

    def sentences(self, payload: tuple[str, int], at: int | None = None) -> Iterator[str]:
        """The sentences of one message, without line ends; `at` is UNIX time in seconds for the tag block."""
        signs, fill = payload
        parts = [signs[start : start + _PART] for start in range(0, len(signs), _PART)]
        sequence = str(next(self._sequence)) if len(parts) > 1 else ""
        group = next(self._group) if len(parts) > 1 and self.source else 0
        for number, part in enumerate(parts, 1):
            filled = fill if number == len(parts) else 0
            body = f"AIVDM,{len(parts)},{number},{sequence},{self.channel},{part},{filled}"
            yield f"{self._tag(number, len(parts), group, at)}!{body}*{checksum(body)}"

    def _tag(self, number: int, count: int, group: int, at: int | None) -> str:
        if not self.source:
            return ""
        fields = [f"g:{number}-{count}-{group}"] if group else []
        fields.append(f"s:{self.source}")
        if at is not None:
            fields.append(f"c:{at}")
        block = ",".join(fields)
        return f"\\{block}*{checksum(block)}\\"
