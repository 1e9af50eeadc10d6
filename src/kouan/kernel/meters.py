"""Meters: how often each inner service is asked, how long it takes itself, how long it waits for others, and how it fails.

A service is a name: a door (`door GET /api/trace`), `database`, `commit`, `handler base.x.y`, `connector z`. Times lie in
buckets of a logarithmic scale, so that a process holds a few hundred numbers for each however much is asked. What a service did
while another that it had asked was at work is that other's time: the union of such spans, for they may overlap.

    async with measured("database"):
        ...

Where somebody collects traces, what is measured for a sampled call is a span of that call's trace besides (`spans_to`).
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from kouan.kernel import calls

T = TypeVar("T")
FIRST = 1e-4
"""Seconds: what took less lies in the first bucket."""
BUCKETS = 42
"""Each bucket's upper bound is the square root of two times that of the one before: the last but one ends at 104 s."""
BOUNDS: tuple[float, ...] = tuple(FIRST * 2 ** (n / 2) for n in range(BUCKETS - 1))
MOST = 1500
OTHER = "other"


def bucket(seconds: float) -> int:
    """The bucket of a time: the first whose bound is not less."""
    return min(max(math.ceil(2 * math.log2(seconds / FIRST) - 1e-9), 0), BUCKETS - 1) if seconds > FIRST else 0


def middle(buckets: Mapping[int, int]) -> float:
    """The median of times in buckets (seconds), each taken to lie in the geometric middle of its own; 0 without any."""
    half, seen = sum(buckets.values()) / 2, 0
    for number in sorted(buckets):
        seen += buckets[number]
        if seen >= half > 0:
            return FIRST * 2 ** ((number - 0.5) / 2)
    return 0.0


@dataclass(slots=True)
class Meter:
    """What one service did. Seconds; `own`: without what it waited for others; `buckets`: how often it took how long in all."""

    count: int = 0
    errors: int = 0
    seconds: float = 0.0
    own: float = 0.0
    slowest: float = 0.0
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, seconds: float, own: float, failed: bool) -> None:
        """One call more."""
        self.count += 1
        self.errors += failed
        self.seconds += seconds
        self.own += own
        self.slowest = max(self.slowest, seconds)
        number = bucket(seconds)
        self.buckets[number] = self.buckets.get(number, 0) + 1

    def merge(self, other: Meter) -> None:
        """What another process or time says of the same service."""
        self.count, self.errors = self.count + other.count, self.errors + other.errors
        self.seconds, self.own = self.seconds + other.seconds, self.own + other.own
        self.slowest = max(self.slowest, other.slowest)
        for number, times in other.buckets.items():
            self.buckets[number] = self.buckets.get(number, 0) + times

    def out(self) -> list[Any]:
        """As JSON: count, errors, seconds, own seconds, slowest, buckets as pairs."""
        times = [[number, self.buckets[number]] for number in sorted(self.buckets)]
        return [self.count, self.errors, round(self.seconds, 6), round(self.own, 6), round(self.slowest, 6), times]

    @classmethod
    def of(cls, said: Iterable[Any]) -> Self:
        """What `out` said."""
        count, errors, seconds, own, slowest, times = said
        return cls(count, errors, seconds, own, slowest, {int(number): int(many) for number, many in times})


@dataclass(slots=True)
class Tally:
    """Services by name, who asked whom how often and for how many seconds, and what else is counted, by name."""

    of: dict[str, Meter] = field(default_factory=dict)
    asked: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def meter(self, service: str) -> Meter:
        """A service's meter; beyond a number of names, one for all others."""
        found = self.of.get(service)
        if found is None:
            found = self.of.setdefault(service if len(self.of) < MOST else OTHER, Meter())
        return found

    def edge(self, caller: str, service: str, times: float, seconds: float) -> None:
        """A service was asked by another."""
        known = self.asked.get((caller, service))
        if known is None:
            if len(self.asked) >= 4 * MOST:
                return
            known = self.asked[caller, service] = [0.0, 0.0]
        known[0] += times
        known[1] += seconds

    def merge(self, other: Tally) -> None:
        """Add what another process or time saw."""
        for service, meter in other.of.items():
            self.meter(service).merge(meter)
        for (caller, service), (times, seconds) in other.asked.items():
            self.edge(caller, service, times, seconds)
        for what, times in other.counts.items():
            self.counts[what] = self.counts.get(what, 0) + times

    def out(self) -> dict[str, Any]:
        """As JSON."""
        asked = [[caller, service, int(times), round(seconds, 6)] for (caller, service), (times, seconds) in self.asked.items()]
        return {"services": {name: meter.out() for name, meter in self.of.items()}, "asked": asked, "counts": dict(self.counts)}

    @classmethod
    def read(cls, doc: Mapping[str, Any]) -> Self:
        """What `out` said."""
        services = {name: Meter.of(said) for name, said in doc["services"].items()}
        return cls(services, {(caller, service): [times, seconds] for caller, service, times, seconds in doc["asked"]},
                   dict(doc.get("counts", {})))  # fmt: skip


class Meters:
    """The meters of this process: since its start, and since they were last taken."""

    def __init__(self) -> None:
        self.total, self._fresh = Tally(), Tally()

    def add(self, service: str, seconds: float, own: float, failed: bool) -> None:
        """One call of a service."""
        self.total.meter(service).add(seconds, own, failed)
        self._fresh.meter(service).add(seconds, own, failed)

    def edge(self, caller: str, service: str, times: float, seconds: float) -> None:
        """A service was asked by another."""
        self.total.edge(caller, service, times, seconds)
        self._fresh.edge(caller, service, times, seconds)

    def count(self, what: str, times: int = 1) -> None:
        """Something happened that is no call of a service. `what` comes out of a short list of names."""
        for tally in (self.total, self._fresh):
            tally.counts[what] = tally.counts.get(what, 0) + times

    def take(self) -> Tally:
        """What happened since the last time."""
        taken, self._fresh = self._fresh, Tally()
        return taken

    def give_back(self, taken: Tally) -> None:
        """What was taken could not be kept: it is told with the next."""
        self._fresh.merge(taken)


METERS = Meters()
"""A process has one set of meters, as it has one clock."""
_now: ContextVar[measured | None] = ContextVar("measured", default=None)
_slow: Callable[[str], float] | None = None


def slow_by(told: Callable[[str], float] | None) -> None:
    """A drill: let services take so many seconds longer, as `told` says of each (demo folders only)."""
    global _slow  # noqa: PLW0603 - a process has one drill, as it has one set of meters
    _slow = told


class Span(NamedTuple):
    """One service at work for a call: the call, the span's own id and its parent's, when it began (nanoseconds since 1970, UTC)
    and how many it took. It holds names of services alone, never what was asked of them."""

    call: calls.Call
    span: str
    parent: str
    service: str
    began: int
    took: int
    failed: bool


_spans: Callable[[Span], None] | None = None


def spans_to(told: Callable[[Span], None] | None) -> None:
    """Tell each span of a sampled call to one who collects them; None: nobody does. `told` must neither wait nor raise."""
    global _spans  # noqa: PLW0603 - a process has one collector, as it has one set of meters
    _spans = told


class measured:  # noqa: N801 - it is used like a function
    """While it is open, a service is at work. `on`: the service that does the work while this one only waits for it.

    `service` may be named later: a door is known when the router has found it. `metered`: False for what is none of the
    platform's own services (a subscriber's system): it is a span, and in no meter. `span`: its span's id, "" where none is made.
    """

    __slots__ = (
        "_active", "_asked", "_began", "_busy", "_inside", "_metered", "_on", "_parent", "_stood", "_up", "_whole", "call", "ended",
        "service", "span",
    )  # fmt: skip

    def __init__(self, service: str, *, on: str = "", metered: bool = True) -> None:
        self.service, self._on, self._metered = service, on, metered
        self.span, self._parent, self._stood, self._whole = "", "", 0, 0
        self.call: calls.Call | None = None
        self._active, self._busy, self._inside, self.ended = 0, 0.0, 0.0, False
        self._asked: dict[str, list[float]] = {}

    async def __aenter__(self) -> Self:
        self.begin()
        if _slow is not None and (longer := _slow(self.service)) > 0:
            await asyncio.sleep(longer)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _why: BaseException | None, _where: TracebackType | None) -> None:
        self.end(failed=kind is not None and issubclass(kind, Exception))

    def begin(self) -> None:
        """The service begins."""
        up = _now.get()
        self._up = up if up is not None and not up.ended else None
        _now.set(self)
        if _spans is not None:
            self._begin_span()
        self._began = time.perf_counter()
        if self._up is not None and self._metered:
            self._up.below(1, self._began)

    def end(self, *, failed: bool = False, counted: bool = True) -> None:
        """It has ended; one that is not `counted` leaves no trace (a stream that stood open for hours)."""
        at = time.perf_counter()
        took = at - self._began
        if self._active:
            self._inside += at - self._busy
        self.ended = True
        _now.set(self._up)
        if self._up is not None and self._metered:
            self._up.below(-1, at)
            self._up.asked(self.service, took)
        if not counted:
            return
        if _spans is not None:
            self._whole = int(took * 1e9)
            self._stood = time.time_ns() - self._whole
            if self.call is not None:
                _spans(Span(self.call, self.span, self._parent, self.service, self._stood, self._whole, failed))
        if not self._metered:
            return
        METERS.add(self.service, took, 0.0 if self._on else max(took - self._inside, 0.0), failed)
        if self._on:
            METERS.edge(self.service, self._on, 1, took)
        for service, (times, seconds) in self._asked.items():
            METERS.edge(self.service, service, times, seconds)

    def _begin_span(self) -> None:
        call = calls.current()
        # What goes on after the call is over (a task that somebody's call began for all) is no part of its trace.
        if call is None or call.over or not call.sampled:
            return
        self.call = call
        if not call.rooted:
            call.rooted = True
            self.span, self._parent = call.span, call.parent
        else:
            up = self._up
            self.span = secrets.token_hex(8)
            self._parent = up.span if up is not None and up.span and up.call is call else call.span

    def also(self, traces: Iterable[str]) -> None:
        """What has ended was done for other calls too, each as its trace was kept: a span in each of these traces."""
        for trace in traces:
            if _spans is not None and trace and (call := calls.begun(trace)).sampled:
                _spans(Span(call, call.span, call.parent, self.service, self._stood, self._whole, failed=False))

    def asked(self, service: str, seconds: float) -> None:
        """Another service has done what this one asked of it. It is told with this one's end: its name may still be unknown."""
        if self.ended:
            METERS.edge(self.service, service, 1, seconds)
            return
        known = self._asked.setdefault(service, [0.0, 0.0])
        known[0] += 1
        known[1] += seconds

    def below(self, step: int, at: float) -> None:
        """One that this service asked begins (1) or ends (-1)."""
        if self.ended:
            return
        if self._active == 0:
            self._busy = at
        self._active += step
        if self._active == 0:
            self._inside += at - self._busy


async def waiting(service: str, on: str, work: Awaitable[T]) -> T:
    """Wait for what another service does; the time is that one's."""
    async with measured(service, on=on):
        return await work
