"""MQTT 3.1.1 packets (ISO/IEC 20922:2016) as a server reads and writes them: what a client that only takes messages needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

CONNECT, PUBACK, SUBSCRIBE, UNSUBSCRIBE, PINGREQ, DISCONNECT = 1, 4, 8, 10, 12, 14
PINGRESP = b"\xd0\x00"
ACCEPTED, OTHER_VERSION, UNAVAILABLE, REFUSED = 0, 1, 3, 5
"""Return codes of CONNACK (3.2.2.3)."""
NOT_GRANTED = 0x80
MOST = 16 << 10
"""Bytes of the longest packet that is read: who only takes has little to say."""
_HAS_USER, _HAS_PASSWORD, _HAS_WILL, _CLEAN, _RESERVED = 0x80, 0x40, 0x04, 0x02, 0x01
_FLAGS = {SUBSCRIBE: 2, UNSUBSCRIBE: 2}


class Malformed(Exception):
    """What came is no MQTT 3.1.1: the connection is closed (4.8)."""


class OtherVersion(Exception):
    """The client speaks another version."""


@dataclass(frozen=True, slots=True)
class Connect:
    """CONNECT. `keepalive`: seconds within which the client says something; 0: it need not. A last will is read and left alone."""

    client: str
    clean: bool
    keepalive: int
    user: str
    password: str


class Packets:
    """Packets out of a stream of bytes; they may come in pieces and several at once."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Kind and content of each packet that is whole now. Raises Malformed."""
        self._held += data
        while (found := self._next()) is not None:
            yield found

    def _next(self) -> tuple[int, bytes] | None:
        length, shift, at = 0, 0, 1
        while True:
            if at >= len(self._held):
                return None
            digit = self._held[at]
            length, shift, at = length | (digit & 0x7F) << shift, shift + 7, at + 1
            if not digit & 0x80:
                break
            if shift > 21:
                raise Malformed("length")
        if length > MOST:
            raise Malformed("too long")
        if len(self._held) < at + length:
            return None
        first, body = self._held[0], bytes(self._held[at : at + length])
        del self._held[: at + length]
        if first & 0x0F != _FLAGS.get(first >> 4, 0) and first >> 4 != 3:
            raise Malformed("flags")
        return first >> 4, body


class _Content:
    """The content of a packet, read from its beginning."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def number(self, size: int) -> int:
        """An unsigned number of so many bytes."""
        return int.from_bytes(self._taken(size), "big")

    def text(self) -> str:
        """A text (1.5.3)."""
        try:
            found = self._taken(self.number(2)).decode()
        except UnicodeDecodeError as wrong:
            raise Malformed("text") from wrong
        if "\0" in found:
            raise Malformed("text")
        return found

    def data(self) -> bytes:
        """Bytes behind their length."""
        return self._taken(self.number(2))

    @property
    def left(self) -> bool:
        """Whether there is more."""
        return self._at < len(self._body)

    def _taken(self, size: int) -> bytes:
        found = self._body[self._at : self._at + size]
        if len(found) < size:
            raise Malformed("short")
        self._at += size
        return found


def connect(body: bytes) -> Connect:
    """CONNECT (3.1). Raises Malformed, or OtherVersion."""
    content = _Content(body)
    name, level, flags = content.text(), content.number(1), content.number(1)
    if name not in ("MQTT", "MQIsdp"):
        raise Malformed("protocol")
    if (name, level) != ("MQTT", 4):
        raise OtherVersion(str(level))
    if flags & _RESERVED or (flags & _HAS_PASSWORD and not flags & _HAS_USER):
        raise Malformed("flags")
    keepalive, client = content.number(2), content.text()
    if flags & _HAS_WILL:
        content.text()
        content.data()
    user = content.text() if flags & _HAS_USER else ""
    password = content.data() if flags & _HAS_PASSWORD else b""
    if content.left:
        raise Malformed("too much")
    return Connect(client, bool(flags & _CLEAN), keepalive, user, password.decode(errors="replace"))


def acknowledged(body: bytes) -> int:
    """The number that a PUBACK names (3.4)."""
    if len(body) != 2:
        raise Malformed("PUBACK")
    return int.from_bytes(body, "big")


def asked(body: bytes, *, qos: bool = True) -> tuple[int, list[tuple[str, int]]]:
    """Number, and topic filters with the quality of service asked, of a SUBSCRIBE (3.8); without `qos` of an UNSUBSCRIBE (3.10)."""
    content, filters = _Content(body), list[tuple[str, int]]()
    number = content.number(2)
    while content.left:
        filters.append((content.text(), content.number(1) if qos else 0))
    if not filters or any(level > 2 for _, level in filters):
        raise Malformed("filters")
    return number, filters


def shared(topic: str) -> tuple[str, str]:
    """The group's name and the topic of a filter `$share/{group}/{topic}`, as brokers of 3.1.1 take over from MQTT 5 (4.8.2); no name
    where it is an ordinary filter."""
    if not topic.startswith("$share/"):
        return "", topic
    group, _, rest = topic.removeprefix("$share/").partition("/")
    return (group, rest) if group and not set(group) & set("+#") else ("", "")


def packet(first: int, *parts: bytes) -> bytes:
    """A packet: its first byte, its length, its content."""
    body = b"".join(parts)
    length, head = len(body), bytearray([first])
    while True:
        length, digit = divmod(length, 128)
        head.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


def connack(code: int) -> bytes:
    """CONNACK (3.2), always of a new session: the client subscribes anew, and what it has not acknowledged comes anew."""
    return packet(0x20, bytes([0, code]))


def suback(number: int, codes: Sequence[int]) -> bytes:
    """SUBACK (3.9)."""
    return packet(0x90, number.to_bytes(2, "big"), bytes(codes))


def unsuback(number: int) -> bytes:
    """UNSUBACK (3.11)."""
    return packet(0xB0, number.to_bytes(2, "big"))


def publish(topic: str, number: int, content: bytes) -> bytes:
    """PUBLISH with quality of service 1 (3.3)."""
    raw = topic.encode()
    return packet(0x32, len(raw).to_bytes(2, "big"), raw, number.to_bytes(2, "big"), content)
