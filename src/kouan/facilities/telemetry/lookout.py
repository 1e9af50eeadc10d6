"""The lookout, `kouan watch`: everything that comes in is shown to the watchers, away from the process that takes it in.

Fusion, zones and rules may take long over a frame; sockets, picture and history do not wait for them, because they are another
process's. A lookout that is behind reads on from where it is: the stream keeps an hour.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.leases import WATCH
from kouan.facilities.telemetry.ships import micros
from kouan.facilities.telemetry.tides import Tide
from kouan.facilities.telemetry.watching import Watch, Watcher, declared
from kouan.facilities.telemetry.worker import REMEMBERED, Work, Worker
from kouan.kernel import clock
from kouan.kernel.beats import EVERY
from kouan.kernel.meters import measured
from kouan.kernel.port import Port
from kouan.kernel.signals import Frame

log = logging.getLogger(__name__)
PATIENCE = 1.0
"""Seconds for which the other watchers wait for one."""
TICK, FORGETS = 0.25, timedelta(minutes=1).total_seconds()


class Lookout(Worker):
    """One process that runs the watchers while it holds their lease, and waits for it otherwise."""

    lead = WATCH

    def __init__(self, port: Port, bus: Bus, home: Path, beat: Callable[[], None] = lambda: None) -> None:
        super().__init__(port, bus, home)
        self._beat = beat
        self._ticking: dict[str, asyncio.Task[None]] = {}
        self.watchers: dict[str, Watcher] = {}
        self._ready: set[str] = set()
        self._tide = Tide()

    def works(self) -> Sequence[Work]:
        """Ticks of the watchers, and beats for who started us."""
        return ((self._tick, TICK), (self._go_on, EVERY), (self._forget, FORGETS))

    async def led(self) -> None:
        """Make the watchers; one that does not start is left out."""
        watch = Watch(self._port, self._bus, self.state, self.numbers, self.history, self.offer, self.watchers, self.edge.count)
        self.watchers.update({kind.code: kind() for kind in declared()})
        for code, watcher in list(self.watchers.items()):
            try:
                await watcher.start(watch)
                self._ready.add(code)
            except Exception:
                log.exception("watcher %s does not start and is left out", code)
                del self.watchers[code]

    async def followed(self) -> None:
        """Let the watchers end."""
        for task in self._ticking.values():
            task.cancel()
        await asyncio.gather(*self._ticking.values(), return_exceptions=True)
        self._ticking.clear()
        for watcher in self.watchers.values():
            await watcher.stop()
        self.watchers.clear()
        self._ready.clear()

    def fold(self, frame: Frame) -> None:
        """Take a frame into the picture and show it to the watchers."""
        super().fold(frame)
        for watcher in self.watchers.values():
            if frame.signal in watcher.signals:
                try:
                    watcher.fold(frame)
                except Exception:
                    self.edge.counts[f"watcher.{watcher.code}"] += 1
                    log.exception("watcher %s failed on a frame", watcher.code)

    def marked(self, content: bytes) -> None:
        """Tell the watchers up to when they know all that was said."""
        at = self._tide.take(content)
        for watcher in self.watchers.values():
            watcher.reached(at)

    async def _go_on(self) -> None:
        # What waits for a store that is away goes on by itself, and lives; what computes without end does not beat.
        self._beat()

    async def _tick(self) -> None:
        now = clock.now()
        for watcher in [one for one in self.watchers.values() if type(one).tick is not Watcher.tick]:
            former = self._ticking.get(watcher.code)
            if former is None or former.done():
                # One that waits (for a database that hangs) does not hold up the others: they tick without it.
                task = self._ticking[watcher.code] = asyncio.create_task(self._one(watcher, now))
                await asyncio.wait({task}, timeout=PATIENCE)

    async def _one(self, watcher: Watcher, now: datetime) -> None:
        try:
            async with measured(f"watcher {watcher.code}"):
                await watcher.tick(now)
        except Exception:
            self.edge.counts[f"watcher.{watcher.code}"] += 1
            log.exception("watcher %s failed at its tick", watcher.code)

    async def _forget(self) -> None:
        self.state.forget(micros(clock.now() - REMEMBERED))

    def said(self) -> dict[str, Any]:
        """What this process says of itself: beside the rest, which watchers it runs."""
        return {**super().said(), "watchers": sorted(self._ready)}
