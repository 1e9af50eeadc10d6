"""The watcher of machine rooms: assets and services as they are, and what their sensors said last."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any, ClassVar

import asyncpg

from kouan.facilities.rooms import store
from kouan.facilities.rooms.health import Web, web
from kouan.facilities.rooms.records import Sensor
from kouan.facilities.telemetry.api import SIMULATED, Watch, Watcher, moment, watches
from kouan.kernel.database import GONE, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame

log = logging.getLogger(__name__)
CODE = "facilities.rooms.watch"
REREAD, AT_REST = 1.0, 4.0
"""Seconds between two looks at the register while something is filed, and while nothing is."""


@watches
class Rooms(Watcher):
    """`web`: assets, services and their dependencies; `orgs`: who sees each asset (slugs)."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ()

    async def start(self, watch: Watch) -> None:
        """Begin to follow the register."""
        await super().start(watch)
        self.web: Web = web((), ())
        self.orgs: dict[str, tuple[str, ...]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._mark: tuple[Any, ...] = ()
        self._task = asyncio.create_task(self._house(), name="rooms")

    async def stop(self) -> None:
        """Follow it no more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """What was measured last is asked of the state."""

    async def _house(self) -> None:
        ear = self.watch.port.ear()
        while True:
            try:
                await self._read()
            except (*GONE, asyncpg.PostgresError) as problem:
                log.debug("rooms wait: %s", type(problem).__name__)
            except Exception:
                log.exception("rooms: housekeeping failed")
            await ear.pause(REREAD, AT_REST)

    async def _read(self) -> None:
        port = self.watch.port
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            mark = await store.mark(conn)
            if mark != self._mark:
                kept = await store.assets(conn)
                self.web = web((asset for asset, _ in kept), await store.services(conn))
                self.orgs = {f"asset:{a.code}": tuple(port.orgs.slug(n) for n in readers if n > PLATFORM.org) for a, readers in kept}
                self._mark = mark
        wanted = {(s.device.partition(":")[2], s.metric) for asset in self.web.assets.values() for s in asset.sensors}
        for device, metric in wanted - self._numbers.keys():
            for series in await self.watch.numbers.find_series(device, metric):
                self._numbers[device, metric] = series.number

    def latest(self, sensor: Sensor, now: datetime, fresh: timedelta) -> tuple[float, datetime, bool] | None:
        """What a sensor said last: value, when, whether it is simulated; None when that is too long ago."""
        number = self._numbers.get((sensor.device.partition(":")[2], sensor.metric))
        said = self.watch.state.of(number, "reading") if number is not None else None
        if said is None or now - moment(said["at"]) > fresh:
            return None
        return float(said["value"]), moment(said["at"]), bool(said["flags"] & SIMULATED)
