"""`kouan stream`: what devices and ships send."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kouan.app.commands.process import settings, until_told
from kouan.facilities.telemetry.api import Bus, Stream
from kouan.kernel.database import APP, pool
from kouan.kernel.room import Room


def main(_argv: Sequence[str]) -> int:
    """Take signals in until told to stop."""

    async def go(stop: asyncio.Event) -> None:
        stated = settings()
        source = await pool(stated, APP, 3)
        bus = Bus(stated.nats_url, stated.site)
        bus.start()
        try:
            await Stream(source, bus, Room.of(stated)).run(stated.bind, stated.nmea_port, stop)
        finally:
            await bus.close()
            source.terminate()

    return until_told(go)
