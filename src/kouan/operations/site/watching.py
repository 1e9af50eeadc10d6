"""The site watcher of `kouan stream`: queues out of the traffic picture, reefers out of readings."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import asyncpg
import numpy as np

from kouan.base.manifest.api import Consignment
from kouan.facilities.telemetry.api import KINDS, SIMULATED, Watch, Watcher, micros, watches
from kouan.kernel.database import GONE
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame
from kouan.operations.site.queues import Queue, Waiting
from kouan.operations.site.reefers import Reefer, Reefers
from kouan.operations.traffic.api import Traffic, traffic_of

log = logging.getLogger(__name__)
CODE, TOLD = "operations.site", "site.queues"
EVERY = timedelta(seconds=1)
SILENT = 300
"""Seconds without a position after which a vehicle is not counted as waiting."""
VEHICLE = KINDS.index("truck")


@watches
class SiteWatcher(Watcher):
    """Queues and reefers; one instance in the stream process."""

    code = CODE
    signals = ("reading",)

    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {}
        self.reefers = Reefers()
        self._last: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, watch: Watch) -> None:
        """Begin to ask what series and boxes are."""
        self.watch = watch
        self._task = asyncio.create_task(self._learning(), name="reefers")

    async def stop(self) -> None:
        """Another process does it from now on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """Readings."""
        self.reefers.fold(frame)

    async def tick(self, now: datetime) -> None:
        """Look at the queues once a second, and tell."""
        if self._last is not None and timedelta(0) <= now - self._last < EVERY:
            return
        self._last = now
        traffic = traffic_of(self.watch)
        if traffic is not None:
            self.look(traffic, micros(now) / 1e6)
        seconds = micros(now) / 1e6
        await self.watch.bus.send(TOLD, {"at": micros(now), "queues": [queue.facts(seconds) for queue in self.queues.values()]})

    def look(self, traffic: Traffic, now: float) -> None:
        """The queues of a moment (seconds): the vehicles in each waiting area."""
        seen = traffic.seen
        areas = {at: zone for at, zone in enumerate(traffic.zones.zones) if zone.kind == "waiting_area"}
        inside: dict[int, list[Waiting]] = {at: [] for at in areas}
        silent = set(seen.number[seen.at < seen.now - SILENT * 1_000_000].tolist())
        for stay in traffic.stays.open.values():
            if stay.zone not in areas:
                continue
            place = int(seen.places(np.array([stay.mover], np.uint64))[0])
            if stay.mover in silent or place >= len(seen) or int(seen.number[place]) != stay.mover:
                continue
            if int(seen.kind[place]) == VEHICLE:
                simulated = bool(seen.flags[place] & SIMULATED)
                inside[stay.zone].append(Waiting(stay.mover, traffic.name(place), stay.entered / 1e6, simulated))
        known = {zone.ref for zone in areas.values()}
        self.queues = {ref: queue for ref, queue in self.queues.items() if ref in known}
        for at, zone in areas.items():
            self.queues.setdefault(zone.ref, Queue(zone.ref, zone.name_zh, zone.name_en)).look(now, inside[at], silent)

    async def _learning(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            try:
                if asked := list(self.reefers.unknown)[:5000]:
                    self.reefers.learn(await self.watch.numbers.series_of(asked), asked)
                for reefer in list(self.reefers.by_box.values()):
                    if reefer.asked != reefer.since:
                        await self._cargo(reefer)
            except (*GONE, asyncpg.PostgresError) as away:
                log.info("reefers wait: %s", type(away).__name__)

    async def _cargo(self, reefer: Reefer) -> None:
        """What is in a box, by the manifest."""
        asked = reefer.since
        found = await self.watch.port.find(PLATFORM, Consignment.facts.name, ref=f"container:{reefer.box}")
        reefer.papers = tuple(kept.ref for kept in found[:5])
        known = [kept.data for kept in found[:5] if isinstance(kept.data, Consignment)]
        reefer.bills = tuple(dict.fromkeys(one.bill for one in known))
        lines = [line for one in known for line in one.goods]
        reefer.goods = tuple(line.description[:100] for line in lines[:5] if line.description)
        reefer.asked = asked


def site_of(view: object) -> SiteWatcher | None:
    """The site watcher in what an alert is shown."""
    found = getattr(view, "watchers", {}).get(CODE)
    return found if isinstance(found, SiteWatcher) else None
