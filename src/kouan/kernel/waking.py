"""Waking: whoever looks for what was accepted lately looks seldom while nothing is, and at once when something was.

Each transaction that writes events notifies a channel. One connection of a process listens for all who wait there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any
from weakref import WeakSet

from kouan.kernel.database import Connection, Pool, hear
from kouan.kernel.store.sheet import WAKE

log = logging.getLogger(__name__)
AGAIN = 0.5
"""Seconds before it is listened again when the connection was lost."""


class Ear:
    """One who looks again and again; by himself he is deaf, and looks as often as he may."""

    def __init__(self, waking: Waking | None = None) -> None:
        self._waking, self._told = waking, asyncio.Event()

    def tell(self) -> None:
        """Something was accepted."""
        self._told.set()

    def told(self) -> bool:
        """Whether something was accepted since this was last asked; always, for all that a deaf one knows."""
        if self._waking is None or not self._waking.listens:
            return True
        told = self._told.is_set()
        self._told.clear()
        return told

    async def pause(self, shortest: float, longest: float) -> bool:
        """Wait between two looks: the longest time, or until something was accepted, the shortest at least; whether something was."""
        await asyncio.sleep(shortest)
        if self._waking is not None and self._waking.listens:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), longest - shortest)
        return self.told()

    async def wait(self, deaf: float, longest: float) -> bool:
        """Wait until something is accepted, the longest time at most, and `deaf` seconds when nobody would tell; whether something was."""
        if self._waking is None or not self._waking.listens:
            await asyncio.sleep(deaf)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), longest)
        return self.told()


async def either(stop: asyncio.Event, pause: Coroutine[Any, Any, Any]) -> bool:
    """Wait for the end of a pause, or to be told to stop; what the pause answered, False when it did not end."""
    pausing, stopping = asyncio.create_task(pause), asyncio.create_task(stop.wait())
    await asyncio.wait((pausing, stopping), return_when=asyncio.FIRST_COMPLETED)
    told = pausing.done() and bool(pausing.result())
    pausing.cancel()
    stopping.cancel()
    return told


async def wake(source: Connection | Pool) -> None:
    """Tell all ears, at the end of a connection's transaction, that there is something new of which no event tells."""
    await source.execute("select pg_notify($1, '')", WAKE)


class Waking:
    """The ears of a process. `listens`: whether they would be told now; while not, they pause for the shortest time."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self.listens = pool, False
        self._ears: WeakSet[Ear] = WeakSet()
        self._task: asyncio.Task[None] | None = None

    def ear(self) -> Ear:
        """A new ear; with the first one it begins to listen."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen(), name="waking")
        ear = Ear(self)
        self._ears.add(ear)
        return ear

    async def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self) -> None:
        self.listens = True
        for ear in self._ears:
            ear.tell()

    async def _listen(self) -> None:
        while True:
            try:
                await hear(self._pool, WAKE, self._heard)
            except Exception as fault:  # noqa: BLE001 - it outlives whatever the connection does
                log.debug("not listening: %s", type(fault).__name__)
            self.listens = False
            await asyncio.sleep(AGAIN)
