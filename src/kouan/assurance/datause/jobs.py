"""The routine checks, each hour; and the thinning of what was read long ago."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from kouan.assurance.datause import store
from kouan.assurance.datause.checks import check
from kouan.assurance.datause.service import alarms_open
from kouan.assurance.running.api import USE_DAYS, in_force
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

PORTION, MOST = 5000, 200_000
"""Rows that are thinned in one transaction, and in one run."""


class RoutineChecks(Job):
    """Ask the database whether what protects the data is in force, and keep the answer."""

    code = "assurance.datause.checks"
    title = Text("数据安全例行检查", "Routine checks of data security")
    every = timedelta(hours=1)

    async def run(self, port: Port) -> None:
        """Check all and keep what was found."""
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await store.keep_checks(conn, now(), await check(conn))


class ThinUses(Job):
    """Details of data use that are older than the running parameter says become counts by day. What accounts read that an alarm is open
    about stays whole: it is evidence."""

    code = "assurance.datause.thin"
    title = Text("数据使用记录归并", "Thin the record of use")
    every = timedelta(hours=1)

    async def run(self, port: Port) -> None:
        """Thin what is old enough, portion by portion."""
        at = now()
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            days = await in_force(conn, USE_DAYS, at.date())
            evidence = sorted(accounts(one["evidence"] for one in await alarms_open(conn)))
        for _ in range(MOST // PORTION):
            async with port.pool.acquire() as conn:
                if await store.thin(conn, at - timedelta(days=days), evidence, PORTION) < PORTION:
                    return


def accounts(evidence: Iterable[Mapping[str, Any]]) -> set[str]:
    """The accounts that alarms name."""
    return {str(one["account"]) for one in evidence if one.get("account")}
