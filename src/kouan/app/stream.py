"""`kouan stream`: takes what devices send, keeps the latest state, tells the live map."""

from __future__ import annotations

import asyncio

from kouan.app.compose import Platform
from kouan.facilities.telemetry.api import Bus, Stream


async def run(platform: Platform, stop: asyncio.Event) -> None:
    """Run until told to stop."""
    settings = platform.settings
    bus = Bus(settings.nats_url, settings.site)
    bus.start()
    try:
        await Stream(platform.port.pool, bus).run(settings.bind, settings.nmea_port, stop)
    finally:
        await bus.close()
