"""A rule tried on the past: the same engine over what history holds, and the alarms that it would have raised.

The work is done in a thread, a slice of the past at a time, so that the process goes on answering; it ends after so many rows
or seconds, and then says up to when it read.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from kouan.kernel.signals import Frame
from kouan.operations.alerts.engine import Engine
from kouan.operations.alerts.rows import MICRO
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.spells import Change
from kouan.operations.alerts.watched import Known, watch
from kouan.operations.alerts.watcher import micros, moment

MOST_SHOWN = 50
MOST_ROWS, MOST_SECONDS = 50_000_000, 60.0
STEP = 60 * MICRO
Source = Callable[[str, datetime, datetime], AsyncIterator[tuple[Frame, Mapping[int, Known]]]]
"""Frames of a signal in a span, in order of time, and what their keys stand for."""


@dataclass(slots=True)
class Outcome:
    """What would have been raised: rows read up to when, alarms, the first of them with when they ended."""

    until: datetime
    rows: int = 0
    alarms: int = 0
    hits: list[dict[str, Any]] = field(default_factory=list)
    _open: dict[int, dict[str, Any]] = field(default_factory=dict)

    def take(self, change: Change, known: Known | None) -> None:
        """An alarm begins or ends."""
        if not change.began:
            held = self._open.pop(change.key, None)
            if held is not None:
                held["until"] = moment(change.at)
            return
        self.alarms += 1
        if len(self.hits) < MOST_SHOWN:
            numbers = {name: value for name in ("value", "lon", "lat") if (value := getattr(change, name)) == value}
            hit = {"at": moment(change.at), "subject": known.name if known else str(change.key), "simulated": change.simulated, **numbers}
            self.hits.append(hit)
            self._open[change.key] = hit


class _Run:
    """One rule on its way through the past. `passed`: up to where time has been told to the engine, microseconds UTC."""

    def __init__(self, rule: StaffRule, outlines: Mapping[str, Any], since: datetime, until: datetime, zone: str) -> None:
        self.names: dict[int, Known] = {}
        self.engine, self.outcome = Engine(zone), Outcome(until)
        self.engine.load([watch(rule, outlines, self.names)])
        self.passed, self.ends = micros(since), micros(until)

    def learn(self, frame: Frame) -> None:
        """What ships said of themselves."""
        self.engine.fold(frame, self.ends)
        self.outcome.rows += len(frame)

    def fold(self, frame: Frame, deadline: float) -> bool:
        """Observations minute by minute, as the live engine meets them; False when time is up."""
        for piece in pieces(frame, STEP):
            last = int(piece["at"][-1])
            self.tell(int(piece["at"][0]))
            for change in self.engine.fold(piece, last):
                self.outcome.take(change, self.names.get(change.key))
            self.outcome.rows += len(piece)
            if time.monotonic() > deadline or self.outcome.rows > MOST_ROWS:
                self.outcome.until = moment(last)
                return False
        return True

    def tell(self, until: int) -> None:
        """Let time pass as the live engine does, a minute at a step."""
        for at in range(self.passed + STEP, until + 1, STEP):
            for change in self.engine.tick(at):
                self.outcome.take(change, self.names.get(change.key))
            self.passed = at


async def tried(
    rule: StaffRule, outlines: Mapping[str, Any], source: Source, since: datetime, until: datetime, zone: str, most_s: float = MOST_SECONDS
) -> Outcome:
    """Run a rule over a span of the past, for `most_s` seconds at most. Raises Unfit when a place that it names is not drawn."""
    run, deadline = _Run(rule, outlines, since, until, zone), time.monotonic() + most_s
    if rule.signal == "position":
        async for frame, _ in source("vessel_static", since, until):
            await asyncio.to_thread(run.learn, frame)
    async for frame, known in source(rule.signal, since, until):
        run.names.update(known)
        if not await asyncio.to_thread(run.fold, frame, deadline):
            return run.outcome
    await asyncio.to_thread(run.tell, run.ends)
    return run.outcome


def pieces(frame: Frame, step: int) -> Iterator[Frame]:
    """A frame in order of time, cut wherever so many microseconds end."""
    if not len(frame):
        return
    cuts = np.flatnonzero(np.diff(frame["at"] // step)) + 1
    for begin, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(frame)], strict=True):
        yield frame.pick(np.arange(begin, end))
