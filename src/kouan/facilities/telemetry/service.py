"""The stream's work: observations in, the latest picture kept and told each second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from kouan.facilities.telemetry import store
from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.drivers.ais.driver import AisDriver
from kouan.facilities.telemetry.listener import Listener
from kouan.facilities.telemetry.picture import Picture
from kouan.kernel import clock
from kouan.kernel.database import GONE, Pool
from kouan.kernel.references import make
from kouan.kernel.room import Room

log = logging.getLogger(__name__)
POSITION, CHANGES = "vessel.position", "vessel.changes"
VESSEL = "vessel"
BUFFER = 20_000
REMEMBERED = timedelta(days=1)


class Stream:
    """One stream process: listener, bus, picture."""

    def __init__(self, pool: Pool, bus: Bus, room: Room | None = None) -> None:
        self._pool, self._bus, self._room = pool, bus, room or Room.endless()
        self.picture = Picture()
        self.thinned = 0
        self._buffer: list[dict[str, Any]] = []
        self.listener = Listener(self.take)

    def take(self, observations: Sequence[Mapping[str, Any]]) -> None:
        """Observations of a listener wait here for the next batch; the oldest go first when there are too many."""
        self._buffer.extend(dict(o) for o in observations)
        if len(self._buffer) > BUFFER:
            self.thinned += len(self._buffer) - BUFFER
            del self._buffer[:-BUFFER]

    async def run(self, host: str, port: int, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        self.picture.restore(await store.everything(self._pool, VESSEL, clock.now() - REMEMBERED))
        await self._bus.listen(POSITION, self._heard)
        await self.listener.start(host, port)
        beat = 0
        while not stop.is_set():
            await self._flush()
            beat += 1
            if beat % 5 == 0:
                await self._tell()
            await _sleep(0.2, stop)
        await self.listener.stop()

    async def _heard(self, batch: Any) -> None:
        self.picture.fold(batch)

    async def _flush(self) -> None:
        batch, self._buffer = self._buffer, []
        if not batch:
            return
        plain = [{**o, "at": o["at"].isoformat()} if isinstance(o.get("at"), datetime) else o for o in batch]
        if not await self._bus.send(POSITION, plain):
            # The picture stays live without the stream; only the stream's own memory has a gap.
            self.picture.fold(plain)

    async def _tell(self) -> None:
        changed = self.picture.changes()
        if not changed:
            return
        await self._bus.send(CHANGES, changed)
        if self._room.scarce():
            return  # The next report of each ship is kept when there is room again.
        states = [(s["mmsi"], datetime.fromisoformat(s["at"]), s) for s in changed if s.get("at")]
        try:
            await store.keep(self._pool, VESSEL, states)
        except (*GONE, asyncpg.PostgresError) as problem:
            log.warning("the latest picture is not kept: %s", type(problem).__name__)


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def read_body(body: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """A posted NMEA body line by line: observations, accepted lines, refused lines with their cause."""
    driver = AisDriver()
    observations: list[dict[str, Any]] = []
    accepted: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for index, line in enumerate(body.replace(b"\r", b"\n").split(b"\n")):
        if not line.strip():
            continue
        outcome = driver.line(line.strip()[:2048])
        if isinstance(outcome, str):
            refused.append({"index": index, "code": outcome})
        elif outcome is None:
            accepted.append({"index": index, "ref": None})
        else:
            observations.append(outcome)
            accepted.append({"index": index, "ref": make("vessel", f"mmsi:{outcome['mmsi']}")})
    return observations, accepted, refused
