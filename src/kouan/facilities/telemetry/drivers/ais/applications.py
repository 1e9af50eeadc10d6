"""What binary messages 6 and 8 carry, by designated area and function: weather and water, inland ships, persons, text, areas.

Sources of the facts: IMO SN.1/Circ.289 (DAC 1: 0, 16, 22, 31), IMO SN/Circ.236 (DAC 1: 11), CCNR/UNECE inland AIS
(ECE/TRANS/SC.3/176; DAC 200: 10, 55). Offsets start at the application data: bit 56 of message 8, bit 88 of message 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kouan.facilities.telemetry.drivers.ais.fields import Field, Layout, data, flag, lay, num, place, real, signed, text

_DAY = (num("day", 5, 1, 31), num("hour", 5, high=23), num("minute", 6, high=59))
_DIRECTION = 359
Take = Callable[[int, int], int]
ALPHABET = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"


def _knots(name: str, width: int = 8, scale: float = 10.0, high: int = 251) -> Field:
    return real(name, width, scale, "kn", high)


def _from(name: str) -> Field:
    return num(name, 9, high=_DIRECTION)


_WIND = (
    num("wind_speed", 7, high=126), num("wind_gust", 7, high=126), _from("wind_direction"), _from("gust_direction"),
)  # fmt: skip
_CURRENTS = (
    _knots("current_speed"), _from("current_direction"), _knots("current2_speed"), _from("current2_direction"),
    num("current2_depth", 5, high=30), _knots("current3_speed"), _from("current3_direction"), num("current3_depth", 5, high=30),
)  # fmt: skip
_WAVES = (
    real("wave_height", 8, 10.0, "m", 251), num("wave_period", 6, high=60), _from("wave_direction"),
    real("swell_height", 8, 10.0, "m", 251), num("swell_period", 6, high=60), _from("swell_direction"),
    num("sea_state", 4, high=12),
)  # fmt: skip
_ICE = (num("precipitation", 3, high=6), real("salinity", 9, 10.0, "‰", 501), num("ice", 2, high=1))
_WHEN = (num("month", 4, 1, 12), *_DAY)


def _weather(start: int) -> Layout:
    """Meteorological and hydrographic data, IMO SN.1/Circ.289."""
    return lay(
        f"{_name(start)}.1.31", *place(25, 60_000.0), flag("accuracy"), *_DAY, *_WIND,
        signed("air_temperature", 11, 10.0, "degC", (-600, 600)), num("humidity", 7, high=100),
        signed("dew_point", 10, 10.0, "degC", (-200, 500)), real("pressure", 9, 1.0, "hPa", 402, 799.0),
        num("pressure_tendency", 2, high=2), flag("visibility_greater"), real("visibility", 7, 10.0, "NM", 126),
        real("water_level", 12, 100.0, "m", 4000, -10.0), num("water_level_trend", 2, high=2), *_CURRENTS, *_WAVES,
        signed("water_temperature", 10, 10.0, "degC", (-100, 500)), *_ICE, least="wind_speed", start=start,
    )  # fmt: skip


def _weather_before(start: int) -> Layout:
    """Meteorological and hydrographic data, IMO SN/Circ.236: latitude first, temperatures counted up from their lowest."""
    lon, lat = place(25, 60_000.0)
    return lay(
        f"{_name(start)}.1.11", lat, lon, *_DAY, *_WIND, real("air_temperature", 11, 10.0, "degC", 1200, -60.0),
        num("humidity", 7, high=100), real("dew_point", 10, 10.0, "degC", 700, -20.0),
        real("pressure", 9, 1.0, "hPa", 400, 800.0), num("pressure_tendency", 2, high=2),
        real("visibility", 8, 10.0, "NM", 250), real("water_level", 9, 10.0, "m", 400, -10.0),
        num("water_level_trend", 2, high=2), *_CURRENTS, *_WAVES, real("water_temperature", 10, 10.0, "degC", 600, -10.0),
        *_ICE, least="wind_speed", start=start,
    )  # fmt: skip


def _inland(start: int) -> Layout:
    """Inland ship static and voyage data: European number, size, ERI type, blue cones, draught, loaded or not."""
    return lay(
        f"{_name(start)}.200.10", text("eni", 8), real("length", 13, 10.0, "m", 8000), real("beam", 10, 10.0, "m", 1000),
        num("eri_type", 14, 1), num("blue_cones", 3, high=4), real("draught", 11, 100.0, "m", 2000), num("loaded", 2, 1, 2),
        flag("speed_quality"), flag("course_quality"), flag("heading_quality"), least="eri_type", start=start,
    )  # fmt: skip


def _others(start: int) -> tuple[Layout, ...]:
    said = _name(start)
    return (
        lay(f"{said}.1.0", flag("acknowledge"), num("text_sequence", 11), text("text", 0), least=start + 12, start=start),
        lay(f"{said}.1.16", num("persons", 13, 1), least="persons", start=start),
        lay(f"{said}.200.55", num("crew", 8, high=254), num("passengers", 13, high=8190), num("personnel", 8, high=254),
            least="personnel", start=start),
        lay(f"{said}.1.22", num("linkage", 10), num("notice", 7), *_WHEN, num("duration", 18, high=262_142), data("areas"),
            least="duration", start=start),
    )  # fmt: skip


def _name(start: int) -> str:
    return "8" if start == _BROADCAST else "6"


_BROADCAST, _ADDRESSED = 56, 88
APPLICATIONS: Mapping[tuple[int, int, int], Layout] = {
    (int(kind), int(dac), int(fid)): layout
    for start in (_BROADCAST, _ADDRESSED)
    for layout in (_weather(start), _weather_before(start), _inland(start), *_others(start))
    for kind, dac, fid in [layout.code.split(".")]
}

SUB_AREA_BITS = 87
SHAPES = ("circle", "rectangle", "sector", "polyline", "polygon", "text")


def areas(body: bytes, bits: int) -> list[dict[str, object]]:
    """The sub-areas of an area notice (SN.1/Circ.289, 1/22): shape, place in degrees, sizes in metres, angles in degrees true."""
    value = int.from_bytes(body) >> max(len(body) * 8 - bits, 0)
    return [
        _area(value >> (bits - (n + 1) * SUB_AREA_BITS) & ((1 << SUB_AREA_BITS) - 1))
        for n in range(bits // SUB_AREA_BITS)
    ]


def _area(value: int) -> dict[str, object]:
    def take(start: int, width: int) -> int:
        return value >> (SUB_AREA_BITS - start - width) & ((1 << width) - 1)

    kind = take(0, 3)
    shape = SHAPES[kind] if kind < len(SHAPES) else "reserved"
    if shape in {"polyline", "polygon"}:
        factor = 10 ** take(3, 2)
        points = [(take(5 + 20 * n, 10), take(15 + 20 * n, 10) * factor) for n in range(4)]
        return {"shape": shape, "points": [{"bearing": b / 2, "distance_m": d} for b, d in points if b < 720]}
    if shape == "text":
        signs = "".join(ALPHABET[take(3 + 6 * n, 6)] for n in range(14))
        return {"shape": shape, "text": signs.split("@", 1)[0].rstrip()}
    if shape == "reserved":
        return {"shape": shape}
    return {"shape": shape, **_located(shape, take)}


def _located(shape: str, take: Take) -> dict[str, object]:
    factor = 10 ** take(3, 2)
    lon, lat = _sign(take(5, 25), 25) / 60_000, _sign(take(30, 24), 24) / 60_000
    found: dict[str, object] = {"lon": lon if abs(lon) <= 180 else None, "lat": lat if abs(lat) <= 90 else None}
    if shape == "circle":
        return {**found, "radius_m": take(57, 12) * factor}
    if shape == "rectangle":
        sizes = {"east_m": take(57, 8) * factor, "north_m": take(65, 8) * factor}
        return {**found, **sizes, "orientation": take(73, 9)}
    return {**found, "radius_m": take(57, 12) * factor, "left": take(69, 9), "right": take(78, 9)}


def _sign(value: int, width: int) -> int:
    return value - (1 << width) if value >> (width - 1) else value
