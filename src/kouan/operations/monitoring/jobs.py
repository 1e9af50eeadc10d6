"""Counting what was there before an indicator was, or before its formula changed."""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.clock import now
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.operations.monitoring import service

SPELL = timedelta(seconds=40)
"""How long it works at a time: less than the lease of a job."""


class CatchUp(Job):
    """Each record type whose formulas are new or revised is counted through, in steps, and goes on where it stopped."""

    code = "operations.monitoring.catch_up"
    title = Text("补算指标", "Count for new and revised indicators")
    every = timedelta(seconds=60)

    async def run(self, port: Port) -> None:
        """Count for a while."""
        await service.summarize(port)
        await service.catch_up(port, now() + SPELL, now)
