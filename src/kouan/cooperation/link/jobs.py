"""What links do on a schedule: tell each partner that we are there, and go on with a change of keys."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from kouan.cooperation.link.connectors.platform.connector import Platform
from kouan.cooperation.link.records import Agreement
from kouan.cooperation.link.service import agreements, beating, rotating
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text

AT_ONCE = 16
EXTRA = "cooperation.link.beat"


class Beat(Job):
    """Signed, to the partner's own door, so that each side knows when it last heard the other."""

    code = "cooperation.link.beat"
    title = Text("向互联平台报到", "Tell linked platforms that we are there")
    every = timedelta(seconds=beating.EVERY)

    async def run(self, port: Port) -> None:
        """One beat to each partner with which an agreement is in force; one that is away holds up no other."""
        await rotating.settle(port)
        line: Platform | None = port.extras.get(EXTRA)
        if line is None:
            line = port.extras[EXTRA] = Platform()
            line.bind(port)
        limit = asyncio.Semaphore(AT_ONCE)
        known = await agreements.partners(port)
        await asyncio.gather(*(_beat(port, line, slug, agreements.of(kept), limit) for slug, kept in known.items()))


async def _beat(port: Port, line: Platform, slug: str, agreement: Agreement, limit: asyncio.Semaphore) -> None:
    async with limit:
        wrong = await line.check(f"{agreement.address.rstrip('/')}/api/links/{agreement.own_name}")
    await beating.spoke(port, slug, wrong.en if wrong else "")
