"""AIS messages as observations: positions of types 1-3, 4, 9, 18, 19, 21, 27 and statics of 5, 19, 24.

"Not available" values of the standard become None. Longitude and latitude in degrees (WGS 84), speed in knots,
course and heading in degrees true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kouan.facilities.telemetry.drivers.ais.bits import Bits

Observation = dict[str, Any]


def _scaled(raw: int, scale: float, absent: int) -> float | None:
    return None if raw == absent else raw / scale


def _place(bits: Bits, start: int, width: int = 28, scale: float = 600_000.0) -> tuple[float | None, float | None]:
    lon, lat = bits.signed(start, width) / scale, bits.signed(start + width, width - 1) / scale
    if abs(lon) > 180 or abs(lat) > 90:
        return None, None
    return round(lon, 7), round(lat, 7)


def _motion(bits: Bits, speed: int, course: int, heading: int) -> Observation:
    true = bits.unsigned(heading, 9)
    cog = bits.unsigned(course, 12)
    return {
        "sog": _scaled(bits.unsigned(speed, 10), 10.0, 1023),
        "cog": None if cog >= 3600 else cog / 10.0,
        "heading": None if true >= 360 else true,
    }


def _class_a(bits: Bits) -> Observation:
    lon, lat = _place(bits, 61)
    return {"lon": lon, "lat": lat, "status": bits.unsigned(38, 4), **_motion(bits, 50, 116, 128), "kind": "ship"}


def _class_b(bits: Bits) -> Observation:
    lon, lat = _place(bits, 57)
    return {"lon": lon, "lat": lat, **_motion(bits, 46, 112, 124), "kind": "ship"}


def _class_b_long(bits: Bits) -> Observation:
    return {**_class_b(bits), "name": bits.text(143, 20), "ship_type": bits.unsigned(263, 8)}


def _base(bits: Bits) -> Observation:
    lon, lat = _place(bits, 79)
    return {"lon": lon, "lat": lat, "kind": "base_station"}


def _aircraft(bits: Bits) -> Observation:
    lon, lat = _place(bits, 61)
    cog = bits.unsigned(116, 12)
    return {
        "lon": lon,
        "lat": lat,
        "sog": _scaled(bits.unsigned(50, 10), 1.0, 1023),
        "cog": None if cog >= 3600 else cog / 10.0,
        "kind": "aircraft",
    }


def _aid(bits: Bits) -> Observation:
    lon, lat = _place(bits, 164)
    return {"lon": lon, "lat": lat, "name": bits.text(43, 20), "kind": "aid"}


def _long_range(bits: Bits) -> Observation:
    lon, lat = _place(bits, 44, 18, 600.0)
    cog = bits.unsigned(85, 9)
    return {
        "lon": lon,
        "lat": lat,
        "sog": _scaled(bits.unsigned(79, 6), 1.0, 63),
        "cog": None if cog >= 360 else float(cog),
        "status": bits.unsigned(40, 4),
        "kind": "ship",
    }


def _static(bits: Bits) -> Observation:
    imo = bits.unsigned(40, 30)
    return {
        "imo": str(imo) if imo else None, "call_sign": bits.text(70, 7), "name": bits.text(112, 20),
        "ship_type": bits.unsigned(232, 8), "length_m": bits.unsigned(240, 9) + bits.unsigned(249, 9),
        "beam_m": bits.unsigned(258, 6) + bits.unsigned(264, 6), "draught_m": bits.unsigned(294, 8) / 10.0,
        "destination": bits.text(302, 20), "kind": "ship",
    }  # fmt: skip


def _static_b(bits: Bits) -> Observation:
    if bits.unsigned(38, 2) == 0:
        return {"name": bits.text(40, 20), "kind": "ship"}
    return {"ship_type": bits.unsigned(40, 8), "call_sign": bits.text(90, 7), "kind": "ship"}


READERS: Mapping[int, Callable[[Bits], Observation]] = {
    1: _class_a, 2: _class_a, 3: _class_a, 4: _base, 5: _static, 9: _aircraft, 18: _class_b, 19: _class_b_long, 21: _aid,
    24: _static_b, 27: _long_range,
}  # fmt: skip


def read(payload: str, fill: int) -> Observation | int:
    """The observation of a whole payload, or the type's number when that type is not read yet. Raises Unarmoured."""
    bits = Bits(payload, fill)
    kind = bits.unsigned(0, 6)
    reader = READERS.get(kind)
    if reader is None:
        return kind
    return {"type": kind, "mmsi": f"{bits.unsigned(8, 30):09d}", **reader(bits)}
