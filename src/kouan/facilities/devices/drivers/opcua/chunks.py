"""Messages in chunks (OPC 10000-6, 6.7 and 7.1): heads, sequence numbers, and a message put together again. SecurityPolicy None."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kouan.facilities.devices.drivers.opcua.wire import Malformed, Reader, raw, text, u32

HEAD = 8
SMALLEST, BUFFER = 8192, 65_536
"""The smallest buffer that a peer may have, and ours."""
MOST_BYTES, MOST_CHUNKS = 4 << 20, 256
POLICY = "http://opcfoundation.org/UA/SecurityPolicy#None"
_LAST, _FIRST = 0xFFFF_FFFF - 1024, 1024
"""Sequence numbers begin anew below the second after they passed the first."""
HEL, ACK, ERR, OPN, MSG, CLO = b"HEL", b"ACK", b"ERR", b"OPN", b"MSG", b"CLO"


@dataclass(frozen=True, slots=True)
class Message:
    """A whole message: kind, request number (0 for ACK, and for ERR unless a server gave up an answer), and its body."""

    kind: bytes
    request: int
    body: bytes


def size_of(head: bytes) -> int:
    """Bytes of a chunk with its head; Malformed when it is none."""
    size = int.from_bytes(head[4:8], "little")
    if head[:3] not in (HEL, ACK, ERR, OPN, MSG, CLO) or head[3:4] not in (b"F", b"C", b"A") or not HEAD <= size <= BUFFER:
        raise Malformed("head")
    return size


def hello(url: str) -> bytes:
    """The first thing that a client says."""
    return _chunk(HEL, b"F", u32(0, BUFFER, BUFFER, MOST_BYTES, MOST_CHUNKS) + text(url))


def acknowledged(body: bytes) -> int:
    """The server's answer: the most bytes of a chunk that it takes."""
    reader = Reader(body)
    _, most, _, _, _ = (reader.u32() for _ in range(5))
    if most < SMALLEST:
        raise Malformed("buffer")
    return min(most, BUFFER)


def _chunk(kind: bytes, form: bytes, rest: bytes) -> bytes:
    return kind + form + u32(HEAD + len(rest)) + rest


class Sender:
    """Cuts messages into chunks and numbers them."""

    def __init__(self) -> None:
        self.channel = self.token = 0
        self.most = SMALLEST
        self._number = 0

    def send(self, kind: bytes, request: int, body: bytes) -> bytes:
        """A message as bytes."""
        head = u32(self.channel)
        head += text(POLICY) + raw(None) + raw(None) if kind == OPN else u32(self.token)
        room = self.most - HEAD - len(head) - 8
        parts = [body[n : n + room] for n in range(0, len(body), room)] or [b""]
        forms = [b"C"] * (len(parts) - 1) + [b"F"]
        return b"".join(_chunk(kind, form, head + u32(self._next(), request) + part) for form, part in zip(forms, parts, strict=True))

    def _next(self) -> int:
        self._number = 1 if self._number > _LAST else self._number + 1
        return self._number


class Receiver:
    """Takes chunks as bytes come and gives whole messages; Malformed ends the connection."""

    def __init__(self) -> None:
        self._rest = b""
        self._parts: dict[int, list[bytes]] = {}
        self._number: int | None = None

    def feed(self, content: bytes) -> Iterator[Message]:
        """The messages that are whole with these bytes."""
        self._rest += content
        while len(self._rest) >= HEAD:
            size = size_of(self._rest)
            if len(self._rest) < size:
                return
            chunk, self._rest = self._rest[:size], self._rest[size:]
            if (message := self._take(chunk)) is not None:
                yield message

    def _take(self, chunk: bytes) -> Message | None:
        kind, form, reader = chunk[:3], chunk[3:4], Reader(chunk)
        reader.take(HEAD)
        if kind in (HEL, ACK, ERR):
            return Message(kind, 0, chunk[HEAD:])
        reader.u32()
        if kind == OPN:
            if reader.text() != POLICY:
                raise Malformed("security policy")
            reader.raw()
            reader.raw()
        else:
            reader.u32()
        number, request = reader.u32(), reader.u32()
        self._follows(number)
        return self._whole(kind, form, request, chunk[reader.place :])

    def _follows(self, number: int) -> None:
        former, self._number = self._number, number
        if former is not None and number != former + 1 and not (former > _LAST and number < _FIRST):
            raise Malformed("sequence number")

    def _whole(self, kind: bytes, form: bytes, request: int, part: bytes) -> Message | None:
        if form == b"A":
            self._parts.pop(request, None)
            return Message(ERR, request, part)
        parts = self._parts.setdefault(request, [])
        parts.append(part)
        if len(parts) > MOST_CHUNKS or len(self._parts) > MOST_CHUNKS or sum(map(len, parts)) > MOST_BYTES:
            raise Malformed("message too long")
        return Message(kind, request, b"".join(self._parts.pop(request))) if form == b"F" else None
