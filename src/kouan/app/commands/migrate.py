"""`kouan migrate`: bring the database to the registry's shape; in a demo folder, fill it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kouan.app.commands.process import logs, settings
from kouan.app.compose import migrate, platform
from kouan.app.demo.seed import seed


def main(_argv: Sequence[str]) -> int:
    """Migrate; answers 0, or raises what went wrong."""
    logs()
    stated = settings()

    async def go() -> None:
        await migrate(stated)
        if stated.demo:
            async with platform(stated) as opened:
                await seed(opened)

    asyncio.run(go())
    return 0
