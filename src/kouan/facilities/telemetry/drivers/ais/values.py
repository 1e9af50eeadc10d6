"""One message as values: the same layouts as the columns, read from one long number. For single lines, and to check columns."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from kouan.facilities.telemetry.drivers.ais.applications import ALPHABET, APPLICATIONS, areas
from kouan.facilities.telemetry.drivers.ais.columns import STEPS, TURN_MOST
from kouan.facilities.telemetry.drivers.ais.fields import Field, Layout
from kouan.facilities.telemetry.drivers.ais.layouts import AUXILIARY, LAYOUTS, RADIO_AT_END, RADIO_BITS, SAME

TYPES = range(1, 28)
_SIX = {char: (char - 48 if char < 88 else char - 56) for char in (*range(48, 88), *range(96, 120))}
_FLAGS_OF_WIDTH = 1


class Unread(ValueError):
    """A payload that is no message; its text is the cause's code."""


def variant(kind: int, two: int, addressed: int, auxiliary: bool) -> str | None:
    """The layout of a type: by bits 38-39, bit 139 and the kind of MMSI where the type has variants; None: not defined."""
    if kind == 22:
        return "22A" if addressed else "22"
    if kind == 24:
        return "24A" if two == 0 else ("24C" if auxiliary else "24B") if two == 1 else None
    if kind in {25, 26}:
        return f"{kind}{'A' * (two >> 1)}{'S' * (two & 1)}"
    return SAME.get(kind, str(kind))


class Message:
    """The bits of one payload. Unread where a sign is not armoured six-bit, or the type needs more bits."""

    __slots__ = ("_value", "bits", "kind")

    def __init__(self, payload: bytes, fill: int) -> None:
        value = 0
        try:
            for char in payload:
                value = value << 6 | _SIX[char]
        except KeyError:
            raise Unread("payload") from None
        self.bits = len(payload) * 6 - fill
        self._value = value >> fill
        if not payload:
            raise Unread("empty")
        self.kind = _SIX[payload[0]]
        if self.kind not in TYPES:
            raise Unread(f"type_{self.kind}")

    def take(self, start: int, width: int) -> int:
        """Bits as a number; zero beyond the end."""
        shift = self.bits - start - width
        value = self._value >> shift if shift >= 0 else self._value << -shift
        return value & ((1 << width) - 1)

    def layout(self) -> Layout:
        """Its layout; Unread when it is too short for it or its variant is not defined."""
        code = variant(self.kind, self.take(38, 2), self.take(139, 1), self.take(8, 30) in AUXILIARY)
        if code is None:
            raise Unread("variant")
        layout = LAYOUTS[code]
        if self.bits < layout.least:
            raise Unread("short")
        return layout

    def values(self, layout: Layout) -> dict[str, Any]:
        """The fields of a layout; None where "not available" or cut off."""
        found: dict[str, Any] = {}
        for field in layout.fields:
            if field.numeric:
                found[field.name] = self._number(field) if field.end <= self.bits else None
            elif field.kind == "text":
                found[field.name] = self._text(field)
            else:
                found.update(self._data(layout, field))
        if "turn_steps" in found:
            steps = found["turn_steps"]
            known = steps is not None and abs(steps) <= TURN_MOST
            found["turn"] = math.copysign((steps / STEPS) ** 2, steps) if known else None
        return found

    def _number(self, field: Field) -> float | bool | int | None:
        raw = self.take(field.start, field.width)
        if field.signed and raw >> (field.width - 1):
            raw -= 1 << field.width
        if (field.low is not None and raw < field.low) or (field.high is not None and raw > field.high):
            return None
        if field.kind == "float":
            return raw / field.scale + field.base
        return bool(raw) if field.width == _FLAGS_OF_WIDTH else raw

    def _text(self, field: Field) -> str:
        room = max(self.bits - field.start, 0) // 6
        chars = min(room, field.width // 6) if field.width else room
        found = "".join(ALPHABET[self.take(field.start + 6 * n, 6)] for n in range(chars))
        return found.split("@", 1)[0].strip(" ")

    def _data(self, layout: Layout, field: Field) -> dict[str, Any]:
        trailer = RADIO_BITS if layout.code in RADIO_AT_END else 0
        size = max(self.bits - field.start - trailer, 0)
        octets = (size + 7) // 8
        body = (self.take(field.start, size) << (octets * 8 - size)).to_bytes(octets)
        found: dict[str, Any] = {field.name: body, f"{field.name}_bits": size}
        if trailer:
            found["radio"] = self.take(self.bits - trailer, trailer) if self.bits >= field.start + trailer else None
        if field.name == "areas":
            found["areas"] = areas(body, size)
        return found


@cache
def application(kind: int, dac: int, fid: int) -> Layout | None:
    """The layout of what a binary message carries, where it is known."""
    return APPLICATIONS.get((kind, dac, fid))


def fields(payload: bytes, fill: int = 0) -> dict[str, Any]:
    """All fields of one whole payload by name, "not available" as None; raises Unread with the cause's code.

    Degrees WGS 84, knots, degrees true, metres. Binary messages keep their raw `data` (bytes, left-aligned, `data_bits`
    of it mean something); where the application is known, its fields stand beside it under `application`.
    """
    message = Message(payload, fill)
    layout = message.layout()
    found = message.values(layout)
    if message.kind in {6, 8}:
        inner = application(message.kind, found["dac"], found["fid"])
        if inner is not None and message.bits >= inner.least:
            found["application"] = message.values(inner)
    return found
