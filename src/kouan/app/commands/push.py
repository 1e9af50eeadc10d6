"""`kouan push`: what happens, told to who subscribed it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kouan.app.commands.process import settings, until_told
from kouan.app.compose import platform, settle
from kouan.base.push.api import Pusher, Ways


def main(_argv: Sequence[str]) -> int:
    """Push until told to stop."""

    async def go(stop: asyncio.Event) -> None:
        stated = settings()
        async with platform(stated, connections=8) as opened:
            settle()
            await Pusher(opened.port, Ways.of(stated)).run(stop)

    return until_told(go)
