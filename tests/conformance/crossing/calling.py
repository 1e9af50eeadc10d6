"""Asking over kept connections, with as little work as can be: the walks together are some ten thousand short questions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

PATIENCE = 60.0
BUSY, TRIES = b'"rule":"bulkhead"', 30
"""How a service says that it has too many requests just now; how often it is asked again, a second after the other."""
PLAIN = "/:@!$&'()*+,;=~"
"""Signs of a path that stand for themselves (RFC 3986, 3.3)."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, the header fields as they were sent, and the content."""

    status_code: int
    head: str
    content: bytes

    @property
    def text(self) -> str:
        """The content as a text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The content read as JSON."""
        return json.loads(self.content)


class Caller:
    """One account's connections to a platform, as many as it asks at once."""

    def __init__(self, url: str, token: str) -> None:
        told = urlsplit(url)
        self._host, self._port = str(told.hostname), int(told.port or 80)
        self._fields = f"Host: {told.netloc}\r\nAuthorization: Bearer {token}\r\nAccept: */*\r\n"
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Ask for something."""
        return await self._call("GET", path, params)

    async def delete(self, path: str) -> Answer:
        """Ask to remove something."""
        return await self._call("DELETE", path)

    async def post(self, path: str, told: Any) -> Answer:
        """Ask with a body, sent as JSON."""
        return await self._call("POST", path, None, json.dumps(told).encode())

    async def _call(self, method: str, path: str, params: Mapping[str, Any] | None = None, body: bytes = b"") -> Answer:
        asked = quote(path, safe=PLAIN) + (f"?{urlencode(params)}" if params else "")
        sized = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        sent = f"{method} {asked} HTTP/1.1\r\n{self._fields}{sized}\r\n".encode() + body
        answer = await self._once(sent)
        for _ in range(TRIES):
            if answer.status_code != 503 or BUSY not in answer.content:
                break
            await asyncio.sleep(1)
            answer = await self._once(sent)
        return answer

    async def _once(self, sent: bytes) -> Answer:
        async with asyncio.timeout(PATIENCE):
            while self._free:
                reader, writer = self._free.pop()
                try:
                    return await self._ask(reader, writer, sent)
                except (asyncio.IncompleteReadError, ConnectionError) as gone:  # kept too long: the platform has hung up meanwhile
                    writer.close()
                    if getattr(gone, "partial", b""):
                        raise
            return await self._ask(*await asyncio.open_connection(self._host, self._port, limit=1 << 20), sent)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> Answer:
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if fields.get("transfer-encoding") == "chunked":
            content = b"".join([part async for part in _chunks(reader)])
        else:
            content = await reader.readexactly(int(fields.get("content-length") or 0))
        if fields.get("connection") == "close":
            writer.close()
        else:
            self._free.append((reader, writer))
        return Answer(int(lines[0].split(" ", 2)[1]), head, content)

    def close(self) -> None:
        """Hang up."""
        for _, writer in self._free:
            writer.close()
        self._free.clear()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The parts of a content whose length was not known when it began (RFC 9112, 7.1)."""
    while size := int((await reader.readuntil(b"\r\n")).partition(b";")[0], 16):
        yield (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")


@asynccontextmanager
async def calling(url: str, token: str) -> AsyncIterator[Caller]:
    """Connections that are closed at the end."""
    caller = Caller(url, token)
    try:
        yield caller
    finally:
        caller.close()
