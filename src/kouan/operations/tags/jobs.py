"""What tags do on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.operations.tags import service


class ComputeTags(Job):
    """Computes the tags that are in force, once a day."""

    code = "operations.tags.compute"
    title = Text("每日计算数据标签", "Compute the tags daily")
    every = timedelta(hours=24)

    async def run(self, port: Port) -> None:
        """One computing of each."""
        await service.compute_all(port)
