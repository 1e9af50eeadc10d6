"""A small MQTT 3.1.1 client for simulated devices: connect with a last will, publish, subscribe, ping (OASIS MQTT 3.1.1)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE, _SUBACK, _PING, _DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 14
_KEEPALIVE = 30
Heard = Callable[[str, bytes], Awaitable[None]]


class NotConnected(Exception):
    """The broker is away, or does not let this client in."""


def _text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def _packet(kind: int, flags: int, body: bytes) -> bytes:
    length, head = len(body), bytearray([kind << 4 | flags])
    while True:
        length, digit = divmod(length, 128)
        head.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


class Mqtt:
    """One connection. `will`: topic and body that the broker publishes when the client is lost."""

    def __init__(self, host: str, port: int, user: str, password: str, name: str, will: tuple[str, bytes] | None = None) -> None:
        self._host, self._port, self._user, self._password, self._name, self._will = host, port, user, password, name, will
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = itertools.cycle(range(1, 0xFFFF))
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._heard: Heard | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        try:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        except OSError as trouble:
            raise NotConnected(str(trouble)) from trouble
        will = _text(self._will[0]) + len(self._will[1]).to_bytes(2, "big") + self._will[1] if self._will else b""
        flags = 0xC2 | (0x04 if self._will else 0)
        head = _text("MQTT") + bytes([4, flags]) + _KEEPALIVE.to_bytes(2, "big")
        self._writer.write(_packet(_CONNECT, 0, head + _text(self._name) + will + _text(self._user) + _text(self._password)))
        try:
            kind, _, body = await asyncio.wait_for(self._read(), 5)
        except (asyncio.IncompleteReadError, TimeoutError, OSError) as trouble:
            await self.close(politely=False)
            raise NotConnected("no answer to CONNECT") from trouble
        if kind != _CONNACK or body[1:2] != b"\0":
            await self.close(politely=False)
            raise NotConnected(f"refused: {body.hex()}")
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._ping())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(politely=kind is None)

    async def close(self, *, politely: bool = True) -> None:
        """Leave; without saying so the broker publishes the last will."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is not None:
            if politely:
                self._writer.write(_packet(_DISCONNECT, 0, b""))
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def publish(self, topic: str, body: bytes) -> None:
        """Publish with quality of service 1; returns when the broker has it. Raises NotConnected after five seconds."""
        number = next(self._numbers)
        await self._asked(number, _packet(_PUBLISH, 2, _text(topic) + number.to_bytes(2, "big") + body))

    def say(self, topic: str, body: bytes) -> None:
        """Publish with quality of service 0: nothing is waited for, so it may be used while a message is being heard."""
        if self._writer is not None:
            self._writer.write(_packet(_PUBLISH, 0, _text(topic) + body))

    async def subscribe(self, topic: str, heard: Heard) -> None:
        """Hear a topic; one handler for the connection."""
        self._heard = heard
        number = next(self._numbers)
        await self._asked(number, _packet(_SUBSCRIBE, 2, number.to_bytes(2, "big") + _text(topic) + b"\1"))

    async def _asked(self, number: int, packet: bytes) -> None:
        if self._writer is None:
            raise NotConnected("not connected")
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(packet)
            await asyncio.wait_for(answer, 5)
        except (TimeoutError, OSError) as trouble:
            raise NotConnected("no acknowledgement") from trouble
        finally:
            self._waiting.pop(number, None)

    async def _read(self) -> tuple[int, int, bytes]:
        assert self._reader is not None
        first, length, shift = (await self._reader.readexactly(1))[0], 0, 0
        while True:
            digit = (await self._reader.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            if not digit & 0x80:
                return first >> 4, first & 0x0F, await self._reader.readexactly(length)
            shift += 7

    async def _listen(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                kind, flags, body = await self._read()
                if kind in (_PUBACK, _SUBACK):
                    answer = self._waiting.get(int.from_bytes(body[:2], "big"))
                    if answer is not None and not answer.done():
                        answer.set_result(None)
                elif kind == _PUBLISH:
                    await self._published(flags, body)

    async def _published(self, flags: int, body: bytes) -> None:
        size = int.from_bytes(body[:2], "big")
        topic, rest = body[2 : 2 + size].decode(), body[2 + size :]
        if flags >> 1 & 3:
            if self._writer is not None:
                self._writer.write(_packet(_PUBACK, 0, rest[:2]))
            rest = rest[2:]
        if self._heard is not None:
            await self._heard(topic, rest)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(_KEEPALIVE / 2)
            if self._writer is not None:
                self._writer.write(_packet(_PING, 0, b""))
