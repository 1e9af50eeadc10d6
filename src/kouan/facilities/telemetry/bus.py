"""NATS as the platform uses it for signals: batches on a subject, kept for a while by JetStream, thinned when it is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import nats
import orjson
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import Error as StreamError

log = logging.getLogger(__name__)
KEPT_SECONDS = 3600.0
KEPT_BYTES = 256 * 1024 * 1024
Handle = Callable[[Any], Awaitable[None]]


class Bus:
    """One connection to NATS that comes back by itself. `away` counts what could not be sent (signals may be thinned)."""

    def __init__(self, url: str, site: str) -> None:
        self._url, self._site = url, site
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._wanted: list[tuple[str, Handle]] = []
        self.away = 0

    def subject(self, name: str) -> str:
        """The full subject of a signal of this port."""
        return f"kouan.{self._site}.{name}"

    @property
    def connected(self) -> bool:
        """Whether messages go out now."""
        return self._client is not None and self._client.is_connected

    def start(self) -> None:
        """Begin to connect; without an address the bus stays away."""
        if self._url:
            self._task = asyncio.create_task(self._connect(), name="bus")

    async def close(self) -> None:
        """Disconnect."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._client is not None and not self._client.is_closed:
            await asyncio.wait_for(self._client.close(), 1)

    async def listen(self, name: str, handle: Handle) -> None:
        """Hear a subject, now and after every reconnection."""
        self._wanted.append((name, handle))
        if self._client is not None and self.connected:
            await self._subscribe(self._client, name, handle)

    async def send(self, name: str, content: Any) -> bool:
        """Send a batch; False when NATS is away, and the batch is counted as lost to the stream."""
        client = self._client
        if client is None or not self.connected:
            self.away += 1
            return False
        try:
            await client.publish(self.subject(name), orjson.dumps(content))
        except (NatsError, OSError):
            self.away += 1
            return False
        return True

    async def _connect(self) -> None:
        while self._client is None:
            try:
                client = await nats.connect(
                    self._url, max_reconnect_attempts=-1, reconnect_time_wait=0.5, connect_timeout=2, error_cb=_quiet,
                    allow_reconnect=True,
                )  # fmt: skip
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(0.5)
                continue
            self._client = client
            await self._keep(client)
            for name, handle in self._wanted:
                await self._subscribe(client, name, handle)

    async def _keep(self, client: Client) -> None:
        config = StreamConfig(
            name="VESSEL", subjects=[self.subject("vessel.position")], max_age=KEPT_SECONDS, max_bytes=KEPT_BYTES,
            retention=RetentionPolicy.LIMITS, storage=StorageType.FILE,
        )  # fmt: skip
        try:
            await client.jetstream().add_stream(config)
        except (NatsError, StreamError, OSError, TimeoutError) as problem:
            log.warning("the stream is not kept: %s", problem)

    async def _subscribe(self, client: Client, name: str, handle: Handle) -> None:
        async def heard(message: Any) -> None:
            try:
                await handle(orjson.loads(message.data))
            except (orjson.JSONDecodeError, KeyError, TypeError) as problem:
                log.warning("a message on %s could not be read: %s", name, problem)

        await client.subscribe(self.subject(name), cb=heard)


async def _quiet(problem: Exception) -> None:
    log.debug("nats: %s", problem)
