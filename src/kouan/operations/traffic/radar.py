"""The radar link of `kouan stream`: targets by NMEA sentences over TCP and UDP, on the port's own radar port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.kernel.drivers import Decoded
from kouan.kernel.settings import Settings
from kouan.kernel.signals import Frame
from kouan.operations.traffic.drivers.radar.driver import RadarDriver

log = logging.getLogger(__name__)
CODE = "operations.traffic.radar"
CHUNK, SENDERS = 64 * 1024, 64


@watches
class RadarLink(Watcher):
    """Listens for radars and puts their targets into the stream; it watches no frames itself."""

    code = CODE
    signals = ()

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._trying: asyncio.Task[None] | None = None

    async def start(self, watch: Watch) -> None:
        """Listen; without a port radars are not heard. A port that is taken is tried again each second; the log says so once."""
        self.watch = watch
        stated = Settings.read()
        if stated.radar_port and not await self._listens(stated):
            self._trying = asyncio.create_task(self._until_heard(stated), name="radar-port")

    async def _listens(self, stated: Settings) -> bool:
        try:
            self._server = await asyncio.start_server(self._serve, stated.bind, stated.radar_port, limit=CHUNK)
        except OSError as taken:
            log.log(logging.DEBUG if self._trying else logging.WARNING, "radars are not heard: %s", taken)
            return False
        with contextlib.suppress(OSError):
            loop = asyncio.get_running_loop()
            self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), (stated.bind, stated.radar_port))
        return True

    async def _until_heard(self, stated: Settings) -> None:
        await asyncio.sleep(1)
        while not await self._listens(stated):
            await asyncio.sleep(1)

    async def stop(self) -> None:
        """Stop listening."""
        if self._trying:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
        if self._datagrams:
            self._datagrams.close()
        if self._server:
            self._server.close()

    def fold(self, frame: Frame) -> None:
        """Nothing: it has no signals."""

    def take(self, decoded: Decoded, source: str) -> None:
        """What a radar told goes into the stream; what could not be read is counted by cause."""
        self.counts["targets"] += sum(len(frame) for frame in decoded.frames)
        self.counts.update({f"refused.{cause}": count for cause, count in decoded.refused.items()})
        frames: Sequence[Frame] = decoded.frames
        if frames:
            self.watch.offer(frames, source)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        driver, source = RadarDriver(), _name(writer.get_extra_info("peername"))
        self.counts["senders"] += 1
        try:
            while self.counts["senders"] <= SENDERS and (chunk := await reader.read(CHUNK)):
                self.take(driver.decode(chunk), source)
                await asyncio.sleep(0)
            self.take(driver.decode(b"\n"), source)
        except (ConnectionError, TimeoutError) as gone:
            log.debug("a radar went away: %s", gone)
        finally:
            self.counts["senders"] -= 1
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, link: RadarLink) -> None:
        self._link, self._driver = link, RadarDriver()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """One datagram: whole sentences."""
        self._link.take(self._driver.decode(data + b"\n"), _name(addr))


def _name(peer: Any) -> str:
    return f"radar {peer[0]}" if peer else "radar"
