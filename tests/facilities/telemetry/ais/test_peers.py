"""Equal fields with pyais and libais on every message that they accept; what differs is named here and in docs/ais-differences.md."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest

from kouan.facilities.telemetry.drivers.ais.decoder import Decoder
from kouan.facilities.telemetry.drivers.ais.values import fields
from kouan_sim.ais import Talker
from kouan_sim.ais_messages import chance, payload
from tests.conftest import SHARED
from tests.facilities.telemetry.ais import streams

SAMPLE = SHARED / "ais" / "pyais" / "nmea_data_sample.txt"
PYAIS = {
    "type": "msg_type", "call_sign": "callsign", "name": "shipname", "sequence": "seqno", "destination_mmsi": "dest_mmsi",
    "transmit_mode": "txrx", "low_power": "power", "zone_size": "zonesize", "aid_status": "reserved_1",
    "virtual": "virtual_aid", "name_more": "name_ext", "altitude": "alt", "carrier_sense": "cs", "whole_band": "band",
    "message_22": "msg22", "vendor": "vendorid", "part": "partno", "latency": "gnss",
}  # fmt: skip
PYAIS_OF = {("21", "name"): "name", ("22A", "mmsi1"): "dest1", ("22A", "mmsi2"): "dest2"}
LIBAIS = {
    "type": "id", "repeat": "repeat_indicator", "status": "nav_status", "speed": "sog", "lon": "x", "lat": "y", "course": "cog",
    "heading": "true_heading", "second": "timestamp", "accuracy": "position_accuracy", "maneuver": "special_manoeuvre",
    "to_bow": "dim_a", "to_stern": "dim_b", "to_port": "dim_c", "to_starboard": "dim_d", "epfd": "fix_type", "imo": "imo_num",
    "call_sign": "callsign", "ship_type": "type_and_cargo", "month": "eta_month", "day": "eta_day", "hour": "eta_hour",
    "minute": "eta_minute", "altitude": "alt", "destination_mmsi": "dest_mmsi", "sequence": "seq_num", "ne_lon": "x1",
    "ne_lat": "y1", "sw_lon": "x2", "sw_lat": "y2", "channel_a": "chan_a", "channel_b": "chan_b", "aid_type": "aton_type",
    "part": "part_num", "latency": "gnss", "fid": "fi", "turn": "rot",
}  # fmt: skip
SHARED_NAMES = (
    "mmsi",
    "year",
    "raim",
    "destination",
    "name",
    "text",
    "draught",
    "dac",
    "quiet",
    "zone_size",
    "dte",
    "ais_version",
)

# Where pyais differs from the standard (docs/ais-differences.md): units, names only there, enumerations without the value.
UNITS = {(code, name) for code in ("17", "22", "23") for name in ("lon", "lat", "ne_lon", "ne_lat", "sw_lon", "sw_lat")}
ONLY_OURS = {"turn_steps", "long_range", "barometric", "dac", "fid", "data_bits", "application"}
ENUMERATED = {"ship_type", "epfd", "station_type", "interval", "turn"}


def theirs(code: str, name: str, found: Mapping[str, Any]) -> Any:
    """Their value of our field."""
    other = PYAIS_OF.get((code, name), PYAIS.get(name, name))
    if code == "20":
        other = other.replace("slots", "number")
    if code in {"7", "13"} and name.startswith("sequence"):
        other = name.replace("sequence", "mmsiseq")
    return found[other]


def equal(mine: Any, other: Any) -> bool:
    if isinstance(mine, str):
        return bool(mine == other.split("@", 1)[0].strip())
    if isinstance(mine, float):
        return abs(mine - float(other)) < 1e-5 * max(1.0, abs(mine))
    return bool(mine == other)


def against_pyais(code: str, mine: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """Fields of ours that differ without a reason."""
    differ = []
    for name, value in mine.items():
        if value is None or name in ONLY_OURS or (code, name) in UNITS:
            continue
        if code.startswith("26") and name in {"data", "radio"}:
            continue
        if code == "24B" and name == "epfd":
            continue
        other = theirs(code, name, found)
        if name == "turn":
            differ += [name] if abs(value - other) > 0.5 + 1e-6 else []
        elif not equal(value, other) and not (name in ENUMERATED and code != "1"):
            differ.append(name)
    return differ


@pytest.mark.parametrize("code", streams.CODES)
def test_equal_fields_with_pyais(code: str) -> None:
    pyais = pytest.importorskip("pyais")
    source = random.Random(code)
    for _ in range(12):
        signs, fill = payload(code, chance(code, source))
        found = pyais.decode(*(line.encode() for line in Talker().sentences((signs, fill)))).asdict()
        assert against_pyais(code, fields(signs.encode(), fill), found) == []


@pytest.mark.parametrize("code", [code for code in streams.CODES if code not in {"6", "8", "24C"}])
def test_equal_fields_with_libais(code: str) -> None:
    libais = pytest.importorskip("ais", reason="libais is not installed")
    source = random.Random(code)
    for _ in range(12):
        signs, fill = payload(code, chance(code, source))
        found = libais.decode(signs, fill)
        mine = fields(signs.encode(), fill)
        if code == "21":
            mine["name"] += mine["name_more"] if len(mine["name"]) == 20 else ""
        names = {**LIBAIS, **{name: name for name in SHARED_NAMES}}
        if code in {"4", "11"}:
            names |= {name: name for name in ("month", "day", "hour", "minute", "second")}
        if code == "27":
            mine["latency"] = not mine["latency"]  # libais tells whether the position is current
        compared = [name for name, other in names.items() if other in found and mine.get(name) is not None]
        assert [name for name in compared if not equal(mine[name], found[names[name]])] == []
        assert len(compared) >= 3


@pytest.mark.skipif(not SAMPLE.exists(), reason="the published log is not here")
def test_published_log_equals_pyais() -> None:
    pyais = pytest.importorskip("pyais")
    lines = SAMPLE.read_bytes().splitlines()
    found = Decoder().feed(b"\n".join(lines) + b"\n")
    compared = 0
    for code, family in found.families.items():
        for place, number in enumerate(family["line"].tolist()):
            mine = streams.row(family, place)
            facts = {
                name: value for name, value in mine.items() if name not in {"line", "at", "source", "simulated", "own"}
            }
            other = {n: v for n, v in pyais.decode(lines[number]).asdict().items() if v is not None}
            facts = {
                n: v for n, v in facts.items() if n in ONLY_OURS or PYAIS.get(n, n) in other or (code, n) in PYAIS_OF
            }
            assert against_pyais(code, facts, other) == [], (lines[number], mine, other)
            compared += 1
    assert compared == 778
