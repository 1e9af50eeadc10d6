"""A null agency: takes every delivery that a connector posts, and acknowledges those that come in one list together."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import orjson


class _Line(asyncio.Protocol):
    """One keep-alive connection of a courier: requests one after another."""

    def __init__(self, agency: Agency) -> None:
        self._agency = agency
        self._transport: asyncio.Transport | None = None
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            _, found, rest = head.partition(b"\r\ncontent-length:")
            whole = end + 4 + (int(rest.split(b"\r\n", 1)[0]) if found else 0)
            if len(self._data) < whole:
                return
            body, self._data = self._data[end + 4 : whole], self._data[whole:]
            assert self._transport is not None
            if head.startswith(b"post"):
                listed = head.split(b" ", 2)[1].endswith(b"/list")
                self._agency.take(self._transport, len(orjson.loads(body)) if listed else 0)
            else:
                self._transport.write(_reply({"lists": True}))


class Agency:
    """A server on the loopback, within an `async with`; `taken` counts deliveries, `batches` the answers to them."""

    def __init__(self) -> None:
        self.taken = self.batches = 0
        self.url = ""
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Line(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    def take(self, transport: asyncio.Transport, listed: int) -> None:
        """Acknowledge a list of so many deliveries at once, or (0) a single one."""
        self.batches += 1
        references = [f"N-{self.taken + at}" for at in range(listed or 1)]
        self.taken += len(references)
        transport.write(_reply({"references": references} if listed else {"reference": references[0]}))


def _reply(document: dict[str, Any]) -> bytes:
    body = orjson.dumps(document)
    return b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
