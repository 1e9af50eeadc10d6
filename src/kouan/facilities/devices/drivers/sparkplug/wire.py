"""The wire format of protocol buffers, as far as a Sparkplug payload needs it: fields of a message, and how to write one.

Varint, 64-bit, length-delimited and 32-bit fields; groups are refused. Nothing is trusted: every length is checked.
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_MOST_BYTES = 10


class Malformed(ValueError):
    """The bytes are no message."""


def fields(content: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """The fields of a message in order: number, wire type, and an integer or the bytes; Malformed when it ends too soon."""
    place, size = 0, len(content)
    while place < size:
        tag, place = varint(content, place)
        number, kind = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise Malformed("field number")
        if kind == VARINT:
            value, place = varint(content, place)
            yield number, kind, value
        elif kind == BYTES:
            length, place = varint(content, place)
            yield number, kind, _cut(content, place, length)
            place += length
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
            yield number, kind, _cut(content, place, length)
            place += length
        else:
            raise Malformed("wire type")


def varint(content: bytes, place: int) -> tuple[int, int]:
    """An unsigned integer of at most 64 bits and the place behind it."""
    value = 0
    for step in range(_MOST_BYTES):
        if place + step >= len(content):
            raise Malformed("ends in a varint")
        byte = content[place + step]
        value |= (byte & 0x7F) << 7 * step
        if not byte & 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place + step + 1
    raise Malformed("varint too long")


def _cut(content: bytes, place: int, length: int) -> bytes:
    if length > len(content) - place:
        raise Malformed("ends in a field")
    return content[place : place + length]


def put(number: int, value: int | bytes, kind: int | None = None) -> bytes:
    """One field: an integer as varint, bytes with their length unless `kind` says fixed."""
    kind = kind if kind is not None else BYTES if isinstance(value, bytes) else VARINT
    head = put_varint(number << 3 | kind)
    if isinstance(value, int):
        return head + put_varint(value)
    return head + (put_varint(len(value)) if kind == BYTES else b"") + value


def put_varint(value: int) -> bytes:
    """An unsigned integer in seven bits a byte."""
    made = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        made.append(low | (0x80 if value else 0))
        if not value:
            return bytes(made)
