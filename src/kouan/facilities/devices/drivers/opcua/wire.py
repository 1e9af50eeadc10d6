"""The built-in types of OPC UA in binary (OPC 10000-6, 5.2): how they are read and written. Nothing is trusted: every length is checked."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from kouan.facilities.devices.addresses import NodeId

T = TypeVar("T")
DEEPEST = 12
"""Values within values; what lies deeper is refused."""
_EPOCH_TICKS = 116_444_736_000_000_000
"""100 ns from 1601, where the protocol's time begins, to 1970."""
_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_TWO, _FOUR, _NUMERIC, _STRING, _GUID, _OPAQUE = range(6)
_HAS_URI, _HAS_SERVER = 0x80, 0x40


class Malformed(ValueError):
    """The bytes are not what the protocol says."""


@dataclass(frozen=True, slots=True)
class DataValue:
    """A value with its status code and time (microseconds UTC; 0: not told).

    Only booleans and numbers count as readings; moments and status codes are given as text."""

    value: Any = None
    status: int = 0
    at: int = 0


class Reader:
    """Reads one message from its beginning to its end."""

    __slots__ = ("_raw", "place")

    def __init__(self, raw: bytes) -> None:
        self._raw, self.place = raw, 0

    @property
    def left(self) -> int:
        """Bytes that are not read yet."""
        return len(self._raw) - self.place

    def take(self, size: int) -> bytes:
        """So many bytes."""
        if not 0 <= size <= self.left:
            raise Malformed("ends too soon")
        self.place += size
        return self._raw[self.place - size : self.place]

    def number(self, form: str) -> Any:
        """One number; `form` as struct has it, without the order of bytes."""
        shape = _SHAPES[form]
        return shape.unpack(self.take(shape.size))[0]

    def u8(self) -> int:
        """A byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """An unsigned integer of 16 bits."""
        return int.from_bytes(self.take(2), "little")

    def u32(self) -> int:
        """An unsigned integer of 32 bits."""
        return int.from_bytes(self.take(4), "little")

    def i32(self) -> int:
        """An integer of 32 bits."""
        return int.from_bytes(self.take(4), "little", signed=True)

    def double(self) -> float:
        """A number of 64 bits."""
        return float(self.number("d"))

    def raw(self) -> bytes:
        """A byte string; a null one is empty."""
        size = self.i32()
        return b"" if size == -1 else self.take(size)

    def text(self) -> str:
        """A string; a null one is empty."""
        return self.raw().decode("utf-8", "replace")

    def time(self) -> int:
        """A moment in microseconds since 1970, UTC; 0 for none, and for what lies before."""
        return max(0, (int(self.number("q")) - _EPOCH_TICKS) // 10)

    def many(self, one: Callable[[], T]) -> list[T]:
        """An array; each element takes a byte at least, so a count beyond the message is refused before anything is made."""
        count = self.i32()
        if count > self.left:
            raise Malformed("more elements than bytes")
        return [one() for _ in range(count)]

    def node(self) -> NodeId:
        """A node, expanded or not; its server and the name of its namespace are passed over."""
        kind = self.u8()
        found = self._node(kind & 0x3F)
        if kind & _HAS_URI:
            self.raw()
        if kind & _HAS_SERVER:
            self.u32()
        return found

    def _node(self, kind: int) -> NodeId:
        if kind == _TWO:
            return NodeId(0, self.u8())
        if kind == _FOUR:
            return NodeId(self.u8(), self.u16())
        if kind > _OPAQUE:
            raise Malformed("no such form of a node")
        space = self.u16()
        if kind == _NUMERIC:
            return NodeId(space, self.u32())
        if kind == _STRING:
            return NodeId(space, self.text())
        return NodeId(space, UUID(bytes_le=self.take(16)) if kind == _GUID else self.raw())

    def words(self) -> str:
        """A localised text: its text."""
        mask = self.u8()
        if mask & 1:
            self.raw()
        return self.text() if mask & 2 else ""

    def extension(self) -> tuple[NodeId, bytes]:
        """An extension object: its encoding and its body."""
        kind, form = self.node(), self.u8()
        if form > 2:
            raise Malformed("no such form of an extension object")
        return kind, self.raw() if form else b""

    def diagnostics(self, depth: int = 0) -> None:
        """Pass over what is told for the diagnosis of servers."""
        if depth > DEEPEST:
            raise Malformed("too deep")
        mask = self.u8()
        for bit in (1, 2, 4, 8):
            if mask & bit:
                self.i32()
        if mask & 0x10:
            self.raw()
        if mask & 0x20:
            self.u32()
        if mask & 0x40:
            self.diagnostics(depth + 1)

    def data_value(self, depth: int = 0) -> DataValue:
        """A value with status and time: the source's time where it is told, else the server's."""
        mask = self.u8()
        value = self.variant(depth + 1) if mask & 1 else None
        status = self.u32() if mask & 2 else 0
        source = self.time() if mask & 4 else 0
        if mask & 0x10:
            self.u16()
        server = self.time() if mask & 8 else 0
        if mask & 0x20:
            self.u16()
        return DataValue(value, status, source or server)

    def variant(self, depth: int = 0) -> Any:
        """A value of any type; an array is a list, whatever its dimensions."""
        if depth > DEEPEST:
            raise Malformed("too deep")
        mask = self.u8()
        kind = mask & 0x3F
        if kind == 0:
            return None
        if kind not in _BUILT_IN:
            raise Malformed("no such type")
        one = _BUILT_IN[kind]
        if not mask & 0x80:
            return one(self, depth)
        found = self.many(lambda: one(self, depth))
        if mask & 0x40:
            self.many(self.i32)
        return found


_SHAPES = {form: struct.Struct("<" + form) for form in "bBhHiIqQfd"}


def _plain(form: str) -> Callable[[Reader, int], Any]:
    return lambda reader, _: reader.number(form)


def _qualified(reader: Reader) -> str:
    reader.u16()
    return reader.text()


_BUILT_IN: dict[int, Callable[[Reader, int], Any]] = {
    1: lambda reader, _: reader.u8() != 0,
    **{kind: _plain(form) for kind, form in enumerate("bBhHiIqQfd", 2)},
    12: lambda reader, _: reader.text(), 13: lambda reader, _: str(reader.time()), 14: lambda reader, _: UUID(bytes_le=reader.take(16)),
    15: lambda reader, _: reader.raw(), 16: lambda reader, _: reader.raw(), 17: lambda reader, _: reader.node(),
    18: lambda reader, _: reader.node(), 19: lambda reader, _: str(reader.u32()), 20: lambda reader, _: _qualified(reader),
    21: lambda reader, _: reader.words(), 22: lambda reader, _: reader.extension(), 23: lambda reader, depth: reader.data_value(depth + 1),
    24: lambda reader, depth: reader.variant(depth + 1), 25: lambda reader, depth: reader.diagnostics(depth + 1),
}  # fmt: skip


def u32(*values: int) -> bytes:
    """Unsigned integers of 32 bits."""
    return b"".join(value.to_bytes(4, "little") for value in values)


def i32(value: int) -> bytes:
    """An integer of 32 bits."""
    return value.to_bytes(4, "little", signed=True)


def double(value: float) -> bytes:
    """A number of 64 bits."""
    return struct.pack("<d", value)


def raw(content: bytes | None) -> bytes:
    """A byte string."""
    return i32(-1) if content is None else i32(len(content)) + content


def text(content: str | None) -> bytes:
    """A string."""
    return raw(None if content is None else content.encode())


def words(content: str) -> bytes:
    """A localised text without a locale."""
    return b"\2" + text(content)


def many(elements: Iterable[bytes]) -> bytes:
    """An array of what is written already."""
    listed = list(elements)
    return i32(len(listed)) + b"".join(listed)


def time(at: datetime) -> bytes:
    """A moment."""
    delta = at - _UTC
    ticks = (delta.days * 86_400 + delta.seconds) * 10_000_000 + delta.microseconds * 10 + _EPOCH_TICKS
    return ticks.to_bytes(8, "little", signed=True)


def node(one: NodeId) -> bytes:
    """A node in its shortest form."""
    space = one.namespace.to_bytes(2, "little")
    if isinstance(one.name, str):
        return bytes([_STRING]) + space + text(one.name)
    if isinstance(one.name, UUID):
        return bytes([_GUID]) + space + one.name.bytes_le
    if isinstance(one.name, bytes):
        return bytes([_OPAQUE]) + space + raw(one.name)
    if one.namespace == 0 and one.name <= 0xFF:
        return bytes([_TWO, one.name])
    if one.namespace <= 0xFF and one.name <= 0xFFFF:
        return bytes([_FOUR, one.namespace]) + one.name.to_bytes(2, "little")
    return bytes([_NUMERIC]) + space + u32(one.name)


def extension(kind: int, body: bytes) -> bytes:
    """An extension object of the protocol's own namespace; without a kind, none."""
    return node(NodeId(0, kind)) + (b"\1" + raw(body) if kind else b"\0")
