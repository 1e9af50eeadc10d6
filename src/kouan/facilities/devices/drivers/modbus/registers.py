"""Which registers are read together, and what values are in them."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kouan.facilities.devices.addresses import BITS, Register
from kouan.facilities.devices.drivers.modbus.frames import FUNCTIONS, MOST_BITS, MOST_WORDS

GAP_WORDS, GAP_BITS = 8, 64
"""Registers or bits that nobody asked for and that are read along, rather than asking once more."""
_FORMS = {
    "int16": struct.Struct(">h"), "uint16": struct.Struct(">H"), "int32": struct.Struct(">i"), "uint32": struct.Struct(">I"),
    "float32": struct.Struct(">f"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """One request: function, first address, how many, and the metrics that its answer holds."""

    function: int
    start: int
    count: int
    of: tuple[tuple[str, Register], ...]

    def values(self, data: bytes) -> Iterator[tuple[str, float]]:
        """The metrics of an answer's bytes; those that the answer is too short for are missing."""
        for name, place in self.of:
            found = value(place, data, place.address - self.start)
            if found is not None:
                yield name, found

    def singly(self) -> list[Read]:
        """The same, a request for each metric."""
        return [Read(self.function, place.address, place.size, ((name, place),)) for name, place in self.of]


def plan(wanted: Mapping[str, Register]) -> list[Read]:
    """The requests that read some metrics, as few as the protocol's limits and small gaps allow."""
    reads: list[Read] = []
    for name, place in sorted(wanted.items(), key=lambda pair: (pair[1].table, pair[1].address, pair[0])):
        most, gap = (MOST_BITS, GAP_BITS) if place.table in BITS else (MOST_WORDS, GAP_WORDS)
        last = reads[-1] if reads and reads[-1].function == FUNCTIONS[place.table] else None
        end = place.address + place.size
        if last and place.address <= last.start + last.count + gap and end - last.start <= most:
            reads[-1] = Read(last.function, last.start, max(last.count, end - last.start), (*last.of, (name, place)))
        else:
            reads.append(Read(FUNCTIONS[place.table], place.address, place.size, ((name, place),)))
    return reads


def value(place: Register, data: bytes, at: int) -> float | None:
    """The value that begins at a register (or bit) of an answer; None behind its end. It may be no finite number."""
    if place.table in BITS:
        return float(data[at >> 3] >> (at & 7) & 1) if at >> 3 < len(data) else None
    if 2 * (at + place.size) > len(data):
        return None
    if place.type in _FORMS:
        if place.swapped:
            low, high = data[2 * at : 2 * at + 2], data[2 * at + 2 : 2 * at + 4]
            return float(_FORMS[place.type].unpack(high + low)[0])
        return float(_FORMS[place.type].unpack_from(data, 2 * at)[0])
    return float(int.from_bytes(data[2 * at : 2 * at + 2], "big") >> int(place.type.removeprefix("bit")) & 1)
