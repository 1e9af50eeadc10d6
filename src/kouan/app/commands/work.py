"""`kouan work`: handlers, followers, deadlines and jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kouan.app.commands.process import settings, until_told
from kouan.app.compose import platform, settle
from kouan.kernel.courtesy import stand_back
from kouan.kernel.following import Following
from kouan.kernel.work import Worker


def main(_argv: Sequence[str]) -> int:
    """Work until told to stop."""

    async def go(stop: asyncio.Event) -> None:
        async with platform(settings()) as opened:
            settle()
            await asyncio.gather(Worker(opened.port, room=opened.room).run(stop), Following(opened.port, room=opened.room).run(stop))

    stand_back(settings().nice)
    return until_told(go)
