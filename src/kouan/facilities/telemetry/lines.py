"""The lines into a stream process: a port for each protocol whose driver stands in a folder under `drivers`."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import pkgutil
from pathlib import Path
from typing import TypeVar

import asyncpg

from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.lining import House, SignalLine, plain
from kouan.facilities.telemetry.listener import Listener
from kouan.facilities.telemetry.numbers import Numbers
from kouan.facilities.telemetry.trackers import Trackers
from kouan.kernel.database import GONE
from kouan.kernel.drivers import Driver
from kouan.kernel.port import Port
from kouan.kernel.settings import Settings

log = logging.getLogger(__name__)
ROUND = 0.5
D = TypeVar("D")
_LOST = (*GONE, asyncpg.PostgresError)


def found() -> dict[str, tuple[type[Driver], type[SignalLine]]]:
    """The drivers of signals and their lines by folder, found by their place. ImportError when a folder declares no Driver."""
    package, lines = f"{__package__}.drivers", {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent / "drivers")]):
        if not info.ispkg:
            continue
        folder = f"{package}.{info.name}"
        driver = _declared(f"{folder}.driver", Driver)
        heard = _declared(f"{folder}.line", SignalLine) if importlib.util.find_spec(f"{folder}.line") else plain(info.name, driver)
        lines[info.name] = driver, heard
    return lines


def _declared(name: str, base: type[D]) -> type[D]:
    module = importlib.import_module(name)
    mine = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, base) and one.__module__ == name]
    if not mine:
        raise ImportError(f"{name} declares no {base.__name__}")
    return mine[0]


class Lines:
    """All listeners of a process. What they read goes to its edge; what is refused is counted by protocol and cause."""

    def __init__(self, stated: Settings, port: Port, numbers: Numbers, edge: Edge) -> None:
        self._stated = stated
        self.trackers = Trackers(port, numbers)
        self.house = House(stated, numbers, self.trackers, edge)
        self._lines = [line(self.house) for _, line in FOUND.values()]
        self._listeners = [
            Listener(line.driver, line.take, senders=line.senders, datagrams=line.datagrams) for line in self._lines
        ]
        self._taken: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; OSError when the AIS port is taken. Another port that is taken is tried again each round; the log says so once."""
        await self._listen()
        self._task = asyncio.create_task(self._rounds(), name="lines")

    async def _listen(self) -> None:
        for line, listener in zip(self._lines, self._listeners, strict=True):
            port = self._stated.port_of(line.setting)
            if listener.listens or not (port or line.must):
                continue
            try:
                await listener.start(self._stated.bind, port)
            except OSError as taken:
                if line.must and not self._task:
                    raise
                log.log(logging.DEBUG if line.name in self._taken else logging.WARNING, "%s is not heard: %s", line.name, taken)
                self._taken.add(line.name)

    async def stop(self) -> None:
        """Listen no more."""
        for listener in self._listeners:
            await listener.stop()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def told(self) -> dict[str, int]:
        """What the listeners counted."""
        pairs = zip(self._lines, self._listeners, strict=True)
        return {f"{line.name}.{what}": count for line, one in pairs for what, count in one.counts.items()} | dict(self.house.counts)

    async def _rounds(self) -> None:
        while True:
            try:
                await self._listen()
                await self.trackers.refresh()
                for line in self._lines:
                    await line.round()
            except _LOST as away:
                log.debug("trackers and weather wait: %s", type(away).__name__)
            except Exception:
                log.exception("the lines' housekeeping failed")
            await asyncio.sleep(ROUND)


FOUND = found()
