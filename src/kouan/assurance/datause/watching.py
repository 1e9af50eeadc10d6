"""What the words of data security watch: who was shown how much lately, who reads at odd hours, which routine checks fail."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import asyncpg

from kouan.assurance.datause import store
from kouan.assurance.datause.rules import Habit
from kouan.assurance.datause.store import Reader
from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.kernel import clock
from kouan.kernel.database import GONE, Connection
from kouan.kernel.signals import Frame

CODE = "assurance.datause"
PAUSE, SLOWLY = 2.0, 15.0
HABIT_DAYS = timedelta(days=21)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Present:
    """What a person's account was shown in this hour of the day, beside its habit."""

    account: str
    org: int
    rows: int
    first: datetime
    last: datetime
    hour: int
    habit: Habit


@dataclass(slots=True)
class Asked:
    """What the words look for, as staff set it: they say so each time they judge."""

    window: timedelta = timedelta(minutes=10)
    rows: int = 5000
    odd_rows: int = 50


@watches
class Uses(Watcher):
    """The record of use as the words see it; read by a task of its own, while the database is away the last picture stays."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ()

    async def start(self, watch: Watch) -> None:
        """Begin to read."""
        await super().start(watch)
        self.asked = Asked()
        self.heavy: list[Reader] = []
        self.present: list[Present] = []
        self.failing: dict[str, list[str]] = {}
        self._slowly = 0.0
        self._task = asyncio.create_task(self._run(), name=CODE)

    async def stop(self) -> None:
        """End."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """It watches no signals."""

    def slug(self, org: int) -> str:
        """The short name of an organisation."""
        return self.watch.port.orgs.slug(org)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with self.watch.port.pool.acquire() as conn:
                    self.heavy = await store.heavy(conn, clock.now() - self.asked.window, self.asked.rows)
                    if loop.time() >= self._slowly:
                        self._slowly = loop.time() + SLOWLY
                        self.present = await self._present(conn, clock.now())
                        self.failing = {row["code"]: row["found"] for row in await store.checks(conn) if not row["ok"]}
            except (*GONE, asyncpg.PostgresError) as problem:
                log.debug("the record of use is not read: %s", type(problem).__name__)
            await asyncio.sleep(PAUSE)

    async def _present(self, conn: Connection, now: datetime) -> list[Present]:
        zone = self.watch.port.site.zone
        here = now.astimezone(ZoneInfo(zone))
        began = here.replace(minute=0, second=0, microsecond=0)
        reading = await store.present(conn, began, self.asked.odd_rows)
        known = await store.habits(conn, [row["account"] for row in reading], now - HABIT_DAYS, began, zone) if reading else {}
        return [
            Present(row["account"], row["org"], row["n"], row["first"], row["last"], here.hour, Habit(*known.get(row["account"], ())))
            for row in reading
        ]
