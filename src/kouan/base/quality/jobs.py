"""What quality does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.quality import service
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class ScoreKept(Job):
    """Scores what is kept, of the record types for which somebody states rules."""

    code = "base.quality.score"
    title = Text("数据质量评分", "Score the quality of what is kept")
    every = timedelta(hours=24)

    async def run(self, port: Port) -> None:
        """One pass over the kept records."""
        await service.measure_all(port)
