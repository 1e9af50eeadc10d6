"""Answers of a server (OPC 10000-4, encoded after OPC 10000-6), as far as a client of values needs them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from kouan.facilities.devices.addresses import NodeId
from kouan.facilities.devices.drivers.opcua import requests
from kouan.facilities.devices.drivers.opcua.wire import DataValue, Malformed, Reader

DATA_CHANGE, STATUS_CHANGE = 811, 820
ANONYMOUS_TOKEN, USER_NAME_TOKEN = 0, 1


class Refusal(Exception):
    """The server answers a request with a status code of its own instead."""

    def __init__(self, code: int) -> None:
        super().__init__(f"0x{code:08X}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Token:
    """A channel's token and how long it holds, milliseconds."""

    channel: int
    token: int
    lifetime_ms: int


@dataclass(frozen=True, slots=True)
class Policy:
    """A way in which a user may say who he is: its name, its kind, and under which security policy a secret must go."""

    name: str
    kind: int
    security: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A door of the server: its security mode (1: none) and policy, and who may enter by it."""

    mode: int
    security: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A session: the token of its requests, how long it lives without one (ms), and the server's doors."""

    token: NodeId
    timeout_ms: float
    endpoints: tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as the server grants it: number, interval in milliseconds, keep-alive count."""

    number: int
    every_ms: float
    keep_alive: int


@dataclass(frozen=True, slots=True)
class Notification:
    """What a subscription tells: values by the client's numbers, or (`ended`) the status code with which it ends."""

    subscription: int
    number: int
    more: bool
    values: tuple[tuple[int, DataValue], ...]
    ended: int = 0

    @property
    def empty(self) -> bool:
        """Whether it is a sign of life only, which uses up no number."""
        return not self.values and not self.ended


def answer(body: bytes, kind: int) -> Reader:
    """The answer to a request of a kind, behind its head; Refusal when the server refuses, Malformed when it is another."""
    reader = Reader(body)
    found = reader.node()
    if found not in (NodeId(0, requests.FAULT), NodeId(0, requests.ANSWERS[kind])):
        raise Malformed("another answer")
    reader.take(12)
    code = reader.u32()
    reader.diagnostics()
    reader.many(reader.raw)
    reader.extension()
    if code >> 30 or found.name == requests.FAULT:
        raise Refusal(code)
    return reader


def opened(reader: Reader) -> Token:
    """A channel."""
    reader.u32()
    channel, token, _, lifetime = reader.u32(), reader.u32(), reader.take(8), reader.u32()
    return Token(channel, token, lifetime)


def session(reader: Reader) -> Session:
    """A session."""
    reader.node()
    token, timeout = reader.node(), reader.double()
    reader.raw()
    reader.raw()
    return Session(token, timeout, tuple(reader.many(lambda: _endpoint(reader))))


def _endpoint(reader: Reader) -> Endpoint:
    for _ in range(3):
        reader.raw()
    reader.words()
    reader.i32()
    for _ in range(2):
        reader.raw()
    reader.many(reader.raw)
    reader.raw()
    mode, security = reader.i32(), reader.text()
    policies = reader.many(lambda: _policy(reader))
    reader.raw()
    reader.u8()
    return Endpoint(mode, security, tuple(policies))


def _policy(reader: Reader) -> Policy:
    name, kind = reader.text(), reader.i32()
    reader.raw()
    reader.raw()
    return Policy(name, kind, reader.text())


def values(reader: Reader) -> list[DataValue]:
    """The values that were read, in the order in which they were asked for."""
    return reader.many(reader.data_value)


def subscription(reader: Reader) -> Subscription:
    """A subscription."""
    number, every = reader.u32(), reader.double()
    reader.u32()
    return Subscription(number, every, reader.u32())


def monitored(reader: Reader) -> list[int]:
    """The status code of each node that shall be monitored."""
    return reader.many(lambda: _monitored(reader))


def _monitored(reader: Reader) -> int:
    code = reader.u32()
    reader.u32()
    reader.double()
    reader.u32()
    reader.extension()
    return code


def _item(reader: Reader) -> tuple[int, DataValue]:
    return reader.u32(), reader.data_value()


def notification(reader: Reader) -> Notification:
    """What a subscription tells."""
    number = reader.u32()
    reader.many(reader.u32)
    more, sequence = reader.u8() != 0, reader.u32()
    reader.take(8)
    found: list[tuple[int, DataValue]] = []
    ended = 0
    for kind, body in reader.many(reader.extension):
        inner = Reader(body)
        if kind == NodeId(0, DATA_CHANGE):
            found += inner.many(partial(_item, inner))
        elif kind == NodeId(0, STATUS_CHANGE):
            ended = inner.u32()
    return Notification(number, sequence, more, tuple(found), ended)
