"""`kouan watch`: what comes in, shown to fusion, zones, rules and whatever else watches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kouan.app.commands.process import settings, until_told
from kouan.app.compose import platform, settle
from kouan.facilities.telemetry.api import Bus, Lookout
from kouan.kernel.beats import Beat


def main(_argv: Sequence[str]) -> int:
    """Watch until told to stop."""

    async def go(stop: asyncio.Event) -> None:
        stated = settings()
        async with platform(stated, connections=5) as opened:
            bus = Bus(stated.nats_url, stated.site, stated.replicas)
            bus.start()
            try:
                settle()
                await Lookout(opened.port, bus, stated.home, Beat(stated.home)).run(stop)
            finally:
                await bus.close()

    return until_told(go)
