"""A way by TCP to a server that listens on a local socket only."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import free_port


@contextlib.contextmanager
def bridged(path: Path) -> Iterator[int]:
    """A TCP port that leads to a local socket: PostgreSQL here listens on no port."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    port = free_port()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_unix_connection(str(path))
        await asyncio.gather(pump(reader, ours), pump(theirs, writer))

    async def serve(over: asyncio.Event) -> None:
        async with await asyncio.start_server(joined, "127.0.0.1", port):
            ready.set()
            await over.wait()

    over = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(over),), daemon=True)
    thread.start()
    ready.wait(10)
    yield port
    loop.call_soon_threadsafe(over.set)
    thread.join(10)
    loop.close()
