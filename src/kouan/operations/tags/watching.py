"""The count of each tag as a reading: so that any alert rule can watch it, and its past is kept.

The series is the metric `tagged_records` of the device `tagdef:CODE`. Each computing is one reading.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, ClassVar

import asyncpg
import numpy as np

from kouan.facilities.telemetry.api import SIMULATED, Wanted, Watch, Watcher, micros, watches
from kouan.kernel import clock
from kouan.kernel.database import GONE, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.references import make
from kouan.kernel.signals import Frame
from kouan.operations.tags import store

log = logging.getLogger(__name__)
CODE = "operations.tags"
METRIC, UNIT = "tagged_records", "records"
PAUSE = timedelta(seconds=2)
AT_ONCE = 200


@watches
class Counts(Watcher):
    """Tells the stream what the tags came to."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ()

    async def start(self, watch: Watch) -> None:
        """Begin to look."""
        await super().start(watch)
        self._looked = clock.now() - PAUSE

    def fold(self, frame: Frame) -> None:
        """It watches what was computed, no signals."""

    async def tick(self, now: datetime) -> None:
        """Look for computings that were not told; while the database is away they wait."""
        if timedelta(0) <= now - self._looked < PAUSE:
            return
        self._looked = now
        try:
            await self._tell()
        except (*GONE, asyncpg.PostgresError) as problem:
            log.debug("counts of tags wait: %s", type(problem).__name__)

    async def _tell(self) -> None:
        async with scope(self.watch.port.pool, (PLATFORM.org,), clearance=4) as conn:
            rows = await store.untold(conn, AT_ONCE)
        if not rows:
            return
        for row in rows:
            self.watch.offer([await self._frame(row)], CODE)
        async with scope(self.watch.port.pool, (PLATFORM.org,), clearance=4) as conn:
            await store.tell(conn, [(row["tag"], row["at"]) for row in rows], clock.now())

    async def _frame(self, row: Any) -> Frame:
        wanted = Wanted(make("tagdef", row["tag"]), METRIC, UNIT, max(row["level"], 2), False, row["sharers"])
        series = await self.watch.numbers.state(wanted)
        flags = SIMULATED if row["simulated"] else 0
        return Frame(
            "reading",
            {
                "key": np.array([series.number], np.uint64), "at": np.array([micros(row["at"])], np.int64),
                "value": np.array([float(row["records"])]), "quality": np.zeros(1, np.uint8), "flags": np.array([flags], np.uint8),
            },
        )  # fmt: skip
