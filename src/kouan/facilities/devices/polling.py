"""Devices that the platform connects to: one task for each, in the process that leads, so that no device has two."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from kouan.facilities.devices.lining import Line, Lost
from kouan.facilities.devices.register import Entry, Register
from kouan.facilities.devices.telling import Told

log = logging.getLogger(__name__)
SOONEST, LATEST = 0.5, 20.0
Said = Callable[[Entry, Told], None]
Gone = Callable[[Entry, str, bool], None]


def _nobody(_entry: Entry, _cause: str, _away: bool) -> None:
    return None


class Pollers:
    """The tasks of devices that the platform connects to, by code.

    `gone` hears of each connection that broke, why, and whether the device is away: it did not answer since the try before.
    """

    def __init__(self, said: Said, lines: Mapping[str, Callable[[Entry], Line]], gone: Gone = _nobody) -> None:
        self._said, self._make, self._gone = said, lines, gone
        self._running: dict[str, tuple[Entry, asyncio.Task[None]]] = {}

    async def keep(self, register: Register) -> None:
        """Connect to these devices; to one whose entry changed anew."""
        wanted = {code: entry for code, entry in register.entries.items() if entry.data.driver in self._make}
        for code, (entry, task) in list(self._running.items()):
            if (now := wanted.get(code)) is None or (now.data, now.login) != (entry.data, entry.login):
                del self._running[code]
                await _ended(task)
        for code, entry in wanted.items():
            if code not in self._running:
                self._running[code] = entry, asyncio.create_task(self._run(entry), name=f"device:{code}")

    async def stop(self) -> None:
        """Let go of all."""
        running, self._running = self._running, {}
        for _, task in running.values():
            await _ended(task)

    async def _run(self, entry: Entry) -> None:
        pause, heard = SOONEST, False

        def said(told: Told) -> None:
            nonlocal heard
            heard = True
            self._said(entry, told)

        while True:
            heard, cause = False, "hung_up"
            try:
                await self._make[entry.data.driver](entry).run(said)
            except Lost as lost:
                cause = lost.cause
            except TimeoutError:
                cause = "timeout"
            except (ConnectionResetError, BrokenPipeError):
                cause = "hung_up"
            except OSError:
                cause = "unreachable"
            except Exception:
                cause = "stumbled"
                log.exception("device %s stumbled", entry.code)
            self._gone(entry, f"line.{cause}", not heard)
            pause = SOONEST if heard else min(2 * pause, LATEST)
            await asyncio.sleep(pause)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    waits: Awaitable[object] = asyncio.gather(task, return_exceptions=True)
    await waits
