"""Streams of AIS for tests: all messages by an encoder of its own, put together as receivers would, and what they must give."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from kouan.facilities.telemetry.drivers.ais.decoder import Columns, Decoder
from kouan_sim.ais import Talker
from kouan_sim.ais_messages import LAYOUTS, chance, payload

CODES = tuple(LAYOUTS)
FAMILY = {"2": "1", "3": "1", "11": "4", "13": "7"}
SCALES = {
    "speed": 10, "course": 10, "lon": 600_000, "lat": 600_000, "draught": 10, "ne_lon": 600, "ne_lat": 600, "sw_lon": 600,
    "sw_lat": 600,
}  # fmt: skip
COARSE = {("17", "lon"): 600, ("17", "lat"): 600, ("27", "lon"): 600, ("27", "lat"): 600, ("27", "speed"): 1, ("9", "speed"): 1,
          ("27", "course"): 1}  # fmt: skip
HIGHEST = {
    "speed": 1022, "course": 3599, "heading": 359, "hour": 23, "minute": 59, "altitude": 4094, "month": 12, "day": 31, "turn": 127,
}  # fmt: skip
LOWEST = {"month": 1, "day": 1, "imo": 1, "year": 1, "turn": -127}
HIGHEST_OF = {("27", "speed"): 62, ("27", "course"): 359, ("4", "second"): 59, ("11", "second"): 59}
LOWEST_OF = {("5", "ship_type"): 1, ("19", "ship_type"): 1, ("24B", "ship_type"): 1, ("24C", "ship_type"): 1}


def expected(code: str, name: str, raw: int | str) -> float | int | str | None:
    """What a raw value means by the standard; None for "not available"."""
    if isinstance(raw, str):
        return raw.strip()
    high, low = HIGHEST_OF.get((code, name), HIGHEST.get(name)), LOWEST_OF.get((code, name), LOWEST.get(name))
    if (high is not None and raw > high) or (low is not None and raw < low):
        return None
    scale = COARSE.get((code, name), SCALES.get(name))
    return raw / scale if scale else raw


def check(code: str, values: Mapping[str, int | str], found: Mapping[str, Any]) -> None:
    """Assert that decoded fields (None: absent) are what was encoded."""
    for name, _ in LAYOUTS[code]:
        if name in {"-", "data"}:
            continue
        wanted = expected(code, name, values[name])
        assert found["turn_steps" if name == "turn" else name] == wanted or abs(found[name] - wanted) < 1e-4 * max(
            1, abs(wanted) / 1000
        ), (code, name)


def row(family: Mapping[str, Any], place: int) -> dict[str, Any]:
    """One row of a family with absent numbers as None and texts as str."""
    found: dict[str, Any] = {}
    for name, column in family.items():
        value = column[place]
        if isinstance(value, bytes):
            found[name] = value if column.dtype == object else value.decode()
        elif column.dtype.kind == "f":
            found[name] = None if np.isnan(value) else float(value)
        elif column.dtype.kind in "ui" and name not in {"line", "at", "source"}:
            limits = np.iinfo(column.dtype)
            found[name] = None if value == (limits.min if column.dtype.kind == "i" else limits.max) else int(value)
        else:
            found[name] = value.item()
    return found


def stream(seed: int, count: int, tagged: bool = True) -> tuple[list[str], list[tuple[str, dict[str, int | str]]]]:
    """Sentences of `count` random messages of all kinds, and what they say."""
    source = random.Random(seed)
    talkers = [Talker(channel, "SIM-1" if tagged else "") for channel in "AB"]
    said = [(code, chance(code, source)) for code in (source.choice(CODES) for _ in range(count))]
    sentences = [
        line for place, (code, values) in enumerate(said)
        for line in source.choice(talkers).sentences(payload(code, values), 1_763_770_000 + place if tagged else None)
    ]  # fmt: skip
    return sentences, said


def together(pieces: Iterable[bytes]) -> tuple[dict[str, dict[str, list[Any]]], dict[str, int]]:
    """Families of a stream that came in pieces, as lists, with all counts."""
    decoder = Decoder()
    families: dict[str, dict[str, list[Any]]] = {}
    counts: dict[str, int] = {}
    for piece in pieces:
        found = decoder.feed(piece)
        for code, family in found.families.items():
            for name, column in family.items():
                families.setdefault(code, {}).setdefault(name, []).extend(repr(value) for value in column.tolist())
        add(counts, found)
    return families, counts


def add(counts: dict[str, int], found: Columns) -> None:
    """Add the counts of one piece; what waits is the latest."""
    counts["waiting"] = found.waiting
    for name in ("lines", "messages", "parts"):
        counts[name] = counts.get(name, 0) + getattr(found, name)
    for name, number in (found.refused + found.noted).items():
        counts[name] = counts.get(name, 0) + number


def balanced(counts: Mapping[str, int]) -> bool:
    """Whether every line has exactly one fate."""
    notes = {"lines", "messages", "parts", "waiting", "truncated", "tag_checksum"}
    refused = sum(number for name, number in counts.items() if name not in notes)
    return counts["lines"] == counts["messages"] + counts["parts"] + counts["waiting"] + refused
