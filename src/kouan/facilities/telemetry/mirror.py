"""The latest picture in other processes: the leading stream process tells what changed, and answers who asks for all of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.codec import pack, unpack
from kouan.facilities.telemetry.state import State
from kouan.kernel.signals import Frame

log = logging.getLogger(__name__)
SIGNALS = ("position", "vessel_static", "reading")
NEWS, ASK, STATUS = "picture.news", "picture.ask", "picture.status"
AT_ONCE = 50_000


class Teller:
    """The leading process' side: tells changes as frames, and answers for all that is known."""

    def __init__(self, bus: Bus, state: State, status: Callable[[], bytes]) -> None:
        self._bus, self._state, self._status = bus, state, status
        self._marks = dict.fromkeys(SIGNALS, 0)
        self.leading = False

    async def start(self) -> None:
        """Begin to answer."""
        await self._bus.hear(ASK, self._answer)
        await self._bus.hear(STATUS, self._say)

    async def tell(self) -> None:
        """Tell what changed since the last time."""
        for signal in SIGNALS:
            frame, self._marks[signal] = self._state.since(signal, self._marks[signal])
            for start in range(0, len(frame), AT_ONCE):
                await self._bus.tell(NEWS, pack(frame.pick(np.arange(start, min(start + AT_ONCE, len(frame))))))

    async def _answer(self, message: Any) -> None:
        signal, _, start = message.data.decode().partition(" ")
        if self.leading and signal in SIGNALS and start.isdecimal():
            frame = self._state.latest(signal)
            await message.respond(pack(frame.pick(np.arange(int(start), max(int(start), min(int(start) + AT_ONCE, len(frame)))))))

    async def _say(self, message: Any) -> None:
        if self.leading:
            await message.respond(self._status())


class Mirror:
    """The picture as another process sees it: a `State` that follows, a moment behind. `heard` is called with each change."""

    def __init__(self, bus: Bus, heard: Callable[[Frame], None] | None = None) -> None:
        self._bus = bus
        self.state = State()
        self.hearers: list[Callable[[Frame], None]] = [heard] if heard else []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._follow(), name="mirror")

    async def stop(self) -> None:
        """Follow no more."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def status(self) -> bytes:
        """What the leading stream process says of itself (JSON); TimeoutError when none answers."""
        return await self._bus.ask(STATUS, b"")

    async def _follow(self) -> None:
        await self._bus.hear(NEWS, self._heard)
        client = None
        while True:
            # Whatever was told while the connection was away is asked for after it came back.
            if self._bus.client is not None and self._bus.client is not client:
                try:
                    await self._all()
                    client = self._bus.client
                except (TimeoutError, ValueError):
                    log.debug("nobody tells the picture yet")
            elif self._bus.client is None:
                client = None
            await asyncio.sleep(0.5)

    async def _all(self) -> None:
        for signal in SIGNALS:
            start, more = 0, True
            while more:
                frame = unpack(await self._bus.ask(ASK, f"{signal} {start}".encode()))
                self._take(frame)
                start += len(frame)
                more = len(frame) == AT_ONCE

    async def _heard(self, message: Any) -> None:
        try:
            self._take(unpack(message.data))
        except (ValueError, KeyError) as problem:
            log.warning("a part of the picture could not be read: %s", problem)

    def _take(self, frame: Frame) -> None:
        if len(frame):
            self.state.fold(frame)
            for heard in self.hearers:
                heard(frame)
