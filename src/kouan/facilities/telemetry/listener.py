"""The NMEA listener: many senders over TCP and UDP, bounded lines, counters by source and cause."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kouan.facilities.telemetry.drivers.ais.driver import AisDriver

log = logging.getLogger(__name__)
CHUNK = 64 * 1024
SENDERS = 256
Take = Callable[[Sequence[Mapping[str, Any]]], None]


class Listener:
    """Takes AIS sentences from anyone who connects; each connection has a driver of its own."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self.counts: Counter[str] = Counter()

    async def start(self, host: str, port: int) -> None:
        """Listen; OSError when the port is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=CHUNK)
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self.feed), (host, port))

    async def stop(self) -> None:
        """Stop listening and let go of the senders."""
        if self._datagrams:
            self._datagrams.close()
        if self._server:
            self._server.close()

    def feed(self, driver: AisDriver, chunk: bytes) -> None:
        """Decode a chunk and hand on what it held."""
        decoded = driver.decode(chunk)
        self.counts["observations"] += len(decoded.observations)
        self.counts.update({f"refused.{cause}": count for cause, count in decoded.refused.items()})
        if decoded.observations:
            self._take(decoded.observations)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        driver = AisDriver()
        self.counts["senders"] += 1
        try:
            while self.counts["senders"] <= SENDERS and (chunk := await reader.read(CHUNK)):
                self.feed(driver, chunk)
                await asyncio.sleep(0)
            self.feed(driver, b"\n")
        except (ConnectionError, TimeoutError) as problem:
            log.debug("a sender went away: %s", problem)
        finally:
            self.counts["senders"] -= 1
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, feed: Callable[[AisDriver, bytes], None]) -> None:
        self._feed, self._driver = feed, AisDriver()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One datagram: whole sentences."""
        self._feed(self._driver, data + b"\n")
