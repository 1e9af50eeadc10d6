"""The edge: where frames come in. Times are judged, duplicates dropped, floods thinned fairly, and all of it is counted.

Everything waits here for one beat, so that what goes on the bus are batches and never single observations.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kouan.facilities.telemetry.marks import fingerprint
from kouan.facilities.telemetry.screening import Screen
from kouan.facilities.telemetry.ships import micros
from kouan.facilities.telemetry.signals import CAUSES, ESTIMATED, LATE
from kouan.kernel import clock
from kouan.kernel.signals import Array, Frame, join

FUTURE = 2 * 60 * 1_000_000
BACK = 1_000_000
"""Microseconds by which our clock must go back between two beats to count as set."""
LATENESS = 30 * 1_000_000
"""Microseconds by which a source's observations may be out of order before they count as late."""
ROOM = 200_000
"""Rows that may wait for one beat; a source's fair share of it is its own, whatever others send."""
REMEMBERED = 1 << 20
"""Observations that are remembered to know a duplicate by."""
SOURCES = 4096


@dataclass(slots=True)
class Source:
    """One sender: what waits of it, how far its time has come, and what became of its observations."""

    waiting: deque[Frame] = field(default_factory=deque)
    rows: int = 0
    newest: int = 0
    counts: Counter[str] = field(default_factory=Counter)


class Edge:
    """Frames wait here, by source, for the next beat."""

    def __init__(self, room: int = ROOM, screen: Screen | None = None) -> None:
        self._room, self._screen = room, screen
        self._rows = 0
        self.sources: dict[str, Source] = {}
        self.counts: Counter[str] = Counter()
        self._seen = Seen()
        self._present = 0

    def offer(self, frames: Sequence[Frame], source: str = "") -> None:
        """Take frames in; when there are too many the source that has most waiting loses its oldest (counted)."""
        sender = self._sender(source)
        for frame in frames:
            if len(frame):
                sender.waiting.append(frame)
                sender.rows += len(frame)
                self._rows += len(frame)
                sender.counts["rows"] += len(frame)
                self.counts["rows"] += len(frame)
        while self._rows > self._room:
            self._thin()

    def refuse(self, cause: str, rows: int, source: str = "") -> None:
        """Count what a listener could not read, or what was turned away before it became a frame."""
        self.counts[f"refused.{cause}"] += rows
        self._sender(source).counts[f"refused.{cause}"] += rows

    def count(self, cause: str, rows: int, source: str = "") -> None:
        """Count something of a sender's that is neither: a flood that was cut before it was read, a connection that broke."""
        self.counts[cause] += rows
        self._sender(source).counts[cause] += rows

    def drain(self) -> list[Frame]:
        """What came since the last beat: a frame for each signal and set of columns, times judged, without duplicates."""
        waiting: dict[tuple[str, ...], list[Frame]] = {}
        self._look_at_the_clock()
        for source in self.sources.values():
            while source.waiting:
                frame = self._judged(source.waiting.popleft(), source)
                waiting.setdefault((frame.signal, *sorted(frame.columns)), []).append(frame)
            source.rows = 0
        self._rows = 0
        return [frame for frames in waiting.values() for frame in self._once(join(frames)) if len(frame)]

    def told(self) -> dict[str, dict[str, int]]:
        """What each source sent and what became of it; the hundred of which most was counted."""
        most = sorted(self.sources.items(), key=lambda pair: -pair[1].counts.total())[:100]
        return {name: dict(source.counts) for name, source in most}

    def forget(self, frames: Sequence[Frame]) -> None:
        """These never went on: sent again they are no repeats."""
        for frame in frames:
            self._seen.forget(frame)

    def _sender(self, name: str) -> Source:
        found = self.sources.get(name)
        if found is None:
            # A stranger who names himself anew each time does not fill the memory.
            found = self.sources.setdefault(name if len(self.sources) < SOURCES else "others", Source())
        return found

    def _thin(self) -> None:
        heaviest = max(self.sources.values(), key=lambda source: source.rows)
        lost = heaviest.waiting.popleft()
        excess = self._rows - self._room
        if len(lost) > excess:
            heaviest.waiting.appendleft(lost.pick(slice(excess, None)))  # type: ignore[arg-type]  # a slice chooses rows as well
        gone = min(len(lost), excess)
        heaviest.rows -= gone
        self._rows -= gone
        heaviest.counts["thinned"] += gone
        self.counts["thinned"] += gone

    def _look_at_the_clock(self) -> None:
        """A clock that was ahead and is set right leaves nobody late by what was dated while it was wrong."""
        before, self._present = self._present, micros(clock.now())
        if self._present < before - BACK:
            self.counts["clock.set_back"] += 1
            for source in self.sources.values():
                source.newest = min(source.newest, self._present)

    def _judged(self, frame: Frame, source: Source) -> Frame:
        at = frame["at"].astype(np.int64)
        flags = frame.columns.get("flags", np.zeros(len(frame), np.uint8)).astype(np.uint8)
        present = micros(clock.now())
        unknown, ahead = at <= 0, at > present + FUTURE
        at[unknown | ahead] = present
        flags[unknown | ahead] |= ESTIMATED
        late = at < source.newest - LATENESS
        source.newest = max(source.newest, int(at.max(initial=0)))
        flags[late] |= LATE
        for cause, rows in (("untimed", unknown), ("future", ahead), ("late", late)):
            if count := int(rows.sum()):
                source.counts[cause] += count
                self.counts[cause] += count
        return Frame(frame.signal, {**frame.columns, "at": at, "flags": flags})

    def _once(self, frame: Frame) -> list[Frame]:
        fresh = self._seen.fresh(frame)
        if frame.signal == "reading" and self._screen is not None:
            good, bad = self._screen.judge(frame, ~fresh)
            if bad is None:
                return [good]
            for cause, count in zip(*np.unique(bad["cause"], return_counts=True), strict=True):
                self.counts[f"rejected.{CAUSES[int(cause)]}"] += int(count)
            return [good, bad]
        if fresh.all():
            return [frame]
        self.counts["rejected.duplicate"] += len(frame) - int(fresh.sum())
        return [frame.pick(fresh)]


class Seen:
    """Which observations came already: same key, same time, same values, among the last million of them."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._places = np.zeros(remembered, np.uint64)
        self._mask = np.uint64(remembered - 1)

    def fresh(self, frame: Frame) -> Array:
        """A mask of the rows that were not seen before; they are remembered."""
        marks = fingerprint(frame)
        first = np.zeros(len(frame), bool)
        first[np.unique(marks, return_index=True)[1]] = True
        places = (marks >> np.uint64(20)) & self._mask
        fresh: Array = first & (self._places[places] != marks)
        self._places[places] = marks
        return fresh

    def forget(self, frame: Frame) -> None:
        """Remember these rows no more."""
        marks = fingerprint(frame)
        places = (marks >> np.uint64(20)) & self._mask
        mine = self._places[places] == marks
        self._places[places[mine]] = 0
