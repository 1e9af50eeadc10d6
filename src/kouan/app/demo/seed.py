"""Fills a new demo data folder: organisations with sign-ins, places, lanes; repeats do nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from kouan.app.compose import Platform
from kouan.app.demo import geometry, papers
from kouan.base.identity.api import seed_demo
from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft


async def seed(platform: Platform) -> None:
    """Make the demo organisations and draw the demo port."""
    await seed_demo(platform.port.pool, platform.settings.home)
    await platform.directory.refresh()
    await _file(platform, "portoffice", "base.place.place", geometry.places())
    await _file(platform, "terminal", "facilities.gate.lane", geometry.lanes())
    await _file(platform, "portoffice", "standards.parameters.entry", papers.codes())
    await _file(platform, "customs", "standards.parameters.rate", papers.rates())
    await _file(platform, "customs", "base.enterprise.enterprise", papers.firms())
    await _file(platform, "portoffice", "base.profile.profile", papers.profiles())


async def _file(platform: Platform, kind: str, record: str, rows: Iterable[dict[str, Any]]) -> None:
    who = platform.port.service(kind)

    async def one(row: dict[str, Any]) -> None:
        name = row.get("code") or row.get("port") or f"{row['hs']}/{row['kind']}"
        try:
            await platform.port.file(who, [Draft(record, row)], key=f"demo:{record}:{name}")
        except Conflict:
            return  # drawn by an earlier start

    await asyncio.gather(*(one(row) for row in rows))
