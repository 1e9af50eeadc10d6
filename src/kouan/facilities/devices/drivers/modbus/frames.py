"""Frames of Modbus TCP (MODBUS Messaging on TCP/IP 1.0b, Application Protocol 1.1b3): reading of coils, inputs and registers."""

from __future__ import annotations

import struct
from dataclasses import dataclass

COILS, DISCRETES, HOLDINGS, INPUTS = 1, 2, 3, 4
FUNCTIONS = {"coil": COILS, "discrete": DISCRETES, "holding": HOLDINGS, "input": INPUTS}
MOST_BITS, MOST_WORDS = 2000, 125
HEAD = 7
"""Bytes before the function code: number, protocol, length, unit."""
LONGEST = 254
"""The largest value of the length field: unit, and a protocol data unit of 253 bytes."""
EXCEPTIONS = {
    1: "illegal_function", 2: "illegal_address", 3: "illegal_value", 4: "device_failure", 5: "acknowledge", 6: "busy",
    8: "memory_parity", 10: "gateway_path", 11: "gateway_target",
}  # fmt: skip
BEHIND = frozenset({"gateway_path", "gateway_target"})
"""A gateway says so of a device that does not answer it."""


class Malformed(ValueError):
    """The bytes are no frame of Modbus TCP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: registers (two bytes each, high byte first) or bits (the first in the lowest place), or the exception that is told."""

    number: int
    unit: int
    function: int
    data: bytes = b""
    trouble: str = ""

    @property
    def values(self) -> tuple[int, ...]:
        """Registers or bits in order; bits fill up their last byte."""
        if self.function in (COILS, DISCRETES):
            return tuple(byte >> place & 1 for byte in self.data for place in range(8))
        return struct.unpack(f">{len(self.data) // 2}H", self.data)


def request(number: int, unit: int, function: int, start: int, count: int) -> bytes:
    """A request to read."""
    body = bytes([unit, function]) + start.to_bytes(2, "big") + count.to_bytes(2, "big")
    return number.to_bytes(2, "big") + bytes(2) + len(body).to_bytes(2, "big") + body


def length(head: bytes) -> int:
    """Bytes that follow a head of seven; Malformed when it is none."""
    size = int.from_bytes(head[4:6], "big")
    if len(head) != HEAD or head[2:4] != b"\0\0" or not 3 <= size <= LONGEST:
        raise Malformed("head")
    return size - 1


def answer(head: bytes, body: bytes) -> Answer:
    """An answer out of its head and what follows it; Malformed when it is none to a request to read."""
    number, unit, function, rest = int.from_bytes(head[:2], "big"), head[6], body[0], body[1:]
    if function & 0x80:
        if len(rest) != 1:
            raise Malformed("exception")
        return Answer(number, unit, function & 0x7F, b"", EXCEPTIONS.get(rest[0], f"exception_{rest[0]}"))
    if function not in FUNCTIONS.values() or rest[0] != len(rest) - 1 or len(rest) < 2:
        raise Malformed("body")
    if function in (HOLDINGS, INPUTS) and rest[0] % 2:
        raise Malformed("half a register")
    return Answer(number, unit, function, rest[1:])
