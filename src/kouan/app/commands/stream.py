"""`kouan stream`: what devices and ships send."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kouan.app.commands.process import settings, until_told
from kouan.app.compose import platform, settle
from kouan.facilities.telemetry.api import Bus, Stream


def main(_argv: Sequence[str]) -> int:
    """Take signals in until told to stop."""

    async def go(stop: asyncio.Event) -> None:
        stated = settings()
        async with platform(stated, connections=5) as opened:
            bus = Bus(stated.nats_url, stated.site, stated.replicas)
            bus.start()
            try:
                settle()
                await Stream(opened.port, bus, stated, opened.room).run(stop)
            finally:
                await bus.close()

    return until_told(go)
