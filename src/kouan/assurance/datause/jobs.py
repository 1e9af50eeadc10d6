"""The routine checks, each hour."""

from __future__ import annotations

from datetime import timedelta

from kouan.assurance.datause import store
from kouan.assurance.datause.checks import check
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text


class RoutineChecks(Job):
    """Ask the database whether what protects the data is in force, and keep the answer."""

    code = "assurance.datause.checks"
    title = Text("数据安全例行检查", "Routine checks of data security")
    every = timedelta(hours=1)

    async def run(self, port: Port) -> None:
        """Check all and keep what was found."""
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await store.keep_checks(conn, now(), await check(conn))
