"""The alarms of rules over time: begun after a duration or a count, held with hysteresis, ended when clear long enough.

One entry (binding) for each pair of rule and entity. Most observations change no alarm: those are passed by columns, and
only the entries at which something may change are followed one by one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kouan.operations.alerts.rows import MICRO, Array, Rows

IDLE, PENDING, ACTIVE, CLEARING = range(4)


@dataclass(frozen=True, slots=True)
class Terms:
    """When a rule's alarm begins and ends: `for_s` it must hold, or `count` times `within_s`; `absent_s` without a word;
    `clears_after_s` it must be gone."""

    for_s: float = 0
    count: int = 1
    within_s: float = 0
    absent_s: float = 0
    clears_after_s: float = 0


@dataclass(frozen=True, slots=True)
class Bound:
    """An alarm that holds: its rule, the entity, since when (microseconds UTC)."""

    name: str
    key: int
    since: int


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm that begins (`began`) or ends. `decision`: which decision of the frame shows it, -1 for none."""

    name: str
    revision: int
    key: int
    at: int
    began: bool
    value: float = float("nan")
    lon: float = float("nan")
    lat: float = float("nan")
    simulated: bool = False
    decision: int = -1
    shown: dict[str, Any] = field(default_factory=dict)


class Spells:
    """All entries of one group of rules. `terms` and `names` (with revision): by the rule's place in the group."""

    def __init__(self, terms: Sequence[Terms], names: Sequence[tuple[str, int]]) -> None:
        self.terms, self.names = list(terms), list(names)
        micro = [(one.for_s, one.clears_after_s, one.absent_s) for one in terms]
        self._for, self._clear, self._absent = (np.array([int(m[n] * MICRO) for m in micro], np.int64) for n in range(3))
        self._counting = np.array([one.count > 1 for one in terms], bool)
        self.size = 0
        self.rule, self.slot, self.since, self.hits = (np.zeros(0, np.int64) for _ in range(4))
        self.key = np.zeros(0, np.uint64)
        self.value = np.zeros(0)
        self.phase = np.zeros(0, np.int8)
        self._seen: dict[int, deque[int]] = {}
        self._changes: list[Change] = []

    def add(self, rules: Sequence[int], key: int, slot: int) -> int:
        """Entries for an entity and the rules that watch it; answers where they begin."""
        first, n = self.size, len(rules)
        self._grow(first + n)
        self.rule[first : first + n] = rules
        self.key[first : first + n] = key
        self.slot[first : first + n] = slot
        self.size = first + n
        return first

    def resume(self, rule: int, bound: Bound) -> None:
        """An alarm that holds already."""
        for entry in np.flatnonzero((self.rule[: self.size] == rule) & (self.key[: self.size] == np.uint64(bound.key))):
            self.phase[entry], self.since[entry] = ACTIVE, bound.since

    def open(self) -> Iterator[Bound]:
        """The alarms that hold."""
        for entry in np.flatnonzero(self.phase[: self.size] >= ACTIVE):
            yield Bound(self.names[int(self.rule[entry])][0], int(self.key[entry]), int(self.since[entry]))

    def counted(self) -> Iterable[tuple[str, int, int, float]]:
        """For each alarm that was met since this was asked last: rule, key, how often, the last value."""
        for entry in np.flatnonzero(self.hits[: self.size] > 0):
            yield self.names[int(self.rule[entry])][0], int(self.key[entry]), int(self.hits[entry]), float(self.value[entry])
        self.hits[: self.size] = 0

    def fold(self, rows: Rows, row: Array, entry: Array, fires: Array, holds: Callable[[Array], Array]) -> list[Change]:
        """Follow the entries of some decisions (in order of time). `holds` judges some decisions by the clearing thresholds."""
        if not len(row):
            return []
        at, phase, rule = rows.at[row], self.phase[entry], self.rule[entry]
        keeps = fires.copy()
        doubtful = np.flatnonzero((phase >= ACTIVE) & ~fires)
        if len(doubtful):
            keeps[doubtful] = holds(doubtful)
        waited = at - self.since[entry]
        moving = (phase == IDLE) & fires
        moving |= (phase == PENDING) & (~fires | (waited >= self._for[rule]))
        moving |= (phase == ACTIVE) & ~keeps
        moving |= (phase == CLEARING) & (keeps | (waited >= self._clear[rule]))
        if "value" in rows.columns:
            held = phase >= ACTIVE
            self.value[entry[held]] = rows.columns["value"][row[held]]
        np.add.at(self.hits, entry[(phase >= ACTIVE) & fires], 1)
        self._changes = []
        if moving.any():
            self._follow(np.unique(entry[moving]), entry, at, fires, holds)
        return self._changes

    def tick(self, now: int, last: Array, listened: int) -> list[Change]:
        """What time alone changes. `last`: when each entity was heard last, by slot, in listened time, as `listened` is now."""
        self._changes = []
        size = self.size
        rule, phase = self.rule[:size], self.phase[:size]
        for entry in np.flatnonzero((phase == CLEARING) & (now - self.since[:size] >= self._clear[rule])):
            self._end(int(entry), now, -1)
        silent = self._absent[rule] > 0
        if silent.any():
            heard = last[self.slot[:size]]
            absent = silent & (heard > 0) & (listened - heard > self._absent[rule])
            for entry in np.flatnonzero(absent & (phase == IDLE)):
                self._begin(int(entry), now, -1)
            for entry in np.flatnonzero(silent & ~absent & (heard > 0) & (phase == ACTIVE)):
                self._end(int(entry), now, -1)
        return self._changes

    def _follow(self, moving: Array, entry: Array, at: Array, fires: Array, holds: Callable[[Array], Array]) -> None:
        chosen = np.flatnonzero(np.isin(entry, moving))
        keeps = fires[chosen] | holds(chosen)
        phases = dict(zip(moving.tolist(), self.phase[moving].tolist(), strict=True))
        turns = zip(entry[chosen].tolist(), at[chosen].tolist(), fires[chosen].tolist(), keeps.tolist(), chosen.tolist(), strict=True)
        for one, when, fire, keep, decision in turns:
            phase = phases[one]
            if (phase == IDLE and not fire) or (phase == ACTIVE and keep):
                continue
            self._step(one, when, fire, keep, decision)
            phases[one] = int(self.phase[one])

    def _step(self, entry: int, at: int, fires: bool, keeps: bool, decision: int) -> None:
        phase, rule = self.phase[entry], self.rule[entry]
        if phase == IDLE and fires and self._enough(entry, at):
            self._pend(entry, at, decision)
        elif phase == PENDING and not fires:
            self.phase[entry] = IDLE
        elif phase == PENDING and at - self.since[entry] >= self._for[rule]:
            self._begin(entry, at, decision)
        elif phase == ACTIVE and not keeps:
            self.phase[entry], self.since[entry] = CLEARING, at
            if self._clear[rule] == 0:
                self._end(entry, at, decision)
        elif phase == CLEARING and keeps:
            self.phase[entry] = ACTIVE
        elif phase == CLEARING and at - self.since[entry] >= self._clear[rule]:
            self._end(entry, at, decision)

    def _enough(self, entry: int, at: int) -> bool:
        """Whether the condition was met often enough within its window."""
        rule = int(self.rule[entry])
        if not self._counting[rule]:
            return True
        terms = self.terms[rule]
        seen = self._seen.setdefault(entry, deque(maxlen=terms.count))
        seen.append(at)
        return len(seen) == terms.count and at - seen[0] <= terms.within_s * MICRO

    def _pend(self, entry: int, at: int, decision: int) -> None:
        self.since[entry] = at
        if self._for[self.rule[entry]] > 0:
            self.phase[entry] = PENDING
        else:
            self._begin(entry, at, decision)

    def _begin(self, entry: int, at: int, decision: int) -> None:
        self.phase[entry], self.since[entry], self.hits[entry] = ACTIVE, at, 0
        self._tell(entry, at, True, decision)

    def _end(self, entry: int, at: int, decision: int) -> None:
        self.phase[entry] = IDLE
        self._seen.pop(entry, None)
        self._tell(entry, at, False, decision)

    def _tell(self, entry: int, at: int, began: bool, decision: int) -> None:
        name, revision = self.names[int(self.rule[entry])]
        self._changes.append(Change(name, revision, int(self.key[entry]), at, began, decision=decision))

    def _grow(self, size: int) -> None:
        more = max(size, 2 * len(self.rule), 64) - len(self.rule)
        if size <= len(self.rule):
            return
        for name in ("rule", "slot", "since", "hits", "key", "value", "phase"):
            held = getattr(self, name)
            setattr(self, name, np.concatenate([held, np.zeros(more, held.dtype)]))
