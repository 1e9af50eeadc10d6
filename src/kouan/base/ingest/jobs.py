"""What extraction does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.ingest import service
from kouan.base.ingest.ingester import ingester_of
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text

DAYS = 30


class KeepIngester(Job):
    """Sees that an ingester is at work in this process; it goes its rounds by itself, several share the work by lease."""

    code = "base.ingest.ingester"
    title = Text("数据抽取值守", "Keep the ingester at work")
    every, rests = timedelta(seconds=2), timedelta(seconds=6)

    async def run(self, port: Port) -> bool:
        """Start the ingester where it does not run."""
        ingester_of(port)
        return False


class BeginDue(Job):
    """Begins the runs whose schedule says so."""

    code = "base.ingest.due"
    title = Text("按计划抽取", "Begin runs that are due")
    every = timedelta(seconds=20)

    async def run(self, port: Port) -> None:
        """One look at the schedules."""
        await service.due(port)


class SweepStaging(Job):
    """Forgets what was staged more than 30 days ago; data sets stay."""

    code = "base.ingest.sweep"
    title = Text("清理暂存区", "Sweep the staging area")
    every = timedelta(hours=6)

    async def run(self, port: Port) -> None:
        """One pass."""
        await service.sweep(port, DAYS)
