"""What running does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.assurance.running import sampling, store
from kouan.kernel.clock import now
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text


class MeasureCapacity(Job):
    """Looks at what is used of disk, database, processors and connections, and keeps it by the hour for the forecast."""

    code = "assurance.running.capacity"
    title = Text("容量测量", "Measure capacity")
    every = timedelta(minutes=5)

    async def run(self, port: Port) -> None:
        """Look once; what is older than two years and a quarter is let go."""
        seen = await sampling.look(port, Settings.read())
        await store.keep_measures(port.pool, now(), sampling.rows(seen))
