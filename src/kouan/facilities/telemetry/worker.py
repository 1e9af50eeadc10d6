"""What the processes of the stream share: frames out through an edge of their own, leases, and reading on where the last one was."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import numpy as np

from kouan.facilities.telemetry import store
from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.codec import unpack
from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.history.reading import History
from kouan.facilities.telemetry.leases import Leases
from kouan.facilities.telemetry.numbers import Numbers
from kouan.facilities.telemetry.publishing import Publisher, Splitter
from kouan.facilities.telemetry.reader import Batch, Place, Reader
from kouan.facilities.telemetry.screening import Screen
from kouan.facilities.telemetry.sealing import Seals
from kouan.facilities.telemetry.ships import frames_of, micros
from kouan.facilities.telemetry.signals import BAD, KIND_BITS, Position, Reading
from kouan.facilities.telemetry.state import State
from kouan.facilities.telemetry.tides import EVERY, SETTLES, mark
from kouan.facilities.telemetry.tides import NAME as MARK
from kouan.kernel import clock
from kouan.kernel.clock import stamp
from kouan.kernel.database import GONE
from kouan.kernel.port import Port
from kouan.kernel.signals import Frame

log = logging.getLogger(__name__)
VESSEL = "vessel"
REMEMBERED = timedelta(days=1)
BEAT, RENEWED = 0.1, 1.0
UNKNOWN, PATIENCE = 2000, 10.0
"""Batches of sealed rows of series that are not known yet, and the seconds that they wait."""
LOST = (*GONE, asyncpg.PostgresError)
Work = tuple[Callable[[], Awaitable[None]], float]


class Worker(ABC):
    """One process. Of those that ask for the lease `lead`, one holds it and reads all frames, in order, into its state."""

    lead: ClassVar[str]

    def __init__(self, port: Port, bus: Bus, home: Path, parts: tuple[str, ...] = ()) -> None:
        self._port, self._bus = port, bus
        self.history = History(home, Seals(port.pool, port.vault))
        self.seals, self.state = Seals(port.pool, port.vault), State()
        self.numbers = Numbers(port.pool, self.seals)
        self.edge = Edge(screen=Screen(self.numbers))
        splitter = Splitter(levels=self.numbers.levels, movers=self.numbers.movers, seals=self.seals)
        self.publisher = Publisher(bus, splitter, self.edge.counts)
        self.leases = Leases(port.pool, self.lead, parts)
        self.reader: Reader | None = None
        self._unknown: deque[tuple[float, Frame]] = deque(maxlen=UNKNOWN)

    def offer(self, frames: Sequence[Frame], source: str = "") -> None:
        """Frames wait here for the next beat; `source` names the sender they came from."""
        self.edge.offer(frames, source)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""
        self.publisher.start()
        await self.begin()
        await self._renew()
        works = [(self.flush, BEAT), (self._renew, RENEWED), (self._mark, EVERY), *self.works()]
        tasks = [asyncio.create_task(_every(work, seconds)) for work, seconds in works]
        await asyncio.wait([asyncio.create_task(stop.wait()), *tasks], return_when=asyncio.FIRST_COMPLETED)
        await self.end()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.error("the process stops: %r", outcome)
        await self.flush()
        await self.publisher.stop()
        await self._follow()
        await self.closed()
        try:
            await self.leases.release()
        except LOST:
            log.info("the database is away: the leases run out by themselves")

    @abstractmethod
    def works(self) -> Sequence[Work]:
        """What is done again and again, beside flushing and renewing, with the seconds between."""

    async def begin(self) -> None:
        """Before the work."""
        return

    async def end(self) -> None:
        """Take nothing in any more."""
        return

    async def closed(self) -> None:
        """After the last frame went out."""
        return

    async def led(self) -> None:
        """This process leads now: its state is restored, and it reads on after this."""
        return

    async def followed(self) -> None:
        """It leads no more."""
        return

    async def renewed(self) -> None:
        """Leases were renewed."""
        return

    def fold(self, frame: Frame) -> None:
        """Take a frame into the picture."""
        self.state.fold(frame)

    def place(self) -> Place:
        """From where on another process must read when it takes over."""
        return self.reader.place if self.reader else Place()

    async def flush(self) -> None:
        """What came since the last beat goes out."""
        self.publisher.put(self.edge.drain())

    def listens(self) -> bool:
        """Whether this process takes in what is said, now."""
        return self.reader is not None

    async def _mark(self) -> None:
        """What was taken in before this moment stands before this mark."""
        if self.listens():
            present = micros(clock.now())
            await self.flush()
            self.publisher.put_last(MARK, *mark(self.lead, self.leases.owner, present - SETTLES))

    def marked(self, content: bytes) -> None:
        """A mark: up to when the stream is complete here."""
        return

    def read(self, batch: Batch) -> None:
        """A batch of the stream."""
        try:
            if batch.subject.endswith(MARK):
                self.marked(batch.content)
                return
            self._open(unpack(batch.content), time.monotonic())
        except (ValueError, KeyError):
            self.edge.counts["refused.frame"] += 1

    def _open(self, frame: Frame, since: float) -> None:
        """Fold what can be read; rows of a series that this process does not know yet wait until it does."""
        frame, unknown = self.seals.open(frame)
        if len(frame):
            self.fold(frame)
        if unknown is not None and time.monotonic() - since < PATIENCE:
            self._unknown.append((since, unknown))
        elif unknown is not None:
            self.edge.counts["refused.sealed"] += len(unknown)

    async def _look_again(self) -> None:
        """Know the series and keys of now: of an erased subject the last value is forgotten, too."""
        await self.numbers.refresh()
        gone = await self.seals.again()
        if gone and self.reader is not None:
            for frame in nothing_known(gone):
                self.state.fold(frame)
        waiting, self._unknown = self._unknown, deque(maxlen=UNKNOWN)
        for since, frame in waiting:
            self._open(frame, since)

    async def _renew(self) -> None:
        try:
            await self.leases.round(self.place(), self.said())
            await self._look_again()
        except LOST as problem:
            log.debug("leases wait: %s", problem)
            return
        if self.lead in self.leases.held and self.reader is None:
            await self._begin_to_lead(self.leases.held[self.lead])
        elif self.lead not in self.leases.held and self.reader is not None:
            await self._follow()
        await self.renewed()

    async def _begin_to_lead(self, place: Place) -> None:
        for frame in frames_of(await store.everything(self._port.pool, VESSEL, clock.now() - REMEMBERED)):
            self.state.fold(frame)
        await self.led()
        self.reader = Reader(self._bus, "*.*.*", place, self.read)
        self.reader.start()

    async def _follow(self) -> None:
        if self.reader is not None:
            await self.reader.stop()
            self.reader = None
            await self.followed()

    def said(self) -> dict[str, Any]:
        """What this process says of itself."""
        counts = Counter(self.edge.counts)
        counts["waiting.rows"] = self.publisher.waiting
        if self._bus.overrun:
            counts["lost.overrun"] += self._bus.overrun
        if self.reader is not None:
            counts["waiting.batches"], counts["gaps"] = self.reader.behind, self.reader.gaps
        return {
            "at": stamp(clock.now()), "role": self.lead, "leads": self.reader is not None, "parts": [], "counts": dict(counts),
            "senders": self.edge.told(), "watchers": [], "connected": self._bus.connected,
        }  # fmt: skip


def nothing_known(keys: Collection[int]) -> list[Frame]:
    """Readings and positions that say that nothing is known of some series and movers."""
    every, found = np.array(sorted(keys), np.uint64), []
    moving = every >> np.uint64(KIND_BITS) > 0
    for signal, mine in ((Reading, every[~moving]), (Position, every[moving])):
        if rows := len(mine):
            told = {"key": mine, "at": np.full(rows, micros(clock.now())), "quality": np.full(rows, BAD, np.uint8)}
            found.append(Frame(signal.code, told).complete(signal.columns))
    return found


async def _every(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        began = time.monotonic()
        await work()
        await asyncio.sleep(max(0.005, seconds - (time.monotonic() - began)))
