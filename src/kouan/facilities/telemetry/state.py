"""State: the latest observation of each key, in columns; a frame is folded in without work per row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kouan.facilities.telemetry.ships import micros
from kouan.kernel import clock
from kouan.kernel.signals import Array, Column, Frame, Signal
from kouan.kernel.words import every, named

MOST = 1_000_000
"""Entities of one signal beyond which new ones are turned away (and counted)."""
FIRST = 4096
AHEAD = 3 * 60 * 1_000_000
"""Microseconds ahead of our clock beyond which nothing that is right can be dated."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
MERGED = frozenset({"vessel_static"})
"""Signals of which a row may tell a part only: what it does not tell stays as it was."""
WHOLE = frozenset({"at", "flags"})


class Index:
    """Row numbers by 64-bit key: open addressing, probed for a whole array of keys at once. Key 0 is a key like others."""

    def __init__(self) -> None:
        self.count = 0
        self._bits = FIRST.bit_length()
        self._slots = np.full(1 << self._bits, -1, np.int32)
        self.keys = np.zeros(FIRST, np.uint64)

    def find(self, keys: Array) -> Array:
        """The row of each key as int32; -1 where it is not known."""
        found = np.full(len(keys), -1, np.int32)
        open_ = np.arange(len(keys))
        places = self._home(keys)
        mask = len(self._slots) - 1
        while len(open_):
            rows = self._slots[places]
            known = rows >= 0
            same = known & (self.keys[rows] == keys[open_])
            found[open_[same]] = rows[same]
            further = known & ~same
            open_ = open_[further]
            places = (places[further] + 1) & mask
        return found

    def add(self, keys: Array) -> None:
        """Give rows, in this order, to keys of which none is known and none comes twice."""
        total = self.count + len(keys)
        if total > len(self.keys):
            self.keys = np.concatenate([self.keys, np.zeros(max(total, 2 * len(self.keys)) - len(self.keys), np.uint64)])
        self.keys[self.count : total] = keys
        rows = np.arange(self.count, total, dtype=np.int32)
        self.count = total
        if total * 2 > len(self._slots):
            self._bits = max(self._bits + 1, (total * 3).bit_length())
            self._slots = np.full(1 << self._bits, -1, np.int32)
            rows = np.arange(total, dtype=np.int32)
        self._put(rows)

    def _put(self, rows: Array) -> None:
        places = self._home(self.keys[rows])
        mask = len(self._slots) - 1
        while len(rows):
            free = self._slots[places] < 0
            self._slots[places[free]] = rows[free]
            # Of keys that want one place the last written has it; the others go on to the next.
            late = self._slots[places] != rows
            rows = rows[late]
            places = (places[late] + 1) & mask

    def _home(self, keys: Array) -> Array:
        return ((keys.astype(np.uint64, copy=False) * _SPREAD) >> np.uint64(64 - self._bits)).astype(np.intp)


class Table:
    """The latest rows of one signal."""

    def __init__(self, signal: type[Signal]) -> None:
        self.signal = signal.code
        self.columns: tuple[Column, ...] = tuple(c for c in signal.columns if c.name != "key")
        self.index = Index()
        self.data: dict[str, Array] = {c.name: c.absent(FIRST) for c in self.columns}
        self.data["at"][:] = np.iinfo(np.int64).min
        self.revisions = np.zeros(FIRST, np.int64)
        self.revision = 0
        self.turned_away = 0
        self._last = np.zeros(FIRST, np.int64)

    def fold(self, frame: Frame) -> int:
        """Take rows in; an older row never replaces a newer one. Answers how many keys changed."""
        rows, at = self._rows(frame["key"]), frame["at"]
        held = self.data["at"][rows]
        # What stands in the future was dated by a clock that was ahead: it hides nothing that is said now.
        chosen = np.flatnonzero((rows >= 0) & ((at >= held) | (held > micros(clock.now()) + AHEAD)))
        if not len(chosen):
            return 0
        at = at[chosen]
        if len(at) > 1 and not (at[1:] >= at[:-1]).all():
            chosen = chosen[np.argsort(at, kind="stable")]
        rows = rows[chosen]
        self.revision += 1
        if self.signal in MERGED:
            self._merge(rows, chosen, frame)
        # Of rows of one key the last written has its place in `_last`: it is the newest.
        self._last[rows] = chosen
        newest = self._last[rows] == chosen
        rows, chosen = rows[newest], chosen[newest]
        for column in self.columns:
            if column.name in frame.columns and (self.signal not in MERGED or column.name in WHOLE):
                self.data[column.name][rows] = frame[column.name][chosen]
            elif self.signal not in MERGED:
                self.data[column.name][rows] = column.absent(1)[0]
        self.revisions[rows] = self.revision
        return len(rows)

    def _merge(self, rows: Array, chosen: Array, frame: Frame) -> None:
        for column in self.columns:
            if column.name in frame.columns and column.name not in WHOLE:
                values = frame[column.name][chosen]
                told = ~np.isnan(values) if values.dtype.kind == "f" else values != np.zeros(1, values.dtype)[0]
                self.data[column.name][rows[told]] = values[told]

    def _rows(self, keys: Array) -> Array:
        rows = self.index.find(keys)
        missing = rows < 0
        if not missing.any():
            return rows
        fresh = np.unique(keys[missing])
        room = MOST - self.index.count
        if len(fresh) > room:
            self.turned_away += len(fresh) - max(room, 0)
            fresh = fresh[: max(room, 0)]
        self.index.add(fresh)
        self._grow(self.index.count)
        return self.index.find(keys)

    def _grow(self, needed: int) -> None:
        have = len(self.revisions)
        if needed <= have:
            return
        more = max(needed, 2 * have) - have
        for column in self.columns:
            fill = column.absent(more)
            if column.name == "at":
                fill[:] = np.iinfo(np.int64).min
            self.data[column.name] = np.concatenate([self.data[column.name], fill])
        self.revisions = np.concatenate([self.revisions, np.zeros(more, np.int64)])
        self._last = np.zeros(have + more, np.int64)

    def take(self, rows: Array) -> Frame:
        """Some rows as a frame (copied)."""
        columns = {"key": self.index.keys[rows], **{c.name: self.data[c.name][rows] for c in self.columns}}
        return Frame(self.signal, columns)

    def live(self) -> Array:
        """Numbers of the rows that hold something."""
        return np.flatnonzero(self.revisions[: self.index.count])

    def forget(self, before: int) -> int:
        """Let go of rows that were observed before a moment (microseconds UTC); answers how many."""
        kept = self.live()
        kept = kept[self.data["at"][kept] >= before]
        gone = self.index.count - len(kept)
        if gone:
            frame, revisions = self.take(kept), self.revisions[kept]
            self.index = Index()
            self.index.add(frame["key"])
            room = max(FIRST, len(kept))
            for column in self.columns:
                self.data[column.name] = np.concatenate([frame[column.name], column.absent(room - len(kept))])
            self.data["at"][len(kept) :] = np.iinfo(np.int64).min
            self.revisions = np.concatenate([revisions, np.zeros(room - len(kept), np.int64)])
            self._last = np.zeros(room, np.int64)
        return gone


class State:
    """The latest picture of a stream process, by signal and key."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {signal.code: Table(signal) for signal in every(Signal)}

    def fold(self, frame: Frame) -> int:
        """Take a frame in; answers how many keys changed. KeyError for a signal that nobody declared."""
        return self._table(frame.signal).fold(frame)

    def latest(self, signal: str, keys: Array | None = None) -> Frame:
        """The latest row of each key, or of the named ones that are known; order is that of first appearance."""
        table = self._table(signal)
        if keys is None:
            return table.take(table.live())
        rows = table.index.find(np.asarray(keys, np.uint64))
        return table.take(rows[rows >= 0])

    def of(self, key: int, signal: str = "position") -> Mapping[str, Any] | None:
        """What is known of one key, as Python values by column; None when nothing is."""
        found = self.latest(signal, np.array([key], np.uint64))
        return {name: column[0].item() for name, column in found.columns.items()} if len(found) else None

    def since(self, signal: str, mark: int) -> tuple[Frame, int]:
        """The rows that changed after a mark, and the mark to ask with next time (0 at first)."""
        table = self._table(signal)
        changed = np.flatnonzero(table.revisions[: table.index.count] > mark)
        return table.take(changed), table.revision

    def count(self, signal: str) -> int:
        """How many keys of a signal are known."""
        return self._table(signal).index.count

    def turned_away(self) -> int:
        """How many keys found no place."""
        return sum(table.turned_away for table in self._tables.values())

    def forget(self, before: int) -> int:
        """Let go of what was last observed before a moment (microseconds UTC); answers how many keys."""
        return sum(table.forget(before) for table in self._tables.values())

    def _table(self, signal: str) -> Table:
        if signal not in self._tables:
            self._tables[signal] = Table(named(Signal, signal))
        return self._tables[signal]
