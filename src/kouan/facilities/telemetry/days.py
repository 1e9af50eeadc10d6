"""Which days of the port's own time have data that no analysis has seen yet."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np

from kouan.facilities.telemetry.ships import moment
from kouan.facilities.telemetry.watching import Watch, Watcher, watches
from kouan.kernel import clock
from kouan.kernel.database import GONE, Pool
from kouan.kernel.signals import Frame

CODE = "facilities.telemetry.days"
DAY = 86_400_000_000
NOTED = timedelta(seconds=2)
SETTLED = timedelta(seconds=4)
"""A day is analysed when nothing of it has come for so long: the journal has it by then."""
DDL: tuple[str, ...] = (
    """create table if not exists telemetry_day (
        day date primary key, changed timestamptz not null default now(), analysed timestamptz)""",
    "grant select, insert, update on telemetry_day to kouan_app",
)


@watches
class Days(Watcher):
    """Notes the days of which observations come in."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ("reading", "rejected", "position")

    async def start(self, watch: Watch) -> None:
        """Begin."""
        await super().start(watch)
        self._zone = ZoneInfo(watch.port.site.zone)
        self._changed: set[date] = set()
        self._noted = clock.now()
        self._task: asyncio.Task[None] | None = None

    def fold(self, frame: Frame) -> None:
        """Note the days; a day's border is that of the zone's present offset."""
        offset = int((clock.now().astimezone(self._zone).utcoffset() or timedelta()) / timedelta(microseconds=1))
        for number in np.unique((frame["at"] + offset) // DAY).tolist():
            self._changed.add(moment(number * DAY).date())

    async def tick(self, now: datetime) -> None:
        """Tell the database, now and then, in a task of its own."""
        if self._changed and now - self._noted > NOTED and (self._task is None or self._task.done()):
            days, self._changed, self._noted = sorted(self._changed), set(), now
            self._task = asyncio.create_task(self._note(days))

    async def _note(self, days: list[date]) -> None:
        try:
            await self.watch.port.pool.execute(
                """insert into telemetry_day (day) select unnest($1::date[])
                   on conflict (day) do update set changed = now()""",
                days,
            )
        except (*GONE, asyncpg.PostgresError):
            self._changed.update(days)


def span(day: date, zone: str) -> tuple[datetime, datetime]:
    """From when to when (UTC) a day of a zone is."""
    begins = datetime.combine(day, time(), ZoneInfo(zone))
    ends = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return begins.astimezone(UTC), ends.astimezone(UTC)


async def waiting(pool: Pool, zone: str) -> list[tuple[date, datetime]]:
    """Days that are over and have data that no analysis has seen, with the moment of the last of these."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    rows = await pool.fetch(
        """select day, changed from telemetry_day
           where day < $1 and (analysed is null or analysed < changed) and changed < now() - $2::interval order by day limit 7""",
        today, SETTLED,
    )  # fmt: skip
    return [(row["day"], row["changed"]) for row in rows]


async def analysed(pool: Pool, day: date, changed: datetime) -> None:
    """A day's data, as they were at a moment, have been analysed."""
    await pool.execute("update telemetry_day set analysed = $2 where day = $1", day, changed)
