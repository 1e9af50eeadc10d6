"""The lookout over the platform's own services: reads every window, judges, ranks causes, opens and clears tickets."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import asyncpg

from kouan.assurance.running import capacity, parameters, store
from kouan.assurance.running.capacity import Outlook
from kouan.assurance.running.judging import RECENT, REMEMBERED, SLOT, Bounds, Cause, Judge, roots
from kouan.assurance.running.lifecycle import LIVE
from kouan.assurance.running.records import MOST_CAUSES, PARAMETERS, Ticket
from kouan.assurance.running.sampling import tasks_each
from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.kernel import clock
from kouan.kernel.clock import stamp
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import Failure
from kouan.kernel.formats import Draft
from kouan.kernel.meters import Tally, middle
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame
from kouan.kernel.store.finding import equal

CODE = "assurance.running"
PAUSE = 2.5
FORECAST = timedelta(seconds=60)
"""How often the forecast is made anew: days change slowly, but staff who state a parameter wait for what it does."""
MOST, SHOWN = 5000, 400
TICKET = Ticket.facts.name
log = logging.getLogger(__name__)


@watches
class Services(Watcher):
    """What the services of all processes do. `found`: the causes that hold now, each with the moment since when."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ()

    async def start(self, watch: Watch) -> None:
        """Read the windows that are still kept, then go on."""
        await super().start(watch)
        self.bounds, self.judge = Bounds(), Judge()
        self.found: dict[str, tuple[datetime, Cause]] = {}
        self.affected: list[str] = []
        self.outlooks: list[Outlook] = []
        self.lead = PARAMETERS[parameters.LEAD].usual
        self._last, self._forecast_at = 0, datetime.fromtimestamp(0, UTC)
        self._seen: deque[int] = deque(maxlen=4 * store.BEHIND)
        self._task = asyncio.create_task(self._run(), name=CODE)

    async def stop(self) -> None:
        """End."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """It watches no signals."""

    async def _run(self) -> None:
        while True:
            try:
                await self._look()
            except (*GONE, asyncpg.PostgresError, Failure) as problem:
                log.debug("services are not watched: %s", type(problem).__name__)
            except Exception:
                log.exception("services are not watched")
            await asyncio.sleep(PAUSE)

    async def _look(self) -> None:
        now = clock.now()
        async with self.watch.port.pool.acquire() as conn:
            rows = await store.fresh(conn, self._last, now - timedelta(seconds=SLOT * REMEMBERED), MOST, self._seen)
        for row in rows:
            self._seen.append(row["id"])
            self._last = max(self._last, row["id"])
            self.judge.fold(slot_of(row["at"]), Tally.read(row["doc"]))
        slot = slot_of(now)
        if (load := tasks_each()) is not None:
            self.judge.loads.fold(slot, load)
        self.affected = sorted(self.judge.judge(slot, self.bounds))
        causes = self.judge.causes(slot, self.bounds) if self.affected else []
        self._hold(roots(causes, self.bounds), now)
        async with self.watch.port.pool.acquire() as conn:
            await store.keep(conn, now, self._picture(slot, causes))
        await self._tickets(causes, now)
        if now - self._forecast_at >= FORECAST:
            await self._foresee(now)

    async def _foresee(self, now: datetime) -> None:
        """What becomes of the capacity."""
        port, today = self.watch.port, capacity.local_day(now, self.watch.port.site.zone)
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            self.lead = await parameters.in_force(conn, parameters.LEAD, today)
        self.outlooks, self._forecast_at = await capacity.outlooks(port, today), now

    def _hold(self, causes: list[Cause], now: datetime) -> None:
        """A cause holds while its service is slow, also in a window in which another explains more."""
        fresh = {one.service: one for one in causes}
        kept = {name: held for name, held in self.found.items() if name in fresh or name in self.judge.slow}
        self.found = kept | {name: (kept[name][0] if name in kept else now, one) for name, one in fresh.items()}

    def _picture(self, slot: int, causes: list[Cause]) -> dict[str, Any]:
        services: list[dict[str, Any]] = []
        for name, line in self.judge.lines.items():
            recent, usual = line.recent(slot), line.usual(slot, self.bounds)
            if recent.count:
                services.append({
                    "service": name, "calls": recent.count, "per_s": round(recent.count / (SLOT * RECENT), 2), "errors": recent.errors,
                    "median_ms": ms(middle(recent.buckets)), "slowest_ms": ms(recent.slowest), "own_ms": ms(recent.own / recent.count),
                    "usual_ms": ms(usual.middle) if usual else None, "slow": name in self.judge.slow,
                })  # fmt: skip
        services.sort(key=lambda one: (not one["slow"], -one["calls"], one["service"]))
        asks = [[caller, sorted(asked)] for caller, asked in sorted(self.judge.asks(slot).items())]
        return {"services": services[:SHOWN], "causes": [cause_out(one) for one in causes[:MOST_CAUSES]], "slow": self.affected[:SHOWN],
                "asks": asks[:SHOWN], "since": {name: stamp(since) for name, (since, _) in self.found.items()}}  # fmt: skip

    async def _tickets(self, causes: list[Cause], now: datetime) -> None:
        port = self.watch.port
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            live = await equal(conn, Ticket, {}, states=LIVE, newest=True, limit=500)
        known = {str(row.doc["service"]): row for row in reversed(live)}
        for name, (since, cause) in self.found.items():
            row = known.get(name)
            if row is None:
                await port.file(PLATFORM, [Draft(TICKET, self._ticket(cause, since, causes, now))])
            elif row.tracks["condition"]["state"] == "cleared":
                await port.act(PLATFORM, TICKET, row.id, "again", changes={"cleared": None})
        for name, row in known.items():
            # The lookout that took over must have heard of the service before it can say that it is well again.
            line = self.judge.lines.get(name)
            if name not in self.found and row.tracks["condition"]["state"] == "slow" and line and line.recent(slot_of(now)).count:
                await port.act(PLATFORM, TICKET, row.id, "clear", changes={"cleared": stamp(now)})

    def _ticket(self, cause: Cause, since: datetime, causes: list[Cause], now: datetime) -> dict[str, Any]:
        return {
            "number": f"ST-{now:%Y%m%d}-{secrets.token_hex(3).upper()}", "service": cause.service[:200], "began": stamp(since),
            "before_ms": ms(cause.before), "now_ms": ms(cause.now),
            "affected": [name[:200] for name in self.affected if name != cause.service][:100],
            "causes": [blamed(one) for one in causes[:MOST_CAUSES]],
        }  # fmt: skip


def slot_of(at: datetime) -> int:
    """The number of the window in which a moment lies."""
    return int(at.timestamp() // SLOT)


def ms(seconds: float) -> float:
    """Milliseconds, as people read them."""
    return round(max(seconds, 0.0) * 1000, 3)


def blamed(one: Cause) -> dict[str, Any]:
    """A cause as a ticket keeps it."""
    return {
        "service": one.service[:200], "own_before_ms": ms(one.own_before), "own_now_ms": ms(one.own_now), "calls": one.calls,
        "explains_s": round(one.explains, 3), "share": round(one.share, 4), "way": [name[:200] for name in one.way[:20]],
    }  # fmt: skip


def cause_out(one: Cause) -> dict[str, Any]:
    """A cause as the picture shows it."""
    return {**blamed(one), "before_ms": ms(one.before), "now_ms": ms(one.now)}
