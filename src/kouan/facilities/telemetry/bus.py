"""NATS as the platform uses it: frames kept for a while by JetStream and read in order, short news told to who listens now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import nats
import orjson
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import SlowConsumerError
from nats.js.api import RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as StreamError

from kouan.kernel.settings import servers

log = logging.getLogger(__name__)
STREAM = "SIGNALS"
FORMER = "VESSEL"
KEPT_SECONDS = 3600.0
KEPT_BYTES = (1 << 30, 256 << 20, 64 << 20)
"""Bytes of the stream; less where the disk has no room for that much."""
NO_STORAGE = 10047
"""JetStream's error code: insufficient storage resources available."""
TWICE_SECONDS = 600.0
"""Seconds for which JetStream knows a batch by its id, and takes it once however often it is sent."""
AWAY = (NatsError, StreamError, OSError, TimeoutError)
"""What it means that NATS is away or does not answer: try again later."""
Handle = Callable[[Any], Awaitable[None]]


class Bus:
    """One connection to NATS, or to any server of a cluster, that comes back by itself.

    `away` counts the news that could not be told, `overrun` messages that came faster than they were taken and were let go.
    """

    def __init__(self, url: str, site: str, replicas: int = 1) -> None:
        self._servers, self._site, self._replicas = servers(url), site, replicas
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._wanted: list[tuple[str, Callable[[Any], Awaitable[None]]]] = []
        self.away = self.overrun = 0

    def subject(self, name: str) -> str:
        """The full subject of a name of this port."""
        return f"kouan.{self._site}.{name}"

    @property
    def connected(self) -> bool:
        """Whether messages go out now."""
        return self._client is not None and self._client.is_connected

    @property
    def client(self) -> Client | None:
        """The connection, while there is one."""
        return self._client if self.connected else None

    def start(self) -> None:
        """Begin to connect; without an address the bus stays away."""
        if self._servers:
            self._task = asyncio.create_task(self._connect(), name="bus")

    async def close(self) -> None:
        """Disconnect."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._client is not None and not self._client.is_closed:
            await asyncio.wait_for(self._client.close(), 1)

    async def listen(self, name: str, handle: Handle) -> None:
        """Hear JSON news on a subject, now and after every reconnection."""

        async def heard(message: Any) -> None:
            try:
                await handle(orjson.loads(message.data))
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as problem:
                log.warning("a message on %s could not be read: %s", name, problem)

        await self.hear(name, heard)

    async def hear(self, name: str, heard: Callable[[Any], Awaitable[None]]) -> None:
        """Hear messages on a subject as they are (`data`, `subject`, `respond`), now and after every reconnection."""
        self._wanted.append((name, heard))
        if self._client is not None and self.connected:
            await self._client.subscribe(self.subject(name), cb=heard)

    async def send(self, name: str, content: Any) -> bool:
        """Tell JSON news to who listens now; False, and counted, when NATS is away."""
        return await self.tell(name, orjson.dumps(content))

    async def tell(self, name: str, content: bytes) -> bool:
        """Tell bytes to who listens now; False, and counted, when NATS is away."""
        client = self.client
        try:
            if client is not None:
                await client.publish(self.subject(name), content)
                return True
        except (NatsError, OSError):
            log.debug("not told: %s", name)
        self.away += 1
        return False

    async def ask(self, name: str, content: bytes, seconds: float = 2.0) -> bytes:
        """Ask whoever answers on a subject; TimeoutError when nobody does or NATS is away."""
        client = self.client
        if client is None:
            raise TimeoutError
        try:
            return bytes((await client.request(self.subject(name), content, seconds)).data)
        except (NatsError, OSError) as silent:
            raise TimeoutError from silent

    async def answers(self) -> bool:
        """Whether NATS itself answers now, whatever becomes of its stream."""
        client = self.client
        try:
            if client is not None:
                await client.flush(2)
                return True
        except (NatsError, OSError, TimeoutError):
            log.debug("nats does not answer")
        return False

    async def keep(self, name: str, content: bytes, batch: str) -> None:
        """Put a batch into the stream, once for its id; raises one of AWAY unless JetStream has it. Two seconds at most."""
        client = self.client
        if client is None:
            raise TimeoutError
        await client.jetstream().publish(self.subject(name), content, 2.0, headers={"Nats-Msg-Id": batch})

    async def _connect(self) -> None:
        while self._client is None:
            try:
                client = await nats.connect(
                    self._servers, max_reconnect_attempts=-1, reconnect_time_wait=0.5, connect_timeout=2, error_cb=self._trouble,
                    allow_reconnect=True, ping_interval=5, max_outstanding_pings=2, pending_size=32 << 20,
                )  # fmt: skip
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(0.5)
                continue
            self._client = client
            for name, heard in self._wanted:
                await client.subscribe(self.subject(name), cb=heard)

    async def _trouble(self, problem: Exception) -> None:
        if isinstance(problem, SlowConsumerError):
            self.overrun += 1
        log.debug("nats: %s", problem)

    async def stream(self) -> StreamInfo:
        """The stream of frames, made when it is not there; raises one of AWAY."""
        client = self.client
        if client is None:
            raise TimeoutError
        jets = client.jetstream()
        try:
            info = await jets.stream_info(STREAM)
        except NotFoundError:
            pass
        else:
            if (info.config.num_replicas or 1) == self._replicas:
                return info
            try:
                return await jets.update_stream(replace(info.config, num_replicas=self._replicas))
            except StreamError as problem:  # too few servers now: it goes on with the copies that there are
                log.warning("the stream keeps %s copies, not %d: %s", info.config.num_replicas, self._replicas, problem)
                return info
        try:
            await jets.delete_stream(FORMER)
        except NotFoundError:
            log.debug("no stream of the former shape")
        for size in KEPT_BYTES:
            config = StreamConfig(
                name=STREAM, subjects=[self.subject("*.*.*")], max_age=KEPT_SECONDS, max_bytes=size,
                retention=RetentionPolicy.LIMITS, storage=StorageType.FILE, duplicate_window=TWICE_SECONDS,
                num_replicas=self._replicas,
            )  # fmt: skip
            try:
                return await jets.add_stream(config)
            except APIError as refused:
                if refused.err_code != NO_STORAGE or size == KEPT_BYTES[-1]:
                    raise
        raise TimeoutError
