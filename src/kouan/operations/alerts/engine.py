"""The engine of staff's rules: frames in, alarms out; rules are found by index, judged by columns, explained on request.

A decision is one rule judged on one observation in its scope. Each decision keeps its verdict and which of its conditions
were met; the words of it are made when somebody reads them (`explained`).
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic, thread_time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kouan.kernel.signals import Frame
from kouan.operations.alerts.bounding import BY_WORK, Stalled, at_most
from kouan.operations.alerts.conditions import Node, leaves
from kouan.operations.alerts.rows import MICRO, Array, Memory, Rows
from kouan.operations.alerts.shapes import Pairs, Shape, structure
from kouan.operations.alerts.spells import Bound, Change, Spells, Terms
from kouan.operations.alerts.wording import shown

log = logging.getLogger(__name__)
LATE, SIMULATED, BAD = 2, 1, 2
MOST_SECONDS, WINDOW, SHARE = 1.0, 10.0, 0.5
"""Seconds of computing that rules of one shape may take over one frame; in each so many seconds they may take this part."""
UNHEARD = 30 * MICRO
"""Between two moments up to which the stream is complete; with more between them nobody listened."""
COLUMNS = {
    "reading": ("value",),
    "position": ("lon", "lat", "speed", "course", "heading", "turn", "altitude", "accuracy", "status"),
}
EVIDENCE = {"reading": ("value",), "position": ("lon", "lat")}
STATIC = ("ship_type", "length", "draught", "mid")
KIND_SHIFT, NUMBER_MASK = np.uint64(56), np.uint64((1 << 56) - 1)


@dataclass(frozen=True, slots=True)
class Watched:
    """A live rule as the engine runs it. `covers` says whether an entity (its key) is in its scope; `only` the names of which it
    can be, None for any, and `named` an entity's name: so that a new entity is not held against every rule of every other.
    """

    name: str
    revision: int
    signal: str
    node: Node
    terms: Terms
    covers: Callable[[int], bool]
    only: frozenset[str] | None = None
    named: Callable[[int], str] = str


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was judged of one frame by rules of one shape: row, rule (place in `rules`), verdict, leaves met as bits."""

    rules: Sequence[Watched]
    shape: Shape
    rows: Rows
    pairs: Pairs
    verdict: Array
    bits: Array

    def __len__(self) -> int:
        """How many decisions."""
        return len(self.verdict)

    def explained(self, chosen: Array | None = None) -> list[dict[str, Any]]:
        """Some decisions in words, or all: rule, revision, verdict, each condition with what was seen and its threshold."""
        chosen = np.arange(len(self)) if chosen is None else chosen
        pairs = Pairs(self.pairs.row[chosen], self.pairs.rule[chosen])
        rules, bits = pairs.rule.tolist(), self.bits[chosen]
        says = [self.shape.words[rule] for rule in rules]
        columns = []
        for n, values in enumerate(self.shape.values(self.rows, pairs)):
            met = (bits >> np.uint32(n) & 1).astype(bool).tolist()
            told = zip(says, met, shown(values), strict=True)
            columns.append([{"condition": one[n], "met": is_met, "seen": seen} for one, is_met, seen in told])
        heads = [(self.rules[r].name, self.rules[r].revision) for r in range(len(self.rules))]
        return [
            {"rule": heads[r][0], "revision": heads[r][1], "verdict": verdict, "conditions": parts}
            for r, verdict, parts in zip(rules, self.verdict[chosen].tolist(), zip(*columns, strict=True), strict=True)
        ]


class _Group:
    """Rules of one shape and signal, and the entities that each of them watches."""

    def __init__(self, rules: Sequence[Watched]) -> None:
        self.rules = list(rules)
        self.shape = Shape([rule.node for rule in rules])
        self.spells = Spells([rule.terms for rule in rules], [(rule.name, rule.revision) for rule in rules])
        self.start = np.zeros(0, np.int64)
        self.count = np.zeros(0, np.int64)
        self.spent = 0.0
        self._any = [n for n, rule in enumerate(self.rules) if rule.only is None]
        self._by_name: dict[str, list[int]] = {}
        for n, rule in enumerate(self.rules):
            for name in rule.only or ():
                self._by_name.setdefault(name, []).append(n)

    def bind(self, first: int, keys: Sequence[int]) -> None:
        """New entities, numbered from `first`: which rules watch them."""
        starts, counts, named = [], [], self.rules[0].named
        for slot, key in enumerate(keys, first):
            asked = sorted(self._any + self._by_name.get(named(key), [])) if self._by_name else self._any
            mine = [n for n in asked if self.rules[n].covers(key)]
            starts.append(self.spells.add(mine, key, slot))
            counts.append(len(mine))
        self.start = np.concatenate([self.start, np.array(starts, np.int64)])
        self.count = np.concatenate([self.count, np.array(counts, np.int64)])

    def pairs(self, slot: Array) -> tuple[Array, Array]:
        """Rows and bindings to be judged: every row with every rule that watches its entity, in order of rows."""
        counts = self.count[slot]
        row = np.repeat(np.arange(len(slot)), counts)
        ends = np.cumsum(counts)
        within = np.arange(len(row)) - np.repeat(ends - counts, counts)
        return row, self.start[slot][row] + within

    def fold(self, rows: Rows) -> tuple[Decisions, list[Change]]:
        """Judge, and follow the alarms; a decision for each pair."""
        row, binding = self.pairs(rows.slot)
        pairs = Pairs(row, self.spells.rule[binding])
        verdict, bits = self.shape.judge(rows, pairs)
        decided = Decisions(self.rules, self.shape, rows, pairs, verdict, bits)

        def holds(chosen: Array) -> Array:
            found: Array = self.shape.judge(rows, Pairs(row[chosen], pairs.rule[chosen], held=True))[0]
            return found

        return decided, self.spells.fold(rows, row, binding, verdict, holds)


@dataclass(slots=True)
class _Signal:
    """The entities of one signal by key, what each said last, and the groups of rules that watch them."""

    memory: Memory
    groups: list[_Group] = field(default_factory=list)
    keys: Array = field(default_factory=lambda: np.zeros(0, np.uint64))
    slots: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    by_slot: list[int] = field(default_factory=list)

    def slot_of(self, keys: Array) -> Array:
        """The slots of some keys; new ones are bound to their rules first."""
        place = np.searchsorted(self.keys, keys)
        known = place < len(self.keys)
        known[known] = self.keys[place[known]] == keys[known]
        if not known.all():
            self._meet(np.unique(keys[~known]))
            place = np.searchsorted(self.keys, keys)
        found: Array = self.slots[place]
        return found

    def _meet(self, fresh: Array) -> None:
        first, names = len(self.by_slot), [int(key) for key in fresh]
        self.by_slot += names
        for group in self.groups:
            group.bind(first, names)
        self.memory.grow(len(self.by_slot))
        merged = np.concatenate([self.keys, fresh])
        slots = np.concatenate([self.slots, np.arange(first, first + len(fresh))])
        order = np.argsort(merged, kind="stable")
        self.keys, self.slots = merged[order], slots[order]


class Engine:
    """Live rules over frames. `fold` answers the changes of alarms; `decided` counts the decisions so far.

    `bounded`: rules that take more than their share are found and isolated; not so where a rule is tried on the past.
    """

    def __init__(self, zone: str = "UTC", *, bounded: bool = False) -> None:
        self._bounded, self._window = bounded, monotonic()
        self._zone = ZoneInfo(zone)
        self._signals: dict[str, _Signal] = {}
        self._particulars: dict[int, tuple[float, float, float]] = {}
        self.rules: dict[str, Watched] = {}
        self.isolated: dict[str, str] = {}
        self.decided = 0
        self._reached = self._missed = 0
        self.last: list[Decisions] = []
        self._asks_ships = False

    def load(self, rules: Iterable[Watched]) -> None:
        """Run these rules from now on. Alarms of rules that stay as they were go on; memory of entities is kept."""
        wanted = {rule.name: rule for rule in rules}
        open_ = [one for signal in self._signals.values() for group in signal.groups for one in group.spells.open()]
        self.isolated = {name: why for name, why in self.isolated.items() if wanted.get(name) == self.rules.get(name)}
        self.rules = wanted
        self._asks_ships = any(getattr(leaf, "field", "") in STATIC for rule in wanted.values() for leaf in leaves(rule.node))
        for name, columns in COLUMNS.items():
            held = self._signals.setdefault(name, _Signal(Memory(columns, EVIDENCE[name])))
            held.groups = _grouped([r for r in wanted.values() if r.signal == name and r.name not in self.isolated])
            for group in held.groups:
                group.bind(0, held.by_slot)
        self.resume(open_)

    def resume(self, bounds: Iterable[Bound]) -> None:
        """Alarms that hold already (after a restart, after a change of rules): they do not fire again."""
        for bound in bounds:
            for signal in self._signals.values():
                for group in signal.groups:
                    places = [n for n, rule in enumerate(group.rules) if rule.name == bound.name and rule.covers(bound.key)]
                    if places:
                        signal.slot_of(np.array([bound.key], np.uint64))
                        group.spells.resume(places[0], bound)

    def fold(self, frame: Frame, now: int) -> list[Change]:
        """Judge a frame; the alarms that begin or end by it. `now`: microseconds UTC."""
        if frame.signal == "vessel_static":
            self._learn(frame)
            return []
        signal = self._signals.get(frame.signal)
        if signal is None or not signal.groups or not len(frame):
            return []
        rows = self._rows(signal, frame)
        self.last, changes = [], []
        for group in list(signal.groups):
            began = thread_time()
            try:
                with at_most(MOST_SECONDS, BY_WORK) if self._bounded else contextlib.nullcontext():
                    decided, changed = group.fold(rows)
            except Exception as problem:
                log.exception("rules of one shape failed")
                self._split(signal, group, problem)
                continue
            group.spent += thread_time() - began
            self.decided += len(decided)
            self.last.append(decided)
            changes += _told(changed, decided)
        return changes

    def share(self) -> None:
        """Look, once in each window, whether rules of one shape took more than their share of it; called about once a second."""
        passed = monotonic() - self._window
        if passed < WINDOW or not self._bounded:
            return
        self._window += passed
        for signal in self._signals.values():
            for group in list(signal.groups):
                spent, group.spent = group.spent, 0.0
                if spent > SHARE * passed:
                    self._split(signal, group, Stalled(f"took {spent:.1f} s of {passed:.1f} s"))

    def reach(self, at: int) -> list[Change]:
        """The stream is complete up to a moment (microseconds UTC): `tick` there.

        A moment far behind the former one, or before it, means that nobody listened meanwhile, or that a clock jumped: that time
        makes nobody silent. Who is caught up with afterwards has spoken when it is read, whenever it was said.
        """
        if self._reached and not 0 <= at - self._reached <= UNHEARD:
            self._missed += at - self._reached
        return self.tick(at)

    def tick(self, now: int) -> list[Change]:
        """What time alone changes: alarms that have been clear long enough, entities that are absent."""
        self._reached, listened = now, now - self._missed
        changes: list[Change] = []
        for signal in self._signals.values():
            memory = signal.memory
            np.minimum(memory.heard, listened, out=memory.heard)
            changes += [change for group in signal.groups for change in group.spells.tick(now, memory.heard, listened)]
        return changes

    def trail(self, signal: str, key: int) -> dict[str, Array]:
        """The last observations of an entity, the oldest first; empty when it is not known."""
        held = self._signals.get(signal)
        if held is None or key not in held.keys:
            return {}
        return held.memory.trail(int(held.slot_of(np.array([key], np.uint64))[0]))

    def counted(self) -> Iterable[tuple[str, int, int, float]]:
        """For each alarm that holds: rule, key, how often it was met since it was asked last, and the last value."""
        for signal in self._signals.values():
            for group in signal.groups:
                yield from group.spells.counted()

    def _split(self, signal: _Signal, group: _Group, problem: Exception) -> None:
        """A failing group goes on rule by rule, a slow one by halves; a rule that fails alone is isolated and said so."""
        signal.groups.remove(group)
        if len(group.rules) == 1:
            self.isolated[group.rules[0].name] = f"{type(problem).__name__}: {problem}"[:200]
            return
        open_ = list(group.spells.open())
        many = len(group.rules) // 2 if isinstance(problem, Stalled) else 1
        for start in range(0, len(group.rules), many):
            part = _Group(group.rules[start : start + many])
            part.bind(0, signal.by_slot)
            signal.groups.append(part)
        self.resume(open_)

    def _learn(self, frame: Frame) -> None:
        for n, key in enumerate(frame["key"].tolist()):
            length = float(frame["to_bow"][n]) + float(frame["to_stern"][n])
            self._particulars[key] = (float(frame["ship_type"][n]), length or np.nan, float(frame["draught"][n]))

    def _rows(self, signal: _Signal, frame: Frame) -> Rows:
        if "quality" in frame.columns and not (good := frame["quality"] < BAD).all():
            frame = frame.pick(good)
        slot, at = signal.slot_of(frame["key"]), frame["at"]
        np.maximum.at(signal.memory.heard, slot, np.maximum(at, self._reached) - self._missed)
        if (late := (frame["flags"] & LATE) > 0).any():
            # What comes late moves nothing back; that it was said does count.
            frame, slot, at = frame.pick(~late), slot[~late], at[~late]
        names = COLUMNS[frame.signal]
        columns = {name: np.asarray(frame[name], float) for name in names if name in frame.columns}
        before = signal.memory.pass_on(slot, at, columns)
        if frame.signal == "position" and self._asks_ships:
            columns |= self._ship(frame["key"])
        minute, day = self._local(at)
        return Rows(at, slot, columns, before, minute, day, (frame["flags"] & SIMULATED) > 0)

    def _ship(self, keys: Array) -> dict[str, Array]:
        unknown = (np.nan, np.nan, np.nan)
        known = np.array([self._particulars.get(key, unknown) for key in keys.tolist()]).reshape(-1, 3)
        number, kind = keys & NUMBER_MASK, keys >> KIND_SHIFT
        mid = np.where(kind == 0, (number // np.uint64(1_000_000)).astype(float), np.nan)
        return {**{name: known[:, n] for n, name in enumerate(STATIC[:3])}, "mid": mid}

    def _local(self, at: Array) -> tuple[Array, Array]:
        """Minute of the day and day of the week (Monday 1) in the port's time, by the offset at the frame's first row."""
        first = datetime.fromtimestamp(int(at[0]) / MICRO, self._zone) if len(at) else datetime.now(self._zone)
        offset = first.utcoffset()
        minutes = at // (60 * MICRO) + (int(offset.total_seconds()) // 60 if offset else 0)
        return minutes % 1440, (minutes // 1440 + 3) % 7 + 1


def _told(changes: Sequence[Change], decided: Decisions) -> list[Change]:
    """Changes with the explanation of the decision that made each, and what was seen and where."""
    if not changes:
        return []
    rows, chosen = decided.rows, np.array([change.decision for change in changes])
    row = decided.pairs.row[chosen]
    where = {name: rows.columns[name][row].tolist() for name in ("value", "lon", "lat") if name in rows.columns}
    words, simulated = decided.explained(chosen), rows.simulated[row].tolist()
    return [
        replace(change, simulated=simulated[n], shown=words[n], **{name: values[n] for name, values in where.items()})
        for n, change in enumerate(changes)
    ]


def _grouped(rules: Sequence[Watched]) -> list[_Group]:
    by: dict[Any, list[Watched]] = {}
    for rule in rules:
        by.setdefault(structure(rule.node), []).append(rule)
    return [_Group(mine) for mine in by.values()]
