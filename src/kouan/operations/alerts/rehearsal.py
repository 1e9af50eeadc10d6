"""An alert that the platform brings, tried on past days with other numbers: the word itself, over what history holds.

What it raises is folded by the same book as live, so that as many warnings are counted as there would have been.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from kouan.kernel.alerts import Alert, Past
from kouan.kernel.signals import Frame
from kouan.operations.alerts.book import Alarm, Book, Entry
from kouan.operations.alerts.judging import alarm_of, numbers
from kouan.operations.alerts.trial import MOST_ROWS, MOST_SECONDS, MOST_SHOWN, Outcome, pieces
from kouan.operations.alerts.watcher import moment

Hour = tuple[datetime, list[Frame]]


class _Stage:
    """One word on its way through the past."""

    def __init__(self, word: type[Alert], past: Past, values: Mapping[str, float], until: datetime) -> None:
        self.word, self.past, self.values = word(), past, numbers(word.parameters, values)
        self.book, self.outcome = Book(), Outcome(until)
        self._hits: dict[int, tuple[Entry, dict[str, Any]]] = {}
        self._heard = False

    def play(self, frames: list[Frame], since: datetime, until: datetime, deadline: float) -> bool:
        """What was heard in a span, looked at step by step; False when time is up."""
        step = int(self.past.every / timedelta(microseconds=1))
        waiting = sorted(chain.from_iterable(pieces(frame, step) for frame in frames), key=lambda one: int(one["at"][0]))
        now, place = since, 0
        while now < until:
            now = min(now + self.past.every, until)
            while place < len(waiting) and moment(int(waiting[place]["at"][-1])) <= now:
                self.past.fold(waiting[place])
                self.outcome.rows += len(waiting[place])
                self._heard, place = True, place + 1
            if self._heard:
                self.look(now)
            if time.monotonic() > deadline or self.outcome.rows > MOST_ROWS:
                self.outcome.until = now
                return False
        return True

    def look(self, now: datetime) -> None:
        """Ask the word, and note which warnings begin and end."""
        alarms = [alarm_of(self.word, one) for one in self.word.judge(self.past.look(now), self.values, now)]
        for alarm in alarms:
            self.book.raised(alarm, now)
        self.book.seen(self.word.code, [alarm.condition for alarm in alarms], now)
        self.book.settle(now)
        while self.book.todo:
            todo = self.book.todo.popleft()
            if todo.what == "file":
                self._began(todo.entry)
            elif id(todo.entry) in self._hits:
                self._hits[id(todo.entry)][1]["until"] = now if todo.what == "clear" else None

    def _began(self, entry: Entry) -> None:
        alarm: Alarm = entry.alarm
        self.outcome.alarms += 1
        if len(self.outcome.hits) >= MOST_SHOWN:
            return
        told = {name: value for name in ("value", "lon", "lat") if (value := getattr(alarm, name)) is not None}
        hit = {"at": alarm.at, "subject": (alarm.subjects[0] if alarm.subjects else alarm.key)[:160], "simulated": alarm.simulated, **told}
        self.outcome.hits.append(hit)
        self._hits[id(entry)] = entry, hit  # the entry is held, so that no other takes its place


async def rehearsed(
    word: type[Alert], past: Past, values: Mapping[str, float], hours: AsyncIterator[Hour], since: datetime, until: datetime,
    most_s: float = MOST_SECONDS,
) -> Outcome:  # fmt: skip
    """A word over a span of the past with some numbers, in a thread, for `most_s` seconds at most. `past` must be started.

    `hours`: the end of each part of the span, and what was heard in it.
    """
    stage, begin, deadline = _Stage(word, past, values, until), since, time.monotonic() + most_s
    async for end, frames in hours:
        if not await asyncio.to_thread(stage.play, frames, begin, end, deadline):
            break
        begin = end
    return stage.outcome
