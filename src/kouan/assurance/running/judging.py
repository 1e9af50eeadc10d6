"""What is unusual among services, and which of them is the cause.

A service's usual time is the median of the medians of former windows, its spread their median absolute deviation: neither is moved by a
few bad windows, and windows that were judged bad do not count. Nothing is usual before it was seen over minutes, in many windows and many
calls. A service is slow while the median of the last windows lies beyond both a number of spreads and a floor, after what the machine's
load explains: where more tasks share a processor than usual, all take longer by as much (processor sharing).
What is slow makes slow whoever asks it; so causes are ranked by the time that each service of the call graph below the slow ones takes
itself beyond its usual own time, over all its calls: seconds of waiting that it explains.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import fmean, median

from kouan.kernel.meters import FIRST, Meter, Tally, middle

SLOT = 5.0
"""Seconds of a window."""
RECENT, REMEMBERED = 3, 360
"""Windows that are judged together; windows that are remembered (half an hour)."""
LEAST_WINDOWS, LEAST_CALLS = 12, 30
"""What must be known of a service, beside the time over which it is known, before it can be unusual."""
NORMAL = 1.4826
"""A median absolute deviation times this is the standard deviation of a normal distribution."""
SILENT = 24
"""Windows without a call after which a slow service counts as slow no more."""
SHARE = 0.25
"""A cause explains at least this part of the added time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a service is slow: beyond so many spreads and so many seconds, by so many calls at least; and over how many seconds it must
    have been known before."""

    spreads: float = 6.0
    floor: float = 0.1
    calls: int = 3
    known: float = 120.0

    @property
    def windows(self) -> int:
        """The windows over which a service must have been known; those in which it was asked may be fewer."""
        return math.ceil(self.known / SLOT)

    @property
    def asked(self) -> int:
        """The windows in which it must have been asked: all of a short time, some of a long one."""
        return min(self.windows, LEAST_WINDOWS)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of a service (seconds): its median time, the spread of it, its own time for a call; and under which load of the
    machine (tasks that share a processor, 1 at least), None where it is not known."""

    middle: float
    spread: float
    own: float
    load: float | None = None

    def under(self, load: float | None) -> Usual:
        """What is to be expected under another load: as many times longer as more tasks share a processor; never shorter."""
        if load is None or self.load is None or load <= self.load:
            return self
        more = load / self.load
        return Usual(self.middle * more, self.spread * more, self.own * more, load)


@dataclass(frozen=True, slots=True)
class Cause:
    """A service as a cause: time for a call before and now, its own time for a call before and now, calls, seconds that it explains,
    its share of them, and the way from a slow service to it."""

    service: str
    before: float
    now: float
    own_before: float
    own_now: float
    calls: int
    explains: float
    share: float
    way: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What is remembered of a former window: its number, the median time, the own time for a call, how many calls."""

    number: int
    middle: float
    own: float
    calls: int


class Loads:
    """How many tasks shared a processor of the machine, window by window."""

    def __init__(self) -> None:
        self._seen: dict[int, list[float]] = {}

    def fold(self, slot: int, tasks: float) -> None:
        """What was seen at a moment: tasks that run or wait to run, for each processor."""
        self._seen.setdefault(slot, []).append(max(tasks, 1.0))
        for old in [number for number in self._seen if number <= slot - REMEMBERED]:
            del self._seen[old]

    def over(self, slots: Iterable[int]) -> float | None:
        """The median of the windows' means, None where none of them was seen."""
        means = [fmean(self._seen[slot]) for slot in slots if slot in self._seen]
        return median(means) if means else None


@dataclass(slots=True)
class Line:
    """One service: the windows of now, those of before, and the numbers of those in which it was slow."""

    fresh: dict[int, Meter] = field(default_factory=dict)
    past: deque[Window] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    bad: set[int] = field(default_factory=set)
    slow_since: int | None = None
    heard: int = 0
    known: tuple[int, Usual | None] = (-1, None)
    loads: Loads = field(default_factory=Loads)

    def fold(self, slot: int, meter: Meter) -> None:
        """What a process says of a window."""
        self.fresh.setdefault(slot, Meter()).merge(meter)
        self.heard = max(self.heard, slot)

    def recent(self, now: int) -> Meter:
        """The last windows together."""
        for number in sorted(self.fresh):
            if number <= now - RECENT:
                old = self.fresh.pop(number)
                self.past.append(Window(number, middle(old.buckets), old.own / max(old.count, 1), old.count))
        found = Meter()
        for meter in self.fresh.values():
            found.merge(meter)
        return found

    def usual(self, now: int, bounds: Bounds) -> Usual | None:
        """What is usual; None while too little is known."""
        if self.known[0] != now:
            self.known = now, self._usual(now, bounds)
        return self.known[1]

    def expected(self, now: int, bounds: Bounds) -> Usual | None:
        """What is usual, under the load that the machine has now."""
        usual = self.usual(now, bounds)
        return usual.under(self.loads.over(range(now - RECENT + 1, now + 1))) if usual else None

    def _usual(self, now: int, bounds: Bounds) -> Usual | None:
        known = [one for one in self.past if one.calls and one.number not in self.bad]
        if len(known) < bounds.asked or sum(one.calls for one in known) < LEAST_CALLS or known[0].number > now - bounds.windows:
            return None
        usual = median(one.middle for one in known)
        spread = NORMAL * median(abs(one.middle - usual) for one in known)
        return Usual(usual, spread, median(one.own for one in known), self.loads.over(one.number for one in known))

    def judge(self, now: int, bounds: Bounds) -> bool:
        """Whether the service is slow. It stays so until enough calls say otherwise, or nobody asks it any more."""
        recent = self.recent(now)
        if not recent.count and self.slow_since is None:
            return False
        usual = self.expected(now, bounds)
        if usual is None or (recent.count < bounds.calls and self.heard < now - SILENT):
            self.slow_since = None
        elif recent.count >= bounds.calls:
            slow = middle(recent.buckets) > usual.middle + max(bounds.spreads * usual.spread, bounds.floor)
            self.slow_since = (now if self.slow_since is None else self.slow_since) if slow else None
            if slow and now - (self.slow_since or now) < REMEMBERED:
                self.bad |= self.fresh.keys()
        self.bad = {number for number in self.bad if number > now - REMEMBERED} if self.bad else self.bad
        return self.slow_since is not None


class Judge:
    """All services: their windows, who asks whom, what is slow."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.loads = Loads()
        self.graphs: deque[tuple[int, Tally]] = deque(maxlen=64 * RECENT)
        self.slow: set[str] = set()

    def fold(self, slot: int, tally: Tally) -> None:
        """What a process says of a window."""
        for service, meter in tally.of.items():
            self.lines.setdefault(service, Line(loads=self.loads)).fold(slot, meter)
        self.graphs.append((slot, Tally(asked=tally.asked)))

    def judge(self, now: int, bounds: Bounds) -> set[str]:
        """The services that are slow now."""
        self.slow = {service for service, line in self.lines.items() if line.judge(now, bounds)}
        return self.slow

    def causes(self, now: int, bounds: Bounds) -> list[Cause]:
        """Why: the services at and below the slow ones that take longer themselves than is to be expected, by the waiting that each
        explains."""
        ways = below(self.slow, self.asks(now))
        found = []
        for service, way in ways.items():
            line = self.lines.get(service)
            recent, usual = (line.recent(now), line.expected(now, bounds)) if line else (Meter(), None)
            if usual is None or not recent.count:
                continue
            explains = recent.own - recent.count * usual.own
            if explains > FIRST:
                found.append((explains, service, way, recent, usual))
        whole = sum(one[0] for one in found)
        return [
            Cause(service, usual.middle, middle(recent.buckets), usual.own, recent.own / recent.count, recent.count, explains,
                  explains / whole, way)
            for explains, service, way, recent, usual in sorted(found, key=lambda one: (-one[0], one[1]))
        ]  # fmt: skip

    def asks(self, now: int) -> dict[str, set[str]]:
        """Who asked whom in the last windows."""
        graph: dict[str, set[str]] = {}
        for slot, tally in self.graphs:
            if slot > now - RECENT:
                for caller, service in tally.asked:
                    graph.setdefault(caller, set()).add(service)
        return graph


def below(starts: Iterable[str], asks: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    """Every service that some services ask, themselves or by others, with the shortest way to it."""
    ways: dict[str, tuple[str, ...]] = {}
    waiting: deque[tuple[str, tuple[str, ...]]] = deque((start, (start,)) for start in sorted(starts))
    while waiting:
        service, way = waiting.popleft()
        # A slow service that another slow one asks is told by the way from whoever asked first.
        if service in ways:
            continue
        ways[service] = way
        waiting.extend((other, (*way, other)) for other in sorted(asks.get(service, ())))
    return ways


def roots(causes: Iterable[Cause], bounds: Bounds) -> list[Cause]:
    """The causes that a ticket is worth: each explains a good part of the waiting, and is slower itself by more than half the floor."""
    return [one for one in causes if one.share >= SHARE and one.own_now - one.own_before >= bounds.floor / 2]
