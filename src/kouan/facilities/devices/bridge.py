"""A broker of the port's own, by MQTT 5: what its devices publish is heard as if it came by the carried listener.

`KOUAN_MQTT_URL`: `mqtt://user:password@host:1883`, or `mqtts://` with TLS (`kernel/authorities.py` says whose certificates).
Without it there is none.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import aiomqtt

from kouan.kernel import authorities

log = logging.getLogger(__name__)
TOPICS = ("devices/#", "spBv1.0/#")
SOONEST, LATEST = 0.5, 20.0
VARIABLE = "KOUAN_MQTT_URL"
Heard = Callable[[str, bytes], None]


class Bridge:
    """One connection to the port's broker that comes back by itself; `counts` what could not be sent."""

    def __init__(self, heard: Heard, url: str | None = None) -> None:
        self._heard = heard
        self._url = os.environ.get(VARIABLE, "") if url is None else url
        self._client: aiomqtt.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self.unsent = 0

    @property
    def connected(self) -> bool:
        """Whether the broker is there now."""
        return self._client is not None

    def start(self) -> None:
        """Begin to connect, if an address was stated."""
        if self._url:
            self._task = asyncio.create_task(self._run(), name="broker")

    async def stop(self) -> None:
        """Leave."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def publish(self, topic: str, content: bytes) -> bool:
        """Tell the broker; False, and counted, when it is away."""
        if self._client is not None:
            try:
                await self._client.publish(topic, content, qos=1, timeout=2)
            except (aiomqtt.MqttError, OSError, ValueError):
                log.debug("not told: %s", topic)
            else:
                return True
        self.unsent += 1
        return False

    async def _run(self) -> None:
        pause = SOONEST
        while True:
            try:
                async with self._connection() as client:
                    for topic in TOPICS:
                        await client.subscribe(topic, qos=1)
                    self._client, pause = client, SOONEST
                    async for message in client.messages:
                        if isinstance(message.payload, bytes):
                            self._heard(str(message.topic), message.payload)
            except (aiomqtt.MqttError, OSError, ValueError) as problem:
                log.debug("the port's broker is away: %s", type(problem).__name__)
            finally:
                self._client = None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LATEST)

    def _connection(self) -> aiomqtt.Client:
        parts = urlsplit(self._url)
        secure = parts.scheme == "mqtts"
        return aiomqtt.Client(
            parts.hostname or "localhost", parts.port or (8883 if secure else 1883), protocol=aiomqtt.ProtocolVersion.V5,
            username=unquote(parts.username) if parts.username else None, password=unquote(parts.password) if parts.password else None,
            tls_context=authorities.trusted() if secure else None, keepalive=20, timeout=5,
        )  # fmt: skip
