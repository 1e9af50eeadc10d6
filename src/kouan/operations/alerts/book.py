"""The conditions that hold now, each with its one warning: what is raised again folds in, a flood becomes one warning.

Held in memory, so that alarms are followed also while the database is away; what has to be filed waits here in order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from kouan.kernel.ids import uuid7
from kouan.kernel.text import Text

FOLDS = timedelta(minutes=10)
"""A condition that comes again so soon after it was gone is the same warning."""
CALM = timedelta(seconds=60)
MOST_A_MINUTE = 20
MOST_WAITING = 5000
MANY_ZH, MANY_EN = "{title}：短时间内大量触发，已归并", "{title}: many at once, folded into one"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One condition as it was raised: what a warning will say. `alert`: the code of its kind, `key`: which one of that kind."""

    alert: str
    key: str
    title: Text
    message: Text
    at: datetime
    severity: str
    owner: str
    respond: timedelta
    clears_after: timedelta
    clause: str = ""
    subjects: tuple[str, ...] = ()
    evidence: Mapping[str, Any] = field(default_factory=dict)
    lon: float | None = None
    lat: float | None = None
    value: float | None = None
    threshold: float | None = None
    unit: str = ""
    orgs: tuple[str, ...] = ()
    place: str | None = None
    rule: str | None = None
    revision: int | None = None
    simulated: bool = False

    @property
    def condition(self) -> str:
        """What tells this condition from all others."""
        return f"{self.alert}|{self.key}"[:200]


@dataclass(slots=True)
class Entry:
    """A condition and its warning. `id` is "" until it is filed; `gone` since when it is not raised any more."""

    alarm: Alarm
    number: str
    last: datetime
    id: str = ""
    count: int = 1
    value: float | None = None
    gone: datetime | None = None
    cleared: bool = False
    told: bool = True
    flips: int = 0
    into: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to be kept: `file` a new warning, `clear` one, or say that its condition holds `again`."""

    what: str
    entry: Entry


class Book:
    """All conditions by what tells them apart."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.todo: deque[Todo] = deque()
        self.counts = {"raised": 0, "folded": 0, "flooded": 0, "cleared": 0, "dropped": 0}
        self._recent: dict[str, deque[datetime]] = {}

    def restore(self, entry: Entry) -> None:
        """A warning that was open when the engine stopped."""
        self.entries[entry.alarm.condition] = entry

    def raised(self, alarm: Alarm, now: datetime) -> Entry:
        """A condition holds. New ones are filed; a known one counts when it had gone."""
        entry = self.entries.get(alarm.condition)
        if entry is not None and entry.cleared and entry.gone is not None and now - entry.gone > FOLDS:
            entry = None
        if entry is None:
            return self._new(alarm, now)
        if entry.gone is not None:
            entry.count, entry.flips = entry.count + 1, entry.flips + 1
            self.counts["folded"] += 1
        if entry.cleared:
            entry.cleared = False
            self._do("again", entry)
        entry.gone, entry.last, entry.value, entry.told = None, now, alarm.value, False
        return entry

    def met(self, condition: str, value: float | None, now: datetime) -> None:
        """A condition that holds was met once more; it is the same alarm."""
        entry = self.entries.get(condition)
        if entry is not None and not entry.cleared:
            entry.last, entry.value, entry.told = now, value, False

    def gone(self, condition: str, now: datetime) -> None:
        """A condition was seen not to hold any more; it is cleared when it has been gone long enough (see `settle`)."""
        entry = self.entries.get(condition)
        if entry is not None and entry.gone is None and not entry.cleared:
            entry.gone = now

    def seen(self, alert: str, conditions: Iterable[str], now: datetime) -> None:
        """All conditions of one kind that hold: the others of that kind are gone."""
        holding = set(conditions)
        for name, entry in self.entries.items():
            if entry.alarm.alert == alert and not entry.cleared and name not in holding and entry.alarm.key != "*":
                self.gone(name, now)

    def settle(self, now: datetime) -> None:
        """Clear what is gone long enough. One that flutters is given longer each time, so that it makes no versions."""
        for name, entry in list(self.entries.items()):
            if entry.gone is None:
                continue
            if not entry.cleared and now - entry.gone >= entry.alarm.clears_after + _patience(entry.flips):
                entry.cleared = True
                self.counts["cleared"] += 1
                self._clear(entry, now)
            if entry.cleared and now - entry.gone > FOLDS and not any(todo.entry is entry for todo in self.todo):
                del self.entries[name]

    def changed(self) -> list[Entry]:
        """Warnings whose count moved since this was asked last."""
        moved = [entry for entry in self.entries.values() if not entry.told and entry.id]
        for entry in moved:
            entry.told = True
        return moved

    def open(self, alert: str) -> list[Entry]:
        """The conditions of one kind that hold."""
        return [entry for entry in self.entries.values() if entry.alarm.alert == alert and not entry.cleared]

    def _new(self, alarm: Alarm, now: datetime) -> Entry:
        recent = self._recent.setdefault(alarm.alert, deque())
        while recent and now - recent[0] > CALM:
            recent.popleft()
        if len(recent) >= MOST_A_MINUTE and alarm.key != "*":
            return self._flooded(alarm, now)
        recent.append(now)
        self.counts["raised"] += 1
        entry = Entry(alarm, number_of(now), now, value=alarm.value)
        self.entries[alarm.condition] = entry
        self._do("file", entry)
        return entry

    def _flooded(self, alarm: Alarm, now: datetime) -> Entry:
        """Beyond so many a minute all further conditions of a kind stand in one warning."""
        title = Text(MANY_ZH.format(title=alarm.title.zh), MANY_EN.format(title=alarm.title.en))
        both = replace(alarm, key="*", message=title, subjects=(), evidence={"first": alarm.message.out()}, value=None, threshold=None)
        whole = self.entries.get(both.condition)
        if whole is None or whole.cleared:
            whole = self.raised(both, now)
        whole.count, whole.last, whole.gone, whole.told = whole.count + 1, now, None, False
        self.counts["flooded"] += 1
        entry = Entry(alarm, whole.number, now, value=alarm.value, into=both.condition)
        self.entries[alarm.condition] = entry
        return entry

    def _clear(self, entry: Entry, now: datetime) -> None:
        if not entry.into:
            self._do("clear", entry)
        elif not any(other.into == entry.into and not other.cleared for other in self.entries.values()):
            self.gone(entry.into, now)

    def _do(self, what: str, entry: Entry) -> None:
        if len(self.todo) >= MOST_WAITING:
            self.counts["dropped"] += 1
            return
        self.todo.append(Todo(what, entry))


def _patience(flips: int) -> timedelta:
    return timedelta(seconds=min(600, 15 * 2**flips)) if flips > 1 else timedelta(0)


def number_of(now: datetime) -> str:
    """A number for a new warning: its day, and what tells it from all others of it."""
    return f"WA-{now:%Y%m%d}-{uuid7().hex[-10:].upper()}"
