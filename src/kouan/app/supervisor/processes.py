"""The platform's own processes: started, started again when they die, stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kouan.app.supervisor import spawn
from kouan.app.supervisor.announce import say
from kouan.app.supervisor.logs import Log
from kouan.app.supervisor.nursery import Nursery
from kouan.app.supervisor.trouble import CONFIGURATION, Trouble
from kouan.kernel import beats
from kouan.kernel.text import Text

TICK, LOOK = 0.05, 0.2
"""Seconds between two looks at what is about to happen, and at what should not."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LOOK = 0.5
HANGS = 10.0  # seconds without a beat after which a process is taken to hang
STEADY = 10.0  # seconds of life after which a death is no longer held against a process


@dataclass(frozen=True, slots=True)
class Program:
    """A process of ours. Processes of a lower `stage` are stopped first. Without a program of its own it is `kouan NAME`, forked.

    `hopeless`: exit codes by which it says that to start it again would not help. Codes mean what each program says: a 3 of the
    web server's is a start that failed for the moment. `beats`: it touches a file while it goes on (`kouan.kernel.beats`), and
    is ended when it has not for HANGS seconds, to be started again.
    """

    name: str
    argv: tuple[str, ...] = ()
    stage: int = 0
    hopeless: frozenset[int] = frozenset({CONFIGURATION})
    beats: bool = False


class Child:
    """One process that is kept alive until it is stopped."""

    def __init__(self, program: Program, log: Log, env: Mapping[str, str], nursery: Nursery) -> None:
        self.program, self.log, self.env, self.nursery = program, log, env, nursery
        self.process: spawn.Signalled | None = None
        self._stopping = False

    async def keep(self) -> None:
        """Run the process and run it again when it ends; Trouble when it says that this would not help."""
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = await self.once()
            if self._stopping:
                return
            self._report(code)
            if code in self.program.hopeless:
                raise self._hopeless(code)
            pause = FIRST_PAUSE if time.monotonic() - began > STEADY else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def once(self) -> int:
        """Run the process to its end; answers its exit code."""
        descriptor = self.log.open()
        try:
            self.process = self._start(descriptor)
        finally:
            os.close(descriptor)
        if not self.program.beats:
            return await ended(self.process)
        watching = asyncio.create_task(self._watch(self.process))
        try:
            return await ended(self.process)
        finally:
            watching.cancel()
            beats.forget(Path(self.env["KOUAN_HOME"]), self.process.pid)

    async def _watch(self, process: spawn.Signalled) -> None:
        """End the process when it beat once and then no more. Counted by our own looks: a machine that slept blames nobody."""
        home, last, begun, missed = Path(self.env["KOUAN_HOME"]), -1, False, 0.0
        while True:
            await asyncio.sleep(LOOK)
            beat = beats.last(home, process.pid) if process.pid else 0
            begun = begun or beat != last >= 0
            missed = missed + LOOK if begun and beat == last else 0.0
            last = beat
            if missed >= HANGS - LOOK and not self._stopping:
                say(f"kouan: {self.program.name} 没有响应，结束后重新启动 does not go on, ending it: {self.log.path}")
                spawn.kill_group(process)
                return

    def _start(self, output: int) -> spawn.Signalled:
        if self.program.argv:
            return spawn.start(self.program.argv, output, env=self.env, death=signal.SIGKILL)
        return self.nursery.start((self.program.name,), output, self.env)

    def _report(self, code: int) -> None:
        say(f"kouan: {self.program.name} 已退出，重新启动 ended ({code}), starting it again: {self.log.path}")
        say(*(f"  {self.program.name}: {line}" for line in self.log.last()))

    def _hopeless(self, code: int) -> Trouble:
        said = " ".join(self.log.last(3))
        return Trouble(
            Text(zh=f"{self.program.name} 无法运行：{said}", en=f"{self.program.name} cannot run: {said}"),
            code,
        )

    def ask_to_stop(self) -> None:
        """Ask the process to end, and do not start it again."""
        self._stopping = True
        if self.process is not None:
            spawn.send(self.process, signal.SIGTERM)

    def kill(self) -> None:
        """End the process, and what it started, at once."""
        self._stopping = True
        if self.process is not None:
            spawn.kill_group(self.process)


async def ended(process: spawn.Signalled) -> int:
    """Wait for a process without a thread (the tie to our life is to the thread that starts)."""
    while (code := process.poll()) is None:
        await asyncio.sleep(LOOK)
    return code


async def until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; False when it has not come true after `seconds`."""
    limit = time.monotonic() + seconds
    while not done():
        if time.monotonic() > limit:
            return False
        await asyncio.sleep(TICK)
    return True


async def stop(children: list[Child], seconds: float) -> None:
    """End processes together; those that have not ended after `seconds` are killed."""
    for child in children:
        child.ask_to_stop()
    running = [child.process for child in children if child.process is not None]
    if not await until(lambda: all(process.poll() is not None for process in running), seconds):
        for child in children:
            child.kill()
        await until(lambda: all(process.poll() is not None for process in running), 1.0)
