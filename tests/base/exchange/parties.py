"""A tiny real HTTP server of a party: takes deliveries, can be down, slow, broken or picky."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson


@dataclass
class Party:
    """What it was told, and how it answers: `status` of the next answers, `pause` before each in seconds."""

    port: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    calls: int = 0
    status: Callable[[dict[str, Any]], int] = lambda _delivery: 200
    body: bytes | None = None
    pause: float = 0.0
    lists: bool = False
    listed: list[list[str]] = field(default_factory=list)
    server: asyncio.Server | None = None
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        if self.server:
            self.server.close()
            for writer in self.open:
                writer.close()
            await self.server.wait_closed()
            self.server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        await asyncio.sleep(self.pause)
        status, answer = self._answer(lines[0], headers, body)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
            + answer
        )
        await writer.drain()
        return True

    def _answer(self, line: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if line.startswith("GET /check "):
            return 200, orjson.dumps({"status": "ok", "lists": self.lists})
        self.calls += 1
        if line.startswith("POST /deliveries/list "):
            return self._list(headers, orjson.loads(body))
        delivery = _delivery(headers, body)
        self.headers.append(headers)
        self.bodies.append(body)
        status = self.status(delivery)
        if status == 200:
            self.told.append(delivery)
            self.events.append(headers["x-kouan-event"])
        return status, self.body if self.body is not None else orjson.dumps({"reference": f"REF-{len(self.told)}"})

    def _list(self, headers: dict[str, str], told: list[dict[str, Any]]) -> tuple[int, bytes]:
        """All of a list, or none of it."""
        self.headers.append(headers)
        self.listed.append([one["event"] for one in told])
        status = max(self.status(one) for one in told)
        if status == 200:
            self.told += told
            self.events += self.listed[-1]
        return status, self.body or orjson.dumps({"references": [f"REF-{at}" for at in range(len(told))]})

    async def wait(self, count: int, seconds: float = 20) -> list[dict[str, Any]]:
        """What it was told, once it is so much."""
        async with asyncio.timeout(seconds):
            while len(self.told) < count:
                await asyncio.sleep(0.02)
        return self.told


async def first(its: Party, record: str, seconds: float = 20) -> dict[str, Any]:
    """The first that a party was told of a record type; what it is told of others may come before."""
    async with asyncio.timeout(seconds):
        while True:
            for one in its.told:
                if one["record"] == record:
                    return one
            await asyncio.sleep(0.02)


def _delivery(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The envelope; of a message of another standard the facts of its headers, with what it holds where it is JSON."""
    if "x-kouan-record" not in headers:
        found: dict[str, Any] = orjson.loads(body)
        return found
    facts = {name.removeprefix("x-kouan-").replace("-", "_"): unquote(v) for name, v in headers.items() if name.startswith("x-kouan-")}
    media = headers["content-type"]
    return {**facts, "version": int(facts["version"]), "media": media, "data": orjson.loads(body) if "json" in media else body}


@asynccontextmanager
async def party(**how: Any) -> AsyncIterator[Party]:
    """A party that is up."""
    made = Party(**how)
    await made.up()
    try:
        yield made
    finally:
        await made.down()
