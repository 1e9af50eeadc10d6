"""What the words of this module watch in records: the last passages of each vehicle, the yard's stock and its flow.

Read from the database by a task of its own a few times a minute; while it is away the last picture stays, with its time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from kouan.facilities.gate.api import Passage
from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.facilities.yard.api import blocks, flows
from kouan.kernel import clock
from kouan.kernel.database import GONE, Connection, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Row

log = logging.getLogger(__name__)
CODE = "operations.alerts.facts"
PAUSE, YARD_EVERY = 0.4, 2.0
"""Seconds between two looks at the passages while some are filed, and at the yard, and at either while nothing is."""
BEHIND, MOST = 50, 2000
SETTLED = timedelta(seconds=3)
"""So long after a new passage an older number may still be committed."""
REMEMBERED, PER_VEHICLE = timedelta(hours=48), 12
FLOW_SPANS = (1.0, 2.0, 4.0, 8.0, 24.0)
"""Hours over which the yard's flow is counted; a setting takes the nearest."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A vehicle at a lane."""

    ref: str
    vehicle: str
    kind: str | None
    lane: str
    direction: str
    place: str | None
    at: datetime
    tare_kg: float | None
    decision: str


@dataclass(frozen=True, slots=True)
class Flow:
    """What came into the yard and what left it in so many hours."""

    hours: float
    came: int
    went: int


@dataclass(frozen=True, slots=True)
class Stock:
    """Boxes in the yard at a moment: all, by place, with the flows by span."""

    at: datetime
    boxes: int
    areas: dict[str, int]
    flows: tuple[Flow, ...]


@watches
class Facts(Watcher):
    """Passages by vehicle and the yard's stock, as the database tells them."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ()

    async def start(self, watch: Watch) -> None:
        """Begin to read."""
        await super().start(watch)
        self.vehicles: dict[str, deque[Passed]] = {}
        self.fresh: dict[str, Passed] = {}
        self.stock: Stock | None = None
        self.past: deque[Stock] = deque(maxlen=400)
        self._seq = -1
        self._seen: deque[UUID] = deque(maxlen=2 * MOST)
        self._moved = clock.now()
        self._yard_at = clock.now() - timedelta(hours=1)
        self._task = asyncio.create_task(self._run(), name=CODE)

    async def stop(self) -> None:
        """End."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """It watches records, no signals."""

    async def _run(self) -> None:
        ear = self.watch.port.ear()
        while True:
            try:
                async with scope(self.watch.port.pool, (0, PLATFORM.org), clearance=4) as conn:
                    await self._passages(conn)
                    if clock.now() - self._yard_at >= timedelta(seconds=YARD_EVERY):
                        self.take_stock(await _stock(conn, clock.now()))
                        self._yard_at = clock.now()
            except (*GONE, asyncpg.PostgresError) as problem:
                log.debug("facts wait: %s", type(problem).__name__)
                await asyncio.sleep(1)
            # An older number may still be committed after a newer one that was told of.
            moving = clock.now() - self._moved < SETTLED
            await ear.pause(PAUSE, PAUSE if moving else YARD_EVERY)

    async def _passages(self, conn: Connection) -> None:
        """New passages. Numbers commit out of order, so that it looks a little behind each time."""
        newest = await equal(conn, Passage, {}, newest=True, limit=MOST if self._seq < 0 else 1)
        rows = newest[::-1]
        if self._seq >= 0 and newest and (newest[0].seq > self._seq or clock.now() - self._moved < SETTLED):
            rows = await equal(conn, Passage, {}, after=max(self._seq - BEHIND, 0), limit=MOST)
        for row in rows:
            if row.id not in self._seen:
                self._seen.append(row.id)
                self._moved = clock.now()
                self.passed(_passed(row))
        self._seq = max([self._seq, 0, *(row.seq for row in rows)])

    def passed(self, one: Passed) -> None:
        """A vehicle passed; what is known of it before is kept for comparison."""
        known = self.vehicles.setdefault(one.vehicle, deque(maxlen=PER_VEHICLE))
        known.append(one)
        self.fresh[one.vehicle] = one
        if len(self.vehicles) > 50_000:
            self.vehicles.pop(next(iter(self.vehicles)))

    def take_stock(self, stock: Stock) -> None:
        """The yard now."""
        self.stock = stock
        self.past.append(stock)


def _passed(row: Row) -> Passed:
    doc: dict[str, Any] = row.doc
    return Passed(
        row.ref, doc["vehicle"], doc.get("vehicle_type"), doc["lane"], doc["direction"], doc.get("place"),
        datetime.fromisoformat(doc["at"]), doc.get("tare_kg"), doc["decision"],
    )  # fmt: skip


async def _stock(conn: Connection, at: datetime) -> Stock:
    areas: dict[str, int] = {}
    for row in await blocks(conn):
        areas[row["place"] or ""] = areas.get(row["place"] or "", 0) + int(row["boxes"])
    counted = await flows(conn, [at - timedelta(hours=hours) for hours in FLOW_SPANS], at)
    found = tuple(Flow(hours, *moved) for hours, moved in zip(FLOW_SPANS, counted, strict=True))
    return Stock(at, sum(areas.values()), areas, found)
