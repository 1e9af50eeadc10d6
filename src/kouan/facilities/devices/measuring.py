"""What devices measured, from names and values to frames of the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from kouan.facilities.devices.living import Life
from kouan.facilities.devices.register import REGISTER, Entry, Register, series_of
from kouan.facilities.devices.telling import Told
from kouan.facilities.telemetry.api import SIMULATED, Numbers
from kouan.kernel.signals import Array, Frame

SHARE = 2500
"""Readings of one device that are taken for one tick, ten thousand a second; beyond, the oldest are dropped and counted."""
AHEAD = 2 * 60 * 1_000_000
"""Microseconds by which a device's clock may be ahead; beyond, the stream takes the time of arrival and counts it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Measures:
    """Readings that wait for the next tick, by device."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._series: dict[tuple[str, str], int] = {}
        self._waiting: dict[str, deque[tuple[int, int, float, int]]] = {}
        self._stated: dict[str, Entry] = {}
        self._simulated: dict[str, bool] = {}
        self._posted: dict[int, tuple[str, str]] = {}
        self._numbered = np.zeros(0, np.uint64)

    async def state(self, register: Register) -> None:
        """Let the series of new and changed devices be as the register says."""
        for code, entry in register.entries.items():
            if (former := self._stated.get(code)) is not None and former.data == entry.data and former.orgs == entry.orgs:
                continue
            known = {series.metric: series for series in await self._numbers.find_series(code)}
            for wanted in series_of(entry):
                limits = (series.limits if (series := known.get(wanted.metric)) else None) or {}
                own = bool(limits) and limits.get("by") != REGISTER
                stated = replace(wanted, limits=limits) if own else wanted
                self._series[code, wanted.metric] = (await self._numbers.state(stated)).number
            self._stated[code], self._simulated[code] = entry, entry.data.simulated
        for code in self._stated.keys() - register.entries.keys():
            del self._stated[code]
        by_http = {code for code, entry in register.entries.items() if entry.data.driver == "http"}
        self._posted = {number: pair for pair, number in self._series.items() if pair[0] in by_http}
        self._numbered = np.array(sorted(self._posted), np.uint64)

    def take(self, entry: Entry, told: Told, life: Life, now: datetime) -> None:
        """Readings of a device. What it is not registered for is refused and counted."""
        arrived = int((now - _EPOCH).total_seconds() * 1_000_000)
        waiting = self._waiting.setdefault(entry.code, deque(maxlen=SHARE))
        for value in told.values:
            metric = entry.metric(value.metric)
            number = self._series.get((entry.code, metric.name)) if metric else None
            if metric is None or number is None:
                told.refuse("unknown_metric")
                continue
            if len(waiting) == SHARE:
                told.refuse("thinned")
            else:
                life.readings += 1
            waiting.append((number, value.at or arrived, value.value, value.quality))
            at = value.at if 0 < value.at <= arrived + AHEAD else arrived
            if at >= life.last.get(metric.name, (0, 0))[1]:
                life.last[metric.name] = [value.value * metric.scale + metric.offset, at]

    def posted(self, frame: Frame) -> Iterator[tuple[str, str, float, int]]:
        """The newest reading in a frame of each metric that is reported by HTTP: device, metric, value, event time."""
        mine = frame.pick(np.isin(frame["key"], self._numbered))
        newest = {number: n for n, number in enumerate(mine["key"].tolist())}
        for number, row in newest.items():
            yield *self._posted[number], float(mine["value"][row]), int(mine["at"][row])

    def frames(self) -> Iterator[tuple[Frame, str]]:
        """What waits, a frame for each device; each device is a source of its own, so that none is judged by another's clock."""
        waiting, self._waiting = self._waiting, {}
        for code, rows in waiting.items():
            if rows:
                key, at, value, quality = zip(*rows, strict=True)
                columns: dict[str, Array] = {
                    "key": np.array(key, np.uint64), "at": np.array(at, np.int64), "value": np.array(value, np.float64),
                    "quality": np.array(quality, np.uint8),
                    "flags": np.full(len(rows), SIMULATED if self._simulated.get(code) else 0, np.uint8),
                }  # fmt: skip
                yield Frame("reading", columns), f"device:{code}"
