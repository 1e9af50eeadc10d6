"""Simulated systems of others at work beside a running platform, and calls to its doors."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kouan_sim.httpd import Server
from tests.conftest import Running

T = TypeVar("T")
PATIENCE = 90.0


@contextmanager
def at_work(*servers: Server) -> Iterator[asyncio.AbstractEventLoop]:
    """Servers on sockets of their own, in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    for server in servers:
        asyncio.run_coroutine_threadsafe(server.open(), loop).result(30)
    try:
        yield loop
    finally:
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def call(platform: Running, org: str, method: str, path: str, status: int = 200, **more: Any) -> Any:
    """The answer to an organisation's call, which must have the status expected."""
    with platform.client(org) as client:
        answer = client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def until(look: Callable[[], T], holds: Callable[[T], Any]) -> T:
    """What is seen as soon as it holds."""
    limit = time.monotonic() + PATIENCE
    while not holds(found := look()):
        assert time.monotonic() < limit, found
        time.sleep(0.2)
    return found
