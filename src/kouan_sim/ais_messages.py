"""Encoder of all 27 AIS messages (ITU-R M.1371-5, annex 8) from raw field values: widths only, no decoder's tables.

For test traffic and benchmarks: `payload(21, mmsi=…, aid_type=…)`; fields that are not given are 0, texts are padded
with @. The platform's decoder takes no part; ais.py has the few messages that the simulated ships send, in units.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from kouan_sim.ais import Bits

Fields = tuple[tuple[str, int], ...]


def _fields(words: str) -> Fields:
    return tuple((name, int(width)) for name, _, width in (word.partition(":") for word in words.split()))


_PLACE = "accuracy:1 lon:28 lat:27"
_SIZE = "to_bow:9 to_stern:9 to_port:6 to_starboard:6"
_TIME = "year:14 month:4 day:5 hour:5 minute:6 second:6"
_TO = "sequence:2 destination_mmsi:30 retransmit:1 -:1"
_AREA = "ne_lon:18 ne_lat:17 sw_lon:18 sw_lat:17"
_FOUR = " ".join(f"mmsi{n}:30 sequence{n}:2" for n in range(1, 5))
_SLOTS = " ".join(f"offset{n}:12 slots{n}:4 timeout{n}:3 increment{n}:11" for n in range(1, 5))
_A = _fields(f"status:4 turn:8 speed:10 {_PLACE} course:12 heading:9 second:6 maneuver:2 -:3 raim:1 radio:19")
_BASE = _fields(f"{_TIME} {_PLACE} epfd:4 long_range:1 -:9 raim:1 radio:19")
_B = f"-:8 speed:10 {_PLACE} course:12 heading:9 second:6"
_CHANNELS = "-:2 channel_a:12 channel_b:12 transmit_mode:4 low_power:1"
_BANDS = "addressed:1 band_a:1 band_b:1 zone_size:3 -:23"
_PART_B = "part:2 ship_type:8 vendor:18 model:4 serial:20 call_sign:42"

LAYOUTS: Mapping[str, Fields] = {
    "1": _A, "2": _A, "3": _A, "4": _BASE, "11": _BASE,
    "5": _fields(f"ais_version:2 imo:30 call_sign:42 name:120 ship_type:8 {_SIZE} epfd:4 month:4 day:5 hour:5 minute:6 "
                 "draught:8 destination:120 dte:1 -:1"),
    "6": _fields(f"{_TO} dac:10 fid:6 data:80"), "7": _fields(f"-:2 {_FOUR}"), "13": _fields(f"-:2 {_FOUR}"),
    "8": _fields("-:2 dac:10 fid:6 data:80"),
    "9": _fields(f"altitude:12 speed:10 {_PLACE} course:12 second:6 barometric:1 -:7 dte:1 -:3 assigned:1 raim:1 radio:20"),
    "10": _fields("-:2 destination_mmsi:30 -:2"), "12": _fields(f"{_TO} text:150"), "14": _fields("-:2 text:150"),
    "15": _fields("-:2 mmsi1:30 type1_1:6 offset1_1:12 -:2 type1_2:6 offset1_2:12 -:2 mmsi2:30 type2_1:6 offset2_1:12 -:2"),
    "16": _fields("-:2 mmsi1:30 offset1:12 increment1:10 mmsi2:30 offset2:12 increment2:10"),
    "17": _fields("-:2 lon:18 lat:17 -:5 data:80"),
    "18": _fields(f"{_B} -:2 carrier_sense:1 display:1 dsc:1 whole_band:1 message_22:1 assigned:1 raim:1 radio:20"),
    "19": _fields(f"{_B} -:4 name:120 ship_type:8 {_SIZE} epfd:4 raim:1 dte:1 assigned:1 -:4"),
    "20": _fields(f"-:2 {_SLOTS}"),
    "21": _fields(f"aid_type:5 name:120 {_PLACE} {_SIZE} epfd:4 second:6 off_position:1 aid_status:8 raim:1 virtual:1 "
                  "assigned:1 -:1 name_more:84"),
    "22": _fields(f"{_CHANNELS} {_AREA} {_BANDS}"), "22A": _fields(f"{_CHANNELS} mmsi1:30 -:5 mmsi2:30 -:5 {_BANDS}"),
    "23": _fields(f"-:2 {_AREA} station_type:4 ship_type:8 -:22 transmit_mode:2 interval:4 quiet:4 -:6"),
    "24A": _fields("part:2 name:120 -:8"), "24B": _fields(f"{_PART_B} {_SIZE} epfd:4 -:2"),
    "24C": _fields(f"{_PART_B} mothership_mmsi:30 -:6"),
    "25": _fields("addressed:1 structured:1 data:96"), "25S": _fields("addressed:1 structured:1 dac:10 fid:6 data:80"),
    "25A": _fields("addressed:1 structured:1 destination_mmsi:30 data:72"),
    "25AS": _fields("addressed:1 structured:1 destination_mmsi:30 dac:10 fid:6 data:72"),
    "26": _fields("addressed:1 structured:1 data:160 radio:20"),
    "26S": _fields("addressed:1 structured:1 dac:10 fid:6 data:160 radio:20"),
    "26A": _fields("addressed:1 structured:1 destination_mmsi:30 data:160 radio:20"),
    "26AS": _fields("addressed:1 structured:1 destination_mmsi:30 dac:10 fid:6 data:160 radio:20"),
    "27": _fields("accuracy:1 raim:1 status:4 lon:18 lat:17 speed:6 course:9 latency:1 -:1"),
}  # fmt: skip
TEXTS = frozenset({"name", "name_more", "call_sign", "destination", "vendor", "text"})
SIGNED = frozenset({"turn", "lon", "lat", "ne_lon", "ne_lat", "sw_lon", "sw_lat"})
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789-./"
_FIXED = {
    "22": {"addressed": 0}, "22A": {"addressed": 1}, "24A": {"part": 0}, "24B": {"part": 1}, "24C": {"part": 1},
    **{
        f"{kind}{form}": {"addressed": int("A" in form), "structured": int("S" in form)}
        for kind in (25, 26) for form in ("", "S", "A", "AS")
    },
}  # fmt: skip
_COARSE = 600


def kind_of(code: str) -> int:
    """The message type of a layout."""
    return int(code.rstrip("ABCS"))


def payload(code: str, values: Mapping[str, int | str]) -> tuple[str, int]:
    """The armoured payload and fill bits of one message; ValueError when a value does not fit its field."""
    bits = Bits().number(kind_of(code), 6).number(int(values.get("repeat", 0)), 2).number(int(values["mmsi"]), 30)
    given = {**values, **_FIXED.get(code, {})}
    for name, width in LAYOUTS[code]:
        value = given.get(name, "" if name in TEXTS else 0)
        if isinstance(value, str):
            bits.text(value, width // 6)
        else:
            bits.number(value, width)
    return bits.payload()


def chance(code: str, source: random.Random) -> dict[str, int | str]:
    """Any values that a message may have: places on the globe, the rest over its whole width."""
    found: dict[str, int | str] = {"repeat": source.randrange(4), "mmsi": source.randrange(200_000_000, 800_000_000)}
    if code == "24C":
        found["mmsi"] = 980_000_000 + source.randrange(10_000_000)
    for name, width in LAYOUTS[code]:
        if name == "-":
            continue
        if name in TEXTS:
            length = source.randrange(width // 6 + 1)
            found[name] = "".join(source.choice(_ALPHABET) for _ in range(length)).rstrip()
        elif name in SIGNED and name != "turn":
            per_degree = _COARSE if width < 20 else 600_000
            found[name] = source.randrange(-per_degree * (180 if "lon" in name else 90), per_degree * 90 + 1)
        else:
            found[name] = source.randrange(1 << width) - (1 << width - 1 if name == "turn" else 0)
    return found | _FIXED.get(code, {})
