"""Posting over HTTP/1.1 on kept connections: thousands of small posts a second to many hosts, each to the address looked at."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import cast

import httptools

from kouan.kernel import authorities
from kouan.kernel.ways import Place

CONNECT, WAIT = 5.0, 15.0
MOST_ANSWER = 64 << 10
MOST_IDLE, IDLE = 16, 20.0
_CLEAN = str.maketrans("", "", "\r\n\0")


class Away(Exception):
    """The system cannot be reached, broke off, or did not answer in time."""


class _Stale(Away):
    """A kept connection was closed by the other side before it answered anything: another one is tried."""


class _Connection(asyncio.Protocol):
    """One connection; one post at a time."""

    def __init__(self) -> None:
        self.since = 0.0
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._answer: asyncio.Future[int] | None = None
        self._size = 0
        self._began = False
        self.keep = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is none by its class

    def data_received(self, data: bytes) -> None:
        self._began = True
        if self._parser is None or self._answer is None or self._answer.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(Away("the answer is no HTTP"))
            self.close()

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > MOST_ANSWER:
            self._fail(Away("the answer is too long"))
            self.close()

    def on_message_complete(self) -> None:
        parser, answer = self._parser, self._answer
        if parser is None or answer is None or parser.get_status_code() < 200:
            return
        self.keep = bool(parser.should_keep_alive())
        if not answer.done():
            answer.set_result(parser.get_status_code())

    def connection_lost(self, problem: Exception | None) -> None:
        self._transport = None
        self._fail(Away("broken off") if self._began else _Stale("closed"))

    def _fail(self, why: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(why)

    @property
    def usable(self) -> bool:
        """Whether it stands and nothing came unasked."""
        return self._transport is not None and not self._transport.is_closing()

    async def post(self, request: bytes) -> int:
        """Send a request; the status that comes back."""
        if self._transport is None:
            raise _Stale("closed")
        self._parser, self._size, self._began, self.keep = httptools.HttpResponseParser(self), 0, False, False
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Let go of it."""
        if self._transport is not None:
            self._transport.close()


class Wire:
    """All connections of a process, kept by where they lead."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str, str, int], deque[_Connection]] = {}

    async def post(self, place: Place, headers: Mapping[str, str], body: bytes) -> int:
        """Post a JSON body; the status. A redirect is not followed. Raises Away."""
        request = _written(place, headers, body)
        try:
            async with asyncio.timeout(WAIT):
                try:
                    return await self._once(place, request, fresh=False)
                except _Stale:
                    return await self._once(place, request, fresh=True)
        except TimeoutError:
            raise Away(f"no answer within {WAIT:.0f} s") from None
        except OSError as trouble:
            raise Away(type(trouble).__name__) from trouble

    async def _once(self, place: Place, request: bytes, *, fresh: bool) -> int:
        connection = (None if fresh else self._kept(place)) or await self._opened(place)
        try:
            status = await connection.post(request)
        except BaseException:
            connection.close()
            raise
        self._keep(place, connection)
        return status

    def _kept(self, place: Place) -> _Connection | None:
        idle, now = self._idle.get(place.line), asyncio.get_running_loop().time()
        while idle:
            found = idle.pop()
            if found.usable and found.since > now - IDLE:
                return found
            found.close()
        return None

    async def _opened(self, place: Place) -> _Connection:
        secure = place.scheme == "https"
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT):
            _, connection = await loop.create_connection(
                _Connection, place.ip, place.port,
                ssl=authorities.trusted() if secure else None, server_hostname=place.host if secure else None,
            )  # fmt: skip
        return connection

    def _keep(self, place: Place, connection: _Connection) -> None:
        idle = self._idle.setdefault(place.line, deque())
        if connection.keep and connection.usable and len(idle) < MOST_IDLE:
            connection.since = asyncio.get_running_loop().time()
            idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Let go of all of them."""
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()


def _written(place: Place, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"[{place.host}]" if ":" in place.host else place.host
    usual = {"https": 443, "http": 80}[place.scheme] == place.port
    lines = [f"POST {place.path} HTTP/1.1", f"Host: {host if usual else f'{host}:{place.port}'}", "User-Agent: Kouan",
             "Content-Type: application/json", f"Content-Length: {len(body)}",
             *(f"{name}: {value.translate(_CLEAN)}" for name, value in headers.items())]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body
