"""Requests of a client (OPC 10000-4, encoded after OPC 10000-6): channel, session, reading, subscription."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kouan.facilities.devices.addresses import NodeId
from kouan.facilities.devices.drivers.opcua.wire import double, extension, i32, many, node, raw, text, time, u32, words

FAULT = 397
OPEN, CLOSE, CREATE_SESSION, ACTIVATE, CLOSE_SESSION = 446, 452, 461, 467, 473
READ, MONITOR, SUBSCRIBE, PUBLISH = 631, 751, 787, 826
ANSWERS = {OPEN: 449, CREATE_SESSION: 464, ACTIVATE: 470, CLOSE_SESSION: 476, READ: 634, MONITOR: 754, SUBSCRIBE: 790, PUBLISH: 829}
"""The answer that belongs to each request, by the numbers of their binary encodings."""
ANONYMOUS, USER_NAME = 321, 324
VALUE = 13
"""The attribute of a node that holds its value."""
SERVER_STATE = NodeId(0, 2259)
_CLIENT, _NO_SECURITY, _BOTH_TIMES, _REPORTING = 1, 1, 2, 2
NAME = "Kouan"


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the head of each request: the session's token, the request's number, when, and how long it may take (ms)."""

    token: NodeId
    request: int
    at: datetime
    patience_ms: int

    def of(self, kind: int) -> bytes:
        """The kind of a request and its head."""
        token = node(self.token)
        return node(NodeId(0, kind)) + token + time(self.at) + u32(self.request, 0) + text(None) + u32(self.patience_ms) + extension(0, b"")


def open_channel(head: Head, renew: bool, lifetime_ms: int) -> bytes:
    """Open a channel, or renew its token."""
    return head.of(OPEN) + u32(0) + i32(int(renew)) + i32(_NO_SECURITY) + raw(None) + u32(lifetime_ms)


def close_channel(head: Head) -> bytes:
    """Leave. It is not answered."""
    return head.of(CLOSE)


def create_session(head: Head, url: str, nonce: bytes, timeout_ms: float, most: int) -> bytes:
    """Begin a session."""
    told = text("urn:kouan:client") + text("urn:kouan") + words(NAME) + i32(_CLIENT) + text(None) + text(None) + many(())
    return head.of(CREATE_SESSION) + told + text(None) + text(url) + text(NAME) + raw(nonce) + raw(None) + double(timeout_ms) + u32(most)


def activate_session(head: Head, token: bytes) -> bytes:
    """Say who one is, by `anonymous` or `user_name`."""
    signature = text(None) + raw(None)
    return head.of(ACTIVATE) + signature + many(()) + many((text("en"),)) + token + signature


def anonymous(policy: str) -> bytes:
    """Nobody in particular."""
    return extension(ANONYMOUS, text(policy))


def user_name(policy: str, user: str, password: str) -> bytes:
    """A user with a password, which goes over the line as it is: there is no security policy that would hide it."""
    return extension(USER_NAME, text(policy) + text(user) + raw(password.encode()) + text(None))


def close_session(head: Head) -> bytes:
    """End the session and its subscriptions."""
    return head.of(CLOSE_SESSION) + b"\1"


def read(head: Head, nodes: Sequence[NodeId]) -> bytes:
    """The values of some nodes now."""
    return head.of(READ) + double(0) + i32(_BOTH_TIMES) + many(_value(one) for one in nodes)


def subscribe(head: Head, every_ms: float, lifetime: int, keep_alive: int) -> bytes:
    """A subscription. `lifetime` and `keep_alive` count intervals of `every_ms`."""
    return head.of(SUBSCRIBE) + double(every_ms) + u32(lifetime, keep_alive, 0) + b"\1\0"


def monitor(head: Head, subscription: int, nodes: Iterable[tuple[int, NodeId]], every_ms: float, queue: int) -> bytes:
    """Values of nodes when they change, by numbers of one's own."""
    settings = double(every_ms) + extension(0, b"") + u32(queue) + b"\1"
    items = many(_value(one) + i32(_REPORTING) + u32(number) + settings for number, one in nodes)
    return head.of(MONITOR) + u32(subscription) + i32(_BOTH_TIMES) + items


def publish(head: Head, had: Iterable[tuple[int, int]]) -> bytes:
    """Wait for the next notification; `had`: those that arrived, by subscription and number."""
    return head.of(PUBLISH) + many(u32(*one) for one in had)


def _value(one: NodeId) -> bytes:
    return node(one) + u32(VALUE) + text(None) + bytes(2) + text(None)
