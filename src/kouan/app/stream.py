"""`kouan stream`: takes what devices send, keeps the latest state, tells the live map."""

from __future__ import annotations

import asyncio

from kouan.app.compose import Platform


async def run(platform: Platform, stop: asyncio.Event) -> None:
    """Run until told to stop."""
    await stop.wait()
