"""Many messages of one layout as columns: one array for each field, in its unit, with "not available" marked.

Floats (degrees, knots, metres, °C): NaN. Whole numbers and flags: the largest value of their type, which no field reaches;
signed ones (turn): the smallest. Texts: empty. Raw application data: an object array of bytes beside `<name>_bits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from kouan.facilities.telemetry.drivers.ais.fields import Field, Layout
from kouan.facilities.telemetry.drivers.ais.layouts import RADIO_AT_END, RADIO_BITS
from kouan.facilities.telemetry.drivers.ais.sixbit import Array, Plan, bits, texts

STEPS = 4.733  # steps of the turn indicator for the root of a degree a minute
TURN_MOST = 126
_FINE = 18  # bits from which a scaled number needs double precision


def dtype_of(field: Field) -> np.dtype[Any]:
    """The NumPy type of a number's column."""
    if field.kind == "float":
        return np.dtype("f8" if field.width >= _FINE else "f4")
    if field.signed:
        return np.dtype("i2")
    return np.dtype("u1" if field.width < 8 else "u2" if field.width < 16 else "u4")


def absent_of(field: Field) -> Any:
    """What a number's column holds where nothing is known."""
    kind = dtype_of(field)
    if kind.kind == "f":
        return np.nan
    return np.iinfo(kind).min if field.signed else np.iinfo(kind).max


@dataclass(frozen=True, slots=True)
class _Group:
    """Numbers of one type that are treated together: rows `first` to `last` of a plan."""

    names: tuple[str, ...]
    ends: Array
    first: int
    last: int
    kind: np.dtype[Any]
    extend: Array | None
    low: Array | None
    high: Array | None
    scale: Array | None
    base: Array | None
    absent: Any

    def columns(self, raw: Array) -> Array:
        """The numbers in their unit, a row for each field."""
        part: Array = raw[self.first : self.last]
        if self.extend is not None:
            part = (part << self.extend).view(np.int64) >> self.extend.view(np.int64)
        found = part.astype(self.kind)
        if self.scale is not None:
            found /= self.scale
            found += self.base
        if self.high is not None:
            np.copyto(found, self.absent, where=(part > self.high) | (part < self.low))
        return found


@cache
def _table(layout: Layout) -> tuple[tuple[_Group, ...], Plan]:
    sorts: dict[tuple[Any, ...], list[Field]] = {}
    for field in layout.fields:
        if field.numeric:
            limited = field.low is not None or field.high is not None
            sorts.setdefault((dtype_of(field), field.signed, limited, field.kind), []).append(field)
    groups: list[_Group] = []
    spans: list[tuple[int, int]] = []
    for (kind, signed, limited, _), fields in sorts.items():
        groups.append(_group(fields, len(spans), kind, signed, limited))
        spans += [(field.start, field.width) for field in fields]
    return tuple(groups), Plan.of(spans)


def _group(fields: list[Field], first: int, kind: np.dtype[Any], signed: bool, limited: bool) -> _Group:
    def column(values: list[Any], dtype: Any) -> Array:
        return np.array(values, dtype)[:, None]

    limits = np.int64 if signed else np.uint64
    least = [-(1 << field.width - 1) if signed else 0 for field in fields]
    most = [1 << field.width for field in fields]
    scaled = kind.kind == "f"
    return _Group(
        tuple(field.name for field in fields), np.array([field.end for field in fields]), first, first + len(fields), kind,
        column([64 - field.width for field in fields], np.uint64) if signed else None,
        column([n if f.low is None else f.low for f, n in zip(fields, least, strict=True)], limits) if limited else None,
        column([n if f.high is None else f.high for f, n in zip(fields, most, strict=True)], limits) if limited else None,
        column([field.scale for field in fields], kind) if scaled else None,
        column([field.base for field in fields], kind) if scaled else None,
        absent_of(fields[0]),
    )  # fmt: skip


def read(layout: Layout, signs: Array, lengths: Array) -> dict[str, Array]:
    """The columns of a payload matrix; `lengths`: bits of each message, at least `layout.least` each."""
    groups, plan = _table(layout)
    raw = plan.numbers(signs)
    some_cut = bool((lengths < layout.full).any())
    found: dict[str, Array] = {}
    for group in groups:
        columns = group.columns(raw)
        if some_cut:
            np.copyto(columns, group.absent, where=lengths < group.ends[:, None])
        found.update(zip(group.names, columns, strict=True))
    if "turn_steps" in found:
        found["turn"] = _turns(found["turn_steps"])
    for field in layout.fields:
        if field.kind == "text":
            found[field.name] = _text(field, signs, lengths)
        elif field.kind == "data":
            found.update(_data(layout, field, signs, lengths))
    return found


def _turns(steps: Array) -> Array:
    """Degrees a minute, positive to starboard: (steps / 4.733)²; NaN without an indicator (-128, and ±127: only a side)."""
    rates = (steps.astype(np.float32) / np.float32(STEPS)) ** 2 * np.sign(steps)
    rates[np.abs(steps.astype(np.int32)) > TURN_MOST] = np.nan
    return rates


def _text(field: Field, signs: Array, lengths: Array) -> Array:
    room = np.maximum(lengths - field.start, 0) // 6
    most = field.width // 6 or max(int(room.max(initial=1)), 1)
    return texts(signs, field.start, np.minimum(room, most), most)


def _data(layout: Layout, field: Field, signs: Array, lengths: Array) -> dict[str, Array]:
    trailer = RADIO_BITS if layout.code in RADIO_AT_END else 0
    sizes = np.maximum(lengths - field.start - trailer, 0)
    units = max(int((sizes.max(initial=0) + 7) // 8), 1)
    octets = np.ascontiguousarray(bits(signs, field.start, units, 8))
    if trailer:
        octets *= np.arange(units) < ((sizes + 7) // 8)[:, None]
        ends = np.maximum(sizes - 1, 0) // 8
        keep = (0xFF00 >> ((sizes - 1) % 8 + 1)) & 0xFF
        octets[np.arange(len(octets)), ends] &= np.where(sizes > 0, keep, 0).astype(np.uint8)
    whole = octets.tobytes()
    rows = np.empty(len(signs), object)
    rows[:] = [whole[n * units : n * units + (size + 7) // 8] for n, size in enumerate(sizes.tolist())]
    found = {field.name: rows, f"{field.name}_bits": sizes.astype(np.uint16)}
    if trailer:
        found["radio"] = _last(signs, lengths)
    return found


def _last(signs: Array, lengths: Array) -> Array:
    """The communication state of message 26: the last bits, wherever the message ends."""
    found = np.full(len(signs), np.iinfo(np.uint32).max, np.uint32)
    for row, length in enumerate(lengths.tolist()):
        four = (signs[row, (length - RADIO_BITS) // 6 :][:5]).tolist() + [0] * 5
        start = (length - RADIO_BITS) % 6
        value = sum(six << (24 - 6 * n) for n, six in enumerate(four[:5]))
        found[row] = value >> (30 - RADIO_BITS - start) & ((1 << RADIO_BITS) - 1)
    return found
