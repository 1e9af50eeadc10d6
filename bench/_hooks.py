"""Subscribers' systems for `bench.push`, each role a process of its own: hooks that take webhooks, listeners that hold SSE streams.

    python -m bench._hooks hooks PORT FILE
    python -m bench._hooks listen FILE < {"url", "token"s by organisation, "ids" by organisation}

Every message is appended to FILE (one JSON line: id, subscription, number, moment of acceptance, moment of arrival) before it
is acknowledged, so that what was taken is known after a kill -9.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop

OK = b"HTTP/1.1 204 No Content\r\n\r\n"


class Journal:
    """What came, written through to the file at once."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, told: dict[str, Any]) -> None:
        """One message."""
        line = [told["id"], told["subscription"], told["seq"], told["at"], time.time()]
        os.write(self._file, orjson.dumps(line) + b"\n")


class Hook(asyncio.Protocol):
    """One keep-alive connection of the courier."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self._data = journal, b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            _, _, rest = self._data[:end].lower().partition(b"\r\ncontent-length:")
            whole = end + 4 + int(rest.split(b"\r\n", 1)[0])
            if len(self._data) < whole:
                return
            body, self._data = self._data[end + 4 : whole], self._data[whole:]
            self._journal.note(orjson.loads(body))
            self._transport.write(OK)


async def hooks(port: int, path: str) -> None:
    """Take webhooks until killed."""
    journal = Journal(path)
    server = await asyncio.get_running_loop().create_server(lambda: Hook(journal), "127.0.0.1", port, backlog=1024)
    print("up", flush=True)
    await server.serve_forever()


async def listen(path: str) -> None:
    """Hold streams until killed; one that ends is taken up again behind its last number."""
    told = json.loads(sys.stdin.read())
    journal = Journal(path)
    host, _, port = told["url"].removeprefix("http://").partition(":")
    ready: list[str] = []

    async def one(token: str, id: str) -> None:
        last = 0
        while True:
            try:
                reader, writer = await asyncio.open_connection(host, int(port))
                # A stream that ends ends its connection, so that it is seen here without reading chunks.
                lines = (f"GET /api/live/push/{id} HTTP/1.1", f"Host: {host}", "Connection: close", f"Authorization: Bearer {token}",
                         f"Last-Event-ID: {last}", "", "")  # fmt: skip
                writer.write("\r\n".join(lines).encode())
                async for line in reader:
                    if line.startswith(b": behind"):
                        ready.append(id)
                    elif line.startswith(b"data: "):
                        found = orjson.loads(line[6:])
                        journal.note(found)
                        last = found["seq"]
            except OSError:
                pass
            await asyncio.sleep(0.2)

    waiting = [asyncio.create_task(one(token, id)) for token, ids in told["ids"] for id in ids]
    while len(set(ready)) < len(waiting):
        await asyncio.sleep(0.1)
    print("up", flush=True)
    await asyncio.gather(*waiting)


def read(path: Path) -> list[list[Any]]:
    """What a journal holds; a line that a kill cut off is not counted."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


if __name__ == "__main__":
    uvloop.run(hooks(int(sys.argv[2]), sys.argv[3]) if sys.argv[1] == "hooks" else listen(sys.argv[2]))
