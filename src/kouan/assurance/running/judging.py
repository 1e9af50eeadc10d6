"""What is unusual among services, and which of them is the cause.

A service's usual time is the median of the medians of former windows, its spread their median absolute deviation: neither is moved by a
few bad windows, and windows that were judged bad do not count. A service is slow while the median of the last windows lies beyond
both a number of spreads and a floor. What is slow makes slow whoever asks it; so causes are ranked by the time that each service of the
call graph below the slow ones takes itself beyond its usual own time, over all its calls: seconds of waiting that it explains.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from kouan.kernel.meters import FIRST, Meter, Tally, middle

SLOT = 5.0
"""Seconds of a window."""
RECENT, REMEMBERED = 3, 360
"""Windows that are judged together; windows that are remembered (half an hour)."""
LEAST_WINDOWS, LEAST_CALLS = 3, 8
"""What must be known of a service before it can be unusual."""
NORMAL = 1.4826
"""A median absolute deviation times this is the standard deviation of a normal distribution."""
SILENT = 24
"""Windows without a call after which a slow service counts as slow no more."""
SHARE = 0.25
"""A cause explains at least this part of the added time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a service is slow: beyond so many spreads and so many seconds, by so many calls at least."""

    spreads: float = 6.0
    floor: float = 0.1
    calls: int = 3


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual of a service (seconds): its median time, the spread of it, its own time for a call."""

    middle: float
    spread: float
    own: float


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


@dataclass(slots=True)
class Line:
    """One service: the windows of now, those of before, and the numbers of those in which it was slow."""

    fresh: dict[int, Meter] = field(default_factory=dict)
    past: deque[Window] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    bad: set[int] = field(default_factory=set)
    slow_since: int | None = None
    heard: int = 0
    known: tuple[int, Usual | None] = (-1, None)

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

    def usual(self, now: int) -> Usual | None:
        """What is usual; None while too little is known."""
        if self.known[0] != now:
            self.known = now, self._usual()
        return self.known[1]

    def _usual(self) -> Usual | None:
        known = [one for one in self.past if one.calls and one.number not in self.bad]
        if len(known) < LEAST_WINDOWS or sum(one.calls for one in known) < LEAST_CALLS:
            return None
        usual = median(one.middle for one in known)
        spread = NORMAL * median(abs(one.middle - usual) for one in known)
        return Usual(usual, spread, median(one.own for one in known))

    def judge(self, now: int, bounds: Bounds) -> bool:
        """Whether the service is slow. It stays so until enough calls say otherwise, or nobody asks it any more."""
        recent = self.recent(now)
        if not recent.count and self.slow_since is None:
            return False
        usual = self.usual(now)
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
        self.graphs: deque[tuple[int, Tally]] = deque(maxlen=64 * RECENT)
        self.slow: set[str] = set()

    def fold(self, slot: int, tally: Tally) -> None:
        """What a process says of a window."""
        for service, meter in tally.of.items():
            self.lines.setdefault(service, Line()).fold(slot, meter)
        self.graphs.append((slot, Tally(asked=tally.asked)))

    def judge(self, now: int, bounds: Bounds) -> set[str]:
        """The services that are slow now."""
        self.slow = {service for service, line in self.lines.items() if line.judge(now, bounds)}
        return self.slow

    def causes(self, now: int) -> list[Cause]:
        """Why: the services at and below the slow ones that take longer themselves, by the waiting that each explains."""
        ways = below(self.slow, self.asks(now))
        found = []
        for service, way in ways.items():
            line = self.lines.get(service)
            recent, usual = (line.recent(now), line.usual(now)) if line else (Meter(), None)
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
