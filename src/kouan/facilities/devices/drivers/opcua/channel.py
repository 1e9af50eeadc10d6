"""A secure channel without security over TCP: opened, renewed before it ends, and requests matched with their answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime

from kouan.facilities.devices.addresses import NodeId
from kouan.facilities.devices.drivers.opcua import answers, chunks, requests
from kouan.facilities.devices.drivers.opcua.chunks import Message
from kouan.facilities.devices.drivers.opcua.requests import Head
from kouan.facilities.devices.drivers.opcua.status import name
from kouan.facilities.devices.drivers.opcua.wire import Malformed, Reader
from kouan.facilities.devices.lining import Lost

LIFETIME_MS = 3_600_000
RENEW_AT = 0.75
"""Part of its lifetime after which a channel's token is renewed."""
Make = Callable[[Head], bytes]


class Channel:
    """One connection. All that goes wrong on it raises Lost with its cause, for everyone who waits."""

    def __init__(self, url: str, patience: float, lifetime_ms: int = LIFETIME_MS) -> None:
        self.session = NodeId(0, 0)
        self.renewals = 0
        self._url, self._patience, self._lifetime = url, patience, lifetime_ms
        self._sender, self._receiver = chunks.Sender(), chunks.Receiver()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._request = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._lost: Lost | None = None

    async def open(self, host: str, port: int) -> None:
        """Connect, say hello, open the channel."""
        async with asyncio.timeout(self._patience):
            self._reader, self._writer = await asyncio.open_connection(host, port)
            self._writer.write(chunks.hello(self._url))
            await self._greeted()
        self._tasks.append(asyncio.create_task(self._listen()))
        lifetime = await self._token(renew=False)
        self._tasks.append(asyncio.create_task(self._renew(lifetime)))

    async def close(self) -> None:
        """Leave, saying so where that still can be heard."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._fail(Lost("closed"))
        if hasattr(self, "_writer"):
            with contextlib.suppress(OSError):
                self._writer.write(self._sender.send(chunks.CLO, self._next(), requests.close_channel(self._head())))
                self._writer.close()

    async def ask(self, kind: int, make: Make, patience: float | None = None) -> Reader:
        """Send a request and wait for its answer: `Refusal` by the server, `Lost` when none comes in time (never with patience 0)."""
        if self._lost is not None:
            raise self._lost
        number = self._next()
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        seconds = self._patience if patience is None else patience
        try:
            self._writer.write(self._sender.send(self._form(kind), number, make(self._head(number, seconds))))
            async with asyncio.timeout(seconds or None):
                await self._writer.drain()
                return answers.answer(await answer, kind)
        except TimeoutError as slow:
            raise Lost("timeout") from slow
        except Malformed as wrong:
            raise Lost("opcua.malformed") from wrong
        finally:
            self._waiting.pop(number, None)

    @staticmethod
    def _form(kind: int) -> bytes:
        return chunks.OPN if kind == requests.OPEN else chunks.MSG

    def _next(self) -> int:
        self._request = self._request % 0xFFFF_FFFE + 1
        return self._request

    def _head(self, request: int = 0, seconds: float = 0) -> Head:
        return Head(self.session, request, datetime.now(UTC), int(seconds * 1000))

    async def _token(self, *, renew: bool) -> float:
        """Open or renew; answers how long the token holds, seconds."""
        reader = await self.ask(requests.OPEN, lambda head: requests.open_channel(head, renew, self._lifetime))
        try:
            token = answers.opened(reader)
        except Malformed as wrong:
            raise Lost("opcua.malformed") from wrong
        self._sender.channel, self._sender.token = token.channel, token.token
        return max(token.lifetime_ms, 1000) / 1000

    async def _renew(self, lifetime: float) -> None:
        while True:
            await asyncio.sleep(RENEW_AT * lifetime)
            try:
                lifetime = await self._token(renew=True)
            except answers.Refusal as refusal:
                self._fail(Lost(f"opcua.{name(refusal.code)}"))
                return
            except Lost as lost:
                self._fail(lost)
                return
            self.renewals += 1

    async def _greeted(self) -> None:
        try:
            head = await self._reader.readexactly(chunks.HEAD)
            body = await self._reader.readexactly(chunks.size_of(head) - chunks.HEAD)
            if head[:3] == chunks.ERR:
                raise _told(body)
            if head[:3] != chunks.ACK:
                raise Lost("opcua.malformed")
            self._sender.most = chunks.acknowledged(body)
        except Malformed as wrong:
            raise Lost("opcua.malformed") from wrong
        except asyncio.IncompleteReadError as gone:
            raise Lost("hung_up") from gone

    async def _listen(self) -> None:
        try:
            while content := await self._reader.read(65_536):
                for message in self._receiver.feed(content):
                    self._came(message)
            self._fail(Lost("hung_up"))
        except Malformed:
            self._fail(Lost("opcua.malformed"))
        except Lost as lost:
            self._fail(lost)
        except OSError:
            self._fail(Lost("hung_up"))

    def _came(self, message: Message) -> None:
        if message.kind == chunks.ERR and not message.request:
            raise _told(message.body)
        waiting = self._waiting.get(message.request)
        if waiting is None or waiting.done():
            return
        if message.kind == chunks.ERR:
            waiting.set_exception(_told(message.body))
        elif message.kind in (chunks.MSG, chunks.OPN):
            waiting.set_result(message.body)

    def _fail(self, lost: Lost) -> None:
        self._lost = self._lost or lost
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(self._lost)


def _told(body: bytes) -> Lost:
    """The server ends the connection, or an answer, and says why."""
    return Lost(f"opcua.{name(Reader(body).u32())}")
