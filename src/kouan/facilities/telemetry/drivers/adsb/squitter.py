"""Extended squitters (downlink formats 17 and 18): identification, position, velocity. ICAO Annex 10 volume IV; RTCA DO-260B.

Pure functions on the 112 bits of one message. Altitudes in feet, speeds in knots, directions in degrees true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

BYTES = 14
_POLYNOMIAL = 0x1FFF409
_SIGNS = "#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######"
_GILLHAM = ("C1", "A1", "C2", "A2", "C4", "A4", "B1", "Q", "B2", "D2", "B4", "D4")
_ZONES = 15  # latitude zones between the equator and a pole
_FRACTION = 1 << 17
_SURFACE_SPEEDS = (
    (2, 0.125, 0.125),
    (9, 1.0, 0.25),
    (13, 2.0, 0.5),
    (39, 15.0, 1.0),
    (94, 70.0, 2.0),
    (109, 100.0, 5.0),
)


class Unread(ValueError):
    """A frame that is no squitter that we read; its text is the cause's code."""


@dataclass(frozen=True, slots=True)
class Named:
    """Flight identification and the category of the emitter (type code, category)."""

    icao: int
    callsign: str
    category: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A compact position: which of two encodings (odd), fractions of zones, altitude; on the ground speed and track."""

    icao: int
    odd: bool
    lat: int
    lon: int
    surface: bool
    altitude: float | None = None
    speed: float | None = None
    track: float | None = None


@dataclass(frozen=True, slots=True)
class Moving:
    """Velocity: speed over ground with track, or airspeed with heading; climb in feet a minute."""

    icao: int
    speed: float | None
    track: float | None
    airborne_heading: float | None
    climb: int | None


Squitter = Named | Placed | Moving


def remainder(message: bytes) -> int:
    """The cyclic redundancy check of Mode S; 0 for an undamaged extended squitter."""
    value = int.from_bytes(message)
    for bit in range(len(message) * 8 - 1, 23, -1):
        if value >> bit & 1:
            value ^= _POLYNOMIAL << (bit - 24)
    return value


def read(message: bytes) -> Squitter | None:
    """What an extended squitter says; None for kinds that carry neither name, place nor velocity. Raises Unread."""
    if len(message) != BYTES:
        raise Unread("format")
    if message[0] >> 3 not in {17, 18} or (message[0] >> 3 == 18 and message[0] & 7 not in {0, 1, 6}):
        raise Unread("format")
    if remainder(message):
        raise Unread("crc")
    icao, me = int.from_bytes(message[1:4]), int.from_bytes(message[4:11])
    kind = me >> 51
    if 1 <= kind <= 4:
        signs = "".join(_SIGNS[me >> shift & 63] for shift in range(42, -1, -6))
        return Named(icao, signs.replace("#", "").strip(), (kind, me >> 48 & 7))
    if 5 <= kind <= 8:
        return _surface(icao, me)
    if 9 <= kind <= 18 or 20 <= kind <= 22:
        odd, lat, lon = bool(me >> 34 & 1), me >> 17 & 0x1FFFF, me & 0x1FFFF
        raw = me >> 36 & 0xFFF
        height = _altitude(raw) if kind <= 18 else (raw / 0.3048 if raw else None)
        return Placed(icao, odd, lat, lon, False, height)
    return _velocity(icao, me) if kind == 19 else None


def _surface(icao: int, me: int) -> Placed:
    movement = me >> 44 & 127
    track = (me >> 36 & 127) * 360 / 128 if me >> 43 & 1 else None
    return Placed(
        icao, bool(me >> 34 & 1), me >> 17 & 0x1FFFF, me & 0x1FFFF, True, None, _ground_speed(movement), track
    )


def _ground_speed(movement: int) -> float | None:
    """Knots of the movement field's uneven steps (DO-260B, table 2-14)."""
    if movement == 1:
        return 0.0
    if not 2 <= movement <= 124:
        return None
    if movement == 124:
        return 175.0
    first, base, step = next(row for row in reversed(_SURFACE_SPEEDS) if movement >= row[0])
    return base + (movement - first) * step


def _altitude(raw: int) -> float | None:
    """Feet of the 12-bit altitude field: steps of 25 feet, or Gillham's code of 100 feet."""
    if not raw:
        return None
    if raw & 0x10:
        return ((raw & 0xFE0) >> 1 | raw & 0xF) * 25.0 - 1000
    return _gillham(raw)


def _gillham(raw: int) -> float | None:
    """Altitude in Gillham's code (Annex 10 volume IV, 3.1.1.7.12.2.3); field order C1 A1 C2 A2 C4 A4 B1 (Q) B2 D2 B4 D4."""
    bit = {name: raw >> 11 - place & 1 for place, name in enumerate(_GILLHAM)}
    fives = _gray("".join(str(bit[name]) for name in ("D2", "D4", "A1", "A2", "A4", "B1", "B2", "B4")))
    ones = _gray("".join(str(bit[name]) for name in ("C1", "C2", "C4")))
    if ones in {0, 5, 6}:
        return None
    ones = 5 if ones == 7 else ones
    return (fives * 5 + (6 - ones if fives % 2 else ones)) * 100.0 - 1300


def _gray(bits: str) -> int:
    value = 0
    for bit in bits:
        value = value << 1 | (int(bit) ^ value & 1)
    return value


def _velocity(icao: int, me: int) -> Moving | None:
    subtype = me >> 48 & 7
    if not 1 <= subtype <= 4:
        return None
    factor = 4 if subtype in {2, 4} else 1
    rate = me >> 10 & 0x1FF
    climb = (rate - 1) * 64 * (-1 if me >> 19 & 1 else 1) if rate else None
    if subtype <= 2:
        east, north = me >> 32 & 0x3FF, me >> 21 & 0x3FF
        if not east or not north:
            return Moving(icao, None, None, None, climb)
        x, y = ((v - 1) * factor * (-1 if s else 1) for v, s in ((east, me >> 42 & 1), (north, me >> 31 & 1)))
        return Moving(icao, math.hypot(x, y), math.degrees(math.atan2(x, y)) % 360, None, climb)
    speed = me >> 21 & 0x3FF
    heading = (me >> 32 & 0x3FF) * 360 / 1024 if me >> 42 & 1 else None
    return Moving(icao, None, None, heading if speed else None, climb)


def zones_at(lat: float) -> int:
    """Longitude zones at a latitude (NL of DO-260B, A.1.7.2)."""
    if abs(lat) >= 87:
        return 1 if abs(lat) > 87 else 2
    if lat == 0:
        return 59
    part = (1 - math.cos(math.pi / (2 * _ZONES))) / math.cos(math.radians(lat)) ** 2
    return math.floor(2 * math.pi / math.acos(1 - part))


def together(even: Placed, odd: Placed, newer_odd: bool) -> tuple[float, float] | None:
    """Longitude and latitude of two airborne encodings; None when they lie in different zones, or are no pair."""
    lat_even, lat_odd = even.lat / _FRACTION, odd.lat / _FRACTION
    zone = math.floor(59 * lat_even - 60 * lat_odd + 0.5)
    south = [(360 / n) * (zone % n + part) for n, part in ((60, lat_even), (59, lat_odd))]
    lats = [lat - 360 if lat >= 270 else lat for lat in south]
    if any(abs(lat) > 90 for lat in lats) or zones_at(lats[0]) != zones_at(lats[1]):
        return None
    lat = lats[newer_odd]
    zones = zones_at(lat)
    across = math.floor(even.lon / _FRACTION * (zones - 1) - odd.lon / _FRACTION * zones + 0.5)
    count = max(zones - newer_odd, 1)
    lon = 360 / count * (across % count + (odd if newer_odd else even).lon / _FRACTION)
    return (lon - 360 if lon >= 180 else lon), lat


def near(place: Placed, lon: float, lat: float) -> tuple[float, float]:
    """Longitude and latitude of one encoding, nearest to a known place (within 180 NM, on the ground 45 NM)."""
    span = 90 if place.surface else 360
    step = span / (59 if place.odd else 60)
    part = place.lat / _FRACTION
    found = step * (math.floor(lat / step) + math.floor(0.5 + lat % step / step - part) + part)
    across = span / max(zones_at(found) - place.odd, 1)
    part = place.lon / _FRACTION
    east = across * (math.floor(lon / across) + math.floor(0.5 + lon % across / across - part) + part)
    return (east + 180) % 360 - 180, found
