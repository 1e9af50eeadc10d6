"""Reports on schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.operations.reports import service


class MakeReports(Job):
    """Makes each report at its hour; a report is made once for each period and recipient."""

    code = "operations.reports.make"
    title = Text("定时生成报表", "Make reports on schedule")
    every = timedelta(seconds=15)

    async def run(self, port: Port) -> None:
        """Make what is due."""
        await service.on_schedule(port)
