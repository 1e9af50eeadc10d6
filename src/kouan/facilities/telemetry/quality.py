"""What is done about readings that were screened out: the device is asked to collect anew, and a warning is raised.

Runs with the leading stream process alone, so that each is done once (HS/T 82 8.1.3 b).
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import numpy as np
import orjson

from kouan.facilities.telemetry.numbers import Series
from kouan.facilities.telemetry.ships import moment
from kouan.facilities.telemetry.signals import CAUSES, SIMULATED
from kouan.facilities.telemetry.watching import Watcher, watches
from kouan.kernel.clock import stamp
from kouan.kernel.signals import Frame

log = logging.getLogger(__name__)
CODE = "facilities.telemetry.quality"
AGAIN = timedelta(seconds=60)
"""A device is asked again for the same metric and cause after so long at the earliest."""
REMEMBERED = timedelta(hours=1)
MOST = 20_000


@dataclass(slots=True)
class Incident:
    """What was screened out of one series for one cause: how many, from when to when by event time, when last seen."""

    count: int
    since: int
    until: int
    value: float
    seen: datetime
    simulated: bool
    asked: datetime | None = None
    pending: bool = True


@watches
class Quality(Watcher):
    """Incidents by series and cause."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ("rejected",)

    def __init__(self) -> None:
        self.incidents: OrderedDict[tuple[int, str], Incident] = OrderedDict()
        self.series: dict[int, Series] = {}
        self._now = moment(0)

    def fold(self, frame: Frame) -> None:
        """Count by series and cause."""
        marks, places = np.unique(frame["key"] * np.uint64(256) + frame["cause"], return_inverse=True)
        for index, mark in enumerate(marks.tolist()):
            rows = np.flatnonzero(places == index)
            pair = mark >> 8, CAUSES[mark & 255] if mark & 255 < len(CAUSES) else ""
            at = frame["at"][rows]
            known = self.incidents.pop(pair, None)
            one = known or Incident(0, int(at.min()), 0, 0.0, self._now, False)
            one.count += len(rows)
            one.since, one.until = min(one.since, int(at.min())), max(one.until, int(at.max()))
            one.value, one.pending = float(frame["value"][rows[-1]]), True
            one.simulated = bool(frame["flags"][rows[-1]] & SIMULATED)
            one.seen = max(self._now, one.seen)
            self.incidents[pair] = one
        while len(self.incidents) > MOST:
            self.incidents.popitem(last=False)

    async def tick(self, now: datetime) -> None:
        """Ask devices to collect anew; forget what is long over."""
        self._now = now
        waiting = {pair: one for pair, one in self.incidents.items() if one.pending}
        if waiting:
            self.series.update(await self.watch.numbers.series_of(number for number, _ in waiting))
        for (number, cause), one in waiting.items():
            one.pending = False
            one.seen = now
            series = self.series.get(number)
            if series is not None and (one.asked is None or now - one.asked > AGAIN):
                one.asked = now
                await self._ask(series, cause, one, now)
        for pair in [pair for pair, one in self.incidents.items() if now - one.seen > REMEMBERED]:
            del self.incidents[pair]

    async def _ask(self, series: Series, cause: str, one: Incident, now: datetime) -> None:
        client = self.watch.bus.client
        told = {
            "command": "recollect", "metric": series.metric, "cause": cause, "count": one.count,
            "since": stamp(moment(one.since)), "until": stamp(moment(one.until)), "issued_at": stamp(now),
        }  # fmt: skip
        if client is not None and "." not in series.device:
            await client.publish(f"devices.{series.device}.command", orjson.dumps(told))
            log.info("a device was asked to collect anew: %s for %s", series.device, cause)


def recent(incidents: OrderedDict[tuple[int, str], Incident], now: datetime, window: timedelta) -> list[tuple[int, str, Incident]]:
    """Incidents that were seen within a window."""
    return [(number, cause, one) for (number, cause), one in incidents.items() if now - one.seen <= window]
