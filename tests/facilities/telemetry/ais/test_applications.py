"""What binary messages carry: random content against pyais, columns against single values, area notices by hand."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kouan.facilities.telemetry.drivers.ais.applications import areas
from kouan.facilities.telemetry.drivers.ais.decoder import Decoder
from kouan.facilities.telemetry.drivers.ais.values import fields
from kouan_sim.ais import Bits, Talker
from tests.facilities.telemetry.ais import streams

BITS = {(1, 31): 304, (1, 11): 296, (200, 10): 112, (1, 0): 12 + 60, (1, 16): 16, (200, 55): 80}
PYAIS = {
    "wind_speed": "wspeed", "wind_gust": "wgust", "wind_direction": "wdir", "gust_direction": "wgustdir",
    "air_temperature": "airtemp", "dew_point": "dewpoint", "pressure_tendency": "pressuretend",
    "visibility_greater": "visgreater", "water_level": "waterlevel", "water_level_trend": "leveltrend",
    "current_speed": "cspeed", "current_direction": "cdir", "current2_speed": "cspeed2", "current2_direction": "cdir2",
    "current2_depth": "cdepth2", "current3_speed": "cspeed3", "current3_direction": "cdir3", "current3_depth": "cdepth3",
    "wave_height": "waveheight", "wave_period": "waveperiod", "wave_direction": "wavedir", "swell_height": "swellheight",
    "swell_period": "swellperiod", "swell_direction": "swelldir", "sea_state": "seastate", "water_temperature": "watertemp",
    "precipitation": "preciptype", "eni": "vin", "eri_type": "shiptype", "blue_cones": "hazard", "speed_quality": "speed_q",
    "course_quality": "course_q", "heading_quality": "heading_q", "acknowledge": "ack_required",
}  # fmt: skip


def binary(kind: int, dac: int, fid: int, content: int, size: int) -> tuple[str, int]:
    bits = Bits().number(kind, 6).number(0, 2).number(413_000_001, 30)
    if kind == 6:
        bits.number(1, 2).number(413_000_002, 30).number(0, 1)
    bits.number(0, 2 if kind == 8 else 1)
    return bits.number(dac, 10).number(fid, 6).number(content, size).payload()


@pytest.mark.parametrize(("dac", "fid"), [(1, 31), (1, 11), (200, 10), (1, 0)])
def test_broadcast_applications_equal_pyais(dac: int, fid: int) -> None:
    pyais = pytest.importorskip("pyais")
    dice = random.Random(dac * 100 + fid)
    compared = 0
    for _ in range(20):
        size = BITS[dac, fid]
        signs, fill = binary(8, dac, fid, dice.getrandbits(size), size)
        mine: dict[str, Any] = fields(signs.encode(), fill)["application"]
        theirs = pyais.decode(*(s.encode() for s in Talker().sentences((signs, fill)))).asdict()
        for name, value in mine.items():
            if value is None:
                continue
            other = theirs[PYAIS.get(name, name)]
            if isinstance(value, str):
                assert value == other.split("@", 1)[0].strip(), name
            else:
                assert value == pytest.approx(float(other), abs=1e-5), name
            compared += 1
    assert compared > 50


@pytest.mark.parametrize("kind", [6, 8])
@pytest.mark.parametrize(("dac", "fid"), BITS)
def test_applications_in_columns(kind: int, dac: int, fid: int) -> None:
    dice = random.Random(kind)
    size = BITS[dac, fid]
    messages = [binary(kind, dac, fid, dice.getrandbits(size), size) for _ in range(12)]
    lines = [line for message in messages for line in Talker().sentences(message)]
    found = Decoder().feed("\n".join(lines).encode() + b"\n")
    family = found.families[f"{kind}.{dac}.{fid}"]
    assert found.messages == len(messages)
    for place, (signs, fill) in enumerate(messages):
        alone, columns = fields(signs.encode(), fill)["application"], streams.row(family, place)
        for name, value in alone.items():
            other = columns[name]
            assert other == (pytest.approx(value, rel=1e-6, abs=1e-5) if type(value) is float else value), name


def test_weather_in_units() -> None:
    bits = Bits().number(8, 6).number(0, 2).number(413_000_001, 30).number(0, 2).number(1, 10).number(31, 6)
    bits.number(round(120.25 * 60_000), 25).number(round(-36.5 * 60_000), 24).number(1, 1).number(22, 5).number(
        10, 5
    ).number(30, 6)
    bits.number(15, 7).number(127, 7).number(270, 9).number(360, 9).number(-55, 11).number(88, 7).number(501, 10)
    signs, fill = (
        bits.number(1013 - 799, 9).number(1, 2).number(0, 1).number(25, 7).number(1125, 12).number(0, 145).payload()
    )
    found = fields(signs.encode(), fill)["application"]
    wanted = {
        "lon": 120.25, "lat": -36.5, "day": 22, "wind_speed": 15, "wind_gust": None, "wind_direction": 270,
        "gust_direction": None, "air_temperature": -5.5, "humidity": 88, "dew_point": None, "pressure": 1013.0,
        "visibility": 2.5, "water_level": pytest.approx(1.25),
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted


def test_areas_of_a_notice() -> None:
    circle = (
        Bits()
        .number(0, 3)
        .number(2, 2)
        .number(7_215_000, 25)
        .number(-2_190_000, 24)
        .number(4, 3)
        .number(12, 12)
        .number(0, 18)
    )
    text = Bits().number(5, 3).text("KEEP CLEAR", 14)
    line = Bits().number(3, 3).number(1, 2).number(180, 10).number(50, 10).number(720, 10).number(0, 50).number(0, 2)
    value = 0
    for bits in (circle, line, text):
        value = value << 87 | bits._value
    size = 3 * 87
    body = (value << (-size % 8)).to_bytes((size + 7) // 8)
    assert areas(body, size) == [
        {"shape": "circle", "lon": 120.25, "lat": -36.5, "radius_m": 1200},
        {"shape": "polyline", "points": [{"bearing": 90.0, "distance_m": 500}, *2 * [{"bearing": 0.0, "distance_m": 0}]]},
        {"shape": "text", "text": "KEEP CLEAR"},
    ]  # fmt: skip
