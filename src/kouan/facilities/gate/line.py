"""A line to a broker of a lane, by MQTT 3.1.1: it comes back by itself, and says whether it stands.

An address is `mqtt://user:password@host:1883`, or `mqtts://` with TLS (`kernel/authorities.py` says whose certificates).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import unquote, urlsplit

import aiomqtt

from kouan.kernel import authorities

log = logging.getLogger(__name__)
SOONEST, LATEST = 0.5, 5.0
KEEPALIVE, TIMEOUT = 5, 2.0
"""Seconds after which a silent broker counts as away: a vehicle stands and waits for it."""
TROUBLE = (aiomqtt.MqttError, OSError, ValueError)
Heard = Callable[[str, bytes], Awaitable[None]]


class Line:
    """One connection to a broker. `whose`: how the log calls it; `name`: the client's identifier there."""

    def __init__(self, url: str, whose: str, name: str, topic: str, heard: Heard) -> None:
        self._url, self._whose, self._name, self._topic, self._heard = url, whose, name, topic, heard
        self._client: aiomqtt.Client | None = None

    @property
    def stands(self) -> bool:
        """Whether the broker is there now."""
        return self._client is not None

    async def tell(self, topic: str, body: bytes) -> bool:
        """Publish once the broker has it; False when it is away."""
        if self._client is None:
            return False
        try:
            await self._client.publish(topic, body, qos=1, timeout=TIMEOUT)
        except TROUBLE:
            return False
        return True

    async def run(self) -> None:
        """Connect, hear, and connect again, until cancelled."""
        pause, said = SOONEST, False
        while True:
            try:
                async with self._connection() as client:
                    await client.subscribe(self._topic, qos=1)
                    self._client, pause, said = client, SOONEST, False
                    log.info("%s: connected", self._whose)
                    async for message in client.messages:
                        if isinstance(message.payload, bytes):
                            await self._heard(str(message.topic), message.payload)
            except TROUBLE as problem:
                if not said:
                    log.warning("%s: away (%s)", self._whose, type(problem).__name__)
                said = True
            finally:
                self._client = None
            await asyncio.sleep(pause)
            pause = min(2 * pause, LATEST)

    def _connection(self) -> aiomqtt.Client:
        parts = urlsplit(self._url)
        secure = parts.scheme == "mqtts"
        return aiomqtt.Client(
            parts.hostname or "localhost", parts.port or (8883 if secure else 1883), identifier=self._name,
            username=unquote(parts.username) if parts.username else None, password=unquote(parts.password) if parts.password else None,
            tls_context=authorities.trusted() if secure else None, keepalive=KEEPALIVE, timeout=TIMEOUT,
        )  # fmt: skip
