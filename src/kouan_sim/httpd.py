"""A small HTTP/1.1 server on a loopback socket of its own, for the simulated systems of other parties.

It can be shut and opened again on the same port, so that a system that is down refuses connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import http
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_LONGEST_HEAD = 32 * 1024
_LONGEST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, as JSON."""

    status: int
    document: Any
    media: str = "application/json"


Handler = Callable[[Request], Awaitable[Reply]]


class Broken(Exception):
    """The bytes are no HTTP request that this server takes."""


class Server:
    """Serves one handler on 127.0.0.1; the port stays the same over close and open."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self._handler = handler
        self.port = port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Listen; OSError when the port is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=_LONGEST_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop the open connections."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await asyncio.sleep(0)
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while (request := await _read(reader)) is not None:
                reply = await self._handler(request)
                stay = request.headers.get("connection", "").lower() != "close"
                writer.write(_written(reply, stay))
                await writer.drain()
                if not stay:
                    break
        except Broken as trouble:
            with contextlib.suppress(OSError):
                writer.write(_written(Reply(400, {"problem": str(trouble)}), stay=False))
        except (OSError, asyncio.IncompleteReadError):
            pass  # the caller went away: nothing is owed to it
        finally:
            self._open.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request, or None when the caller closed."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Broken("head too long") from None
    except asyncio.IncompleteReadError as end:
        if end.partial:
            raise Broken("head cut off") from None
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    parts = first.split(" ")
    if len(parts) != 3:
        raise Broken("no request line")
    headers = {name.strip().lower(): value.strip() for name, _, value in (ln.partition(":") for ln in lines)}
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > _LONGEST_BODY or "transfer-encoding" in headers:
        raise Broken("a body of known, moderate length is wanted")
    body = await reader.readexactly(int(length))
    path, _, query = parts[1].partition("?")
    return Request(parts[0], path, query, headers, body)


def _written(reply: Reply, stay: bool) -> bytes:
    body = orjson.dumps(reply.document)
    phrase = http.HTTPStatus(reply.status).phrase
    head = (
        f"HTTP/1.1 {reply.status} {phrase}\r\nContent-Type: {reply.media}\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Connection: {'keep-alive' if stay else 'close'}\r\nServer: kouan-sim\r\n\r\n"
    )
    return head.encode("ascii") + body
