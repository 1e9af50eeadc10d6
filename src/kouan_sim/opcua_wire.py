"""Bytes of OPC UA as the simulated server writes and reads them; made from the specification (OPC 10000-6), apart from the platform's."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

POLICY = "http://opcfoundation.org/UA/SecurityPolicy#None"
EPOCH = 11_644_473_600
Place = tuple[int, int | str]
"""A node: namespace, and number or name."""


def text(value: str | None) -> bytes:
    """A string."""
    raw = value.encode() if value is not None else b""
    return struct.pack("<i", -1 if value is None else len(raw)) + raw


def blob(value: bytes = b"") -> bytes:
    """A byte string."""
    return struct.pack("<i", len(value)) + value


def listed(*parts: bytes) -> bytes:
    """An array."""
    return struct.pack("<i", len(parts)) + b"".join(parts)


def number(value: int) -> bytes:
    """The number of a type's encoding, in namespace 0."""
    return struct.pack("<BBH", 1, 0, value)


def moment(at: datetime | None = None) -> bytes:
    """A time."""
    return struct.pack("<q", int(((at or datetime.now(UTC)).timestamp() + EPOCH) * 1e6) * 10)


def scalar(value: Any) -> bytes:
    """A value with its type: Boolean, Int32, Double, String, or an array of doubles."""
    if isinstance(value, bool):
        return struct.pack("<BB", 1, value)
    if isinstance(value, int):
        return struct.pack("<Bi", 6, value)
    if isinstance(value, float):
        return struct.pack("<Bd", 11, value)
    if isinstance(value, list):
        return struct.pack("<Bi", 0x80 | 11, len(value)) + struct.pack(f"<{len(value)}d", *value)
    return b"\x0c" + text(str(value))


def dated(value: Any, status: int, at: datetime) -> bytes:
    """A value with its status and the source's time."""
    mask = (0 if value is None else 1) | (2 if status else 0) | 4
    return bytes([mask]) + (b"" if value is None else scalar(value)) + (struct.pack("<I", status) if status else b"") + moment(at)


def endpoint(url: str, mode: int, policy: str, users: bool) -> bytes:
    """A door of the server, and who may enter by it."""
    server = text("urn:sim") + text("urn:sim") + b"\2" + text("模拟 simulated") + struct.pack("<i", 0) + text(None) + text(None) + listed()
    tokens = [_token("anon-0", 0), _token("user-0", 1)] if users else [_token("anon-0", 0)]
    return text(url) + server + blob() + struct.pack("<i", mode) + text(policy) + listed(*tokens) + text(None) + b"\0"


def _token(name: str, kind: int) -> bytes:
    return text(name) + struct.pack("<i", kind) + text(None) + text(None) + text(None)


class Cursor:
    """Reads what a client sent."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def of(self, form: str) -> Any:
        """One number."""
        [found] = struct.unpack_from("<" + form, self.raw, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def blob(self) -> bytes:
        """A string or byte string."""
        size = self.of("i")
        self.at += max(size, 0)
        return self.raw[self.at - max(size, 0) : self.at]

    def node(self) -> Place:
        """A node."""
        kind = self.of("B")
        if kind == 0:
            return 0, int(self.of("B"))
        if kind == 1:
            return int(self.of("B")), int(self.of("H"))
        space = int(self.of("H"))
        if kind == 2:
            return space, int(self.of("I"))
        if kind == 3:
            return space, self.blob().decode()
        raise ValueError("a node of another form")

    def head(self) -> tuple[Place, Place, int]:
        """Kind of the request, its session, its handle."""
        kind, session = self.node(), self.node()
        self.of("q")
        handle = int(self.of("I"))
        self.of("I")
        self.blob()
        self.of("I")
        self.node()
        self.of("B")
        return kind, session, handle

    def value_id(self) -> Place:
        """A node whose value is meant."""
        place = self.node()
        self.of("I")
        self.blob()
        self.of("H")
        self.blob()
        return place
