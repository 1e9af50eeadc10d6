"""Frames onto the bus: split by kind and partition, each batch once, kept while NATS is away as long as there is room."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kouan.facilities.telemetry.bus import AWAY, Bus
from kouan.facilities.telemetry.codec import pack
from kouan.facilities.telemetry.movers import Movers
from kouan.facilities.telemetry.numbers import Levels
from kouan.facilities.telemetry.sealing import Seals, is_sealed
from kouan.facilities.telemetry.signals import KIND_BITS, KIND_LEVELS, KINDS, LEVELS
from kouan.kernel.signals import Array, Frame

log = logging.getLogger(__name__)
PARTITIONS = 4
"""Parts of the stream that are kept by one process each. More processes than this share no more load."""
BUFFER = 96 << 20
AT_ONCE = 64
LARGEST = 50_000
BY_SERIES = frozenset({"reading", "rejected"})
"""Signals whose key is the number of a series, which states their level."""
_STATED = 200
"""Classes of positions from this number on are levels that the register states, below it they are kinds."""
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def partition_of(keys: Array, parts: int = PARTITIONS) -> Array:
    """The partition of each key."""
    found: Array = ((keys.astype(np.uint64, copy=False) * _SPREAD) >> np.uint64(40)) % np.uint64(parts)
    return found.astype(np.uint8)


def level_of(subject: str) -> int:
    """The level of the batches of a subject `…<signal>.<class>.<partition>`."""
    signal, class_, _ = subject.rsplit(".", 2)
    if class_.startswith("level"):
        return int(class_.removeprefix("level"))
    return max(LEVELS.get(signal.rpartition(".")[2], 1), KIND_LEVELS.get(class_, 1))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A batch on its way: a subject's name, an id of its own, the frame as bytes, and how many rows it has."""

    name: str
    id: str
    content: bytes
    rows: int


@dataclass(slots=True)
class Splitter:
    """Cuts frames for the bus. `levels` tells the level of each number of a series; positions go by kind, or by the level that is stated
    of their mover (`movers`). `seals` seals by subject."""

    parts: int = PARTITIONS
    levels: Levels = field(default_factory=Levels)
    movers: Movers = field(default_factory=Movers)
    seals: Seals | None = None
    _run: str = field(default_factory=lambda: secrets.token_hex(6))
    _count: int = 0

    def split(self, frames: Sequence[Frame]) -> list[Outgoing]:
        """Batches for the bus; in each the rows keep their order."""
        return [batch for frame in frames for batch in self._one(frame)]

    def _one(self, frame: Frame) -> list[Outgoing]:
        classes = self._classes(frame)
        marks = classes.astype(np.uint16) << 8 | partition_of(frame["key"], self.parts)
        found = []
        for mark in np.unique(marks).tolist():
            rows = np.flatnonzero(marks == mark)
            for start in range(0, len(rows), LARGEST):
                part = frame.pick(rows[start : start + LARGEST])
                if self.seals is not None and is_sealed(frame.signal, self._level(frame.signal, mark >> 8)):
                    part = self.seals.seal(part)
                self._count += 1
                name = f"{frame.signal}.{self._name(frame.signal, mark >> 8)}.{mark & 255}"
                found.append(Outgoing(name, f"{self._run}-{self._count}", pack(part), len(part)))
        return found

    def _classes(self, frame: Frame) -> Array:
        if frame.signal not in BY_SERIES:
            kinds: Array = (frame["key"] >> np.uint64(KIND_BITS)).astype(np.uint8)
            levels = self.movers.of(frame["key"]) if frame.signal == "position" else None
            return kinds if levels is None else np.where(levels == 0, kinds, levels + np.uint8(_STATED))
        levels = self.levels.of(frame["key"])
        return np.where(levels == 0, LEVELS[frame.signal], levels).astype(np.uint8)

    @staticmethod
    def _level(signal: str, number: int) -> int:
        """The level of a class from which on its rows may be sealed; 0 of a kind, of which none is."""
        return number if signal in BY_SERIES else max(number - _STATED, 0)

    @staticmethod
    def _name(signal: str, number: int) -> str:
        if signal in BY_SERIES or number > _STATED:
            return f"level{number % _STATED}"
        return KINDS[number] if number < len(KINDS) else "other"


class Publisher:
    """Sends batches in order, again until JetStream has them; beyond the buffer the oldest go, and are counted."""

    def __init__(self, bus: Bus, splitter: Splitter, counts: Counter[str]) -> None:
        self._bus, self.splitter, self._counts = bus, splitter, counts
        self._waiting: deque[Outgoing] = deque()
        self._size = 0
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stuck_since = 0.0

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name="publisher")

    async def stop(self, seconds: float = 1.0) -> None:
        """Send what waits, for so many seconds at most; then no more."""
        limit = time.monotonic() + seconds
        while self._waiting and time.monotonic() < limit:
            await asyncio.sleep(0.02)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def stuck(self) -> bool:
        """Whether nothing has gone out for a second although something waits."""
        return bool(self._waiting) and (not self._bus.connected or time.monotonic() - self._stuck_since > 1.0)

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return sum(batch.rows for batch in self._waiting)

    def put(self, frames: Sequence[Frame]) -> list[Outgoing]:
        """Frames to be sent; answers the batches that they became."""
        batches = self.splitter.split(frames)
        for batch in batches:
            if not self._waiting:
                self._stuck_since = time.monotonic()
            self._waiting.append(batch)
            self._size += len(batch.content)
        while self._size > BUFFER:
            lost = self._waiting.popleft()
            self._size -= len(lost.content)
            self._counts["lost.bus_away"] += lost.rows
        if self._waiting:
            self._woken.set()
        return batches

    def put_last(self, name: str, id_: str, content: bytes) -> None:
        """Something small behind what waits, in place of the one like it that waits there already."""
        if not self._waiting:
            self._stuck_since = time.monotonic()
        elif self._waiting[-1].name == name:
            self._size -= len(self._waiting.pop().content)
        self._waiting.append(Outgoing(name, id_, content, 0))
        self._size += len(content)
        self._woken.set()

    async def _run(self) -> None:
        while True:
            await self._woken.wait()
            if not self._waiting:
                self._woken.clear()
                continue
            try:
                await self._bus.stream()
                while self._waiting:
                    await self._send()
            except AWAY as problem:
                log.debug("the bus is away: %s", problem)
                await asyncio.sleep(0.3)

    async def _send(self) -> None:
        batches = [self._waiting[n] for n in range(min(AT_ONCE, len(self._waiting)))]
        sent = await asyncio.gather(
            *(self._bus.keep(batch.name, batch.content, batch.id) for batch in batches), return_exceptions=True
        )
        trouble = [problem for problem in sent if isinstance(problem, BaseException)]
        done = {
            batch.id for batch, problem in zip(batches, sent, strict=True) if not isinstance(problem, BaseException)
        }
        self._waiting = deque(batch for batch in self._waiting if batch.id not in done)
        self._size = sum(len(batch.content) for batch in self._waiting)
        if done:
            self._stuck_since = time.monotonic()
            self._counts["sent.batches"] += len(done)
        if trouble:
            raise trouble[0]


async def publish(bus: Bus, frames: Sequence[Frame], splitter: Splitter | None = None) -> None:
    """Put frames into the stream from any process; returns when JetStream has all of them, raises one of AWAY otherwise."""
    batches = (splitter or Splitter()).split(frames)
    await bus.stream()
    for start in range(0, len(batches), AT_ONCE):
        await asyncio.gather(*(bus.keep(b.name, b.content, b.id) for b in batches[start : start + AT_ONCE]))
