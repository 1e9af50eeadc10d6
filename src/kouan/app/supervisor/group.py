"""The process group of one data folder, from the first start to the last stop."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from kouan.app.supervisor import announce, external, parent, processes, settings
from kouan.app.supervisor.announce import say
from kouan.app.supervisor.logs import Log
from kouan.app.supervisor.nats import START_SECONDS as NATS_SECONDS
from kouan.app.supervisor.nats import Nats
from kouan.app.supervisor.nursery import Nursery
from kouan.app.supervisor.postgres import START_SECONDS, Postgres
from kouan.app.supervisor.processes import Child, Program
from kouan.app.supervisor.settings import Plan, Ports
from kouan.app.supervisor.trouble import BEHIND_WITNESS, CONFIGURATION, Trouble
from kouan.kernel.text import Text

WATCH = 0.2
SLOW = 60.0
LEFT_PORTS = 3.0
STAGES = (1.5, 0.5)  # seconds for the processes of each stage to end
STORE_SECONDS = 2.0
SIGNER = Program("signer", stage=1, hopeless=frozenset({CONFIGURATION, BEHIND_WITNESS}))
PANIC_ONLY = re.compile(r"\bPANIC\b")  # refused statements are the business of whoever sent them
ITS_OWN = re.compile(r"\[(ERR|FTL)\](?!.*authentication error)")  # as are refused sign-ins: of a device before its key is known


@dataclass(frozen=True, slots=True)
class Cast:
    """The programs of the platform: steps that run once, in order, then processes that are kept alive."""

    steps: tuple[Program, ...] = (Program("migrate"),)
    kept: tuple[Program, ...] = (
        SIGNER, Program("serve"), Program("work"), Program("stream"), Program("watch", beats=True), Program("push"),
    )  # fmt: skip
    simulated: tuple[Program, ...] = (Program("simulators", (sys.executable, "-P", "-m", "kouan_sim.cli", "demo")),)


@dataclass(slots=True)
class Group:
    """Everything that runs for one data folder."""

    plan: Plan
    ports: Ports
    demo: bool
    cast: Cast
    postgres: Postgres | None = None
    nats: Nats | None = None
    nursery: Nursery = field(init=False)
    children: list[Child] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)

    def __post_init__(self) -> None:
        folder = self.plan.home / "log"
        if not self.plan.database_url:
            self.postgres = Postgres(self.plan.home)
            self.logs.append(Log(folder, "postgres", PANIC_ONLY))
        if not self.plan.nats_url:
            self.nats = Nats(self.plan.home, self.ports.nats, self.ports.mqtt, self.plan.bind)
            self.logs.append(Log(folder, "nats", ITS_OWN))
        self.nursery = Nursery(folder, self.environment())
        self.logs.append(self.nursery.log)

    async def run(self) -> None:
        """Start everything and watch it; returns never, raises Trouble when it cannot go on."""
        if any(not program.argv for program in self.cast.steps + self.cast.kept):
            self.nursery.wake()
        await self._start_stores()
        settings.write_ports(self.plan, self.ports, url=self._url(), database_socket=self._socket())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch_stores())
            tasks.create_task(self._show_errors())
            for step in self.cast.steps:
                await self._step(step)
            self.children = []
            self._keep(self.cast.kept, tasks)
            await self._announce()
            if self.demo and not self.plan.headless:
                self._keep(self.cast.simulated, tasks)

    def _keep(self, programs: tuple[Program, ...], tasks: asyncio.TaskGroup) -> None:
        for program in programs:
            child = self._child(program)
            self.children.append(child)
            tasks.create_task(child.keep())

    def _child(self, program: Program) -> Child:
        log = Log(self.plan.home / "log", program.name)
        self.logs.append(log)
        return Child(program, log, self.environment(), self.nursery)

    def _url(self) -> str:
        return announce.address(self.plan.bind, self.ports.http)

    def _socket(self) -> str:
        return str(self.postgres.socket) if self.postgres else ""

    def environment(self) -> dict[str, str]:
        """What our processes are told."""
        told = {
            "KOUAN_HOME": str(self.plan.home),
            "KOUAN_BIND": self.plan.bind,
            "KOUAN_PORT": str(self.ports.http),
            "KOUAN_NMEA_PORT": str(self.ports.nmea),
            "KOUAN_MQTT_PORT": str(self.ports.mqtt),
            "KOUAN_RADAR_PORT": str(self.ports.radar),
            "KOUAN_GNSS_PORT": str(self.ports.gnss),
            "KOUAN_JT808_PORT": str(self.ports.jt808),
            "KOUAN_ADSB_PORT": str(self.ports.adsb),
            "KOUAN_METAR_PORT": str(self.ports.metar),
            "KOUAN_HEADLESS": "1" if self.plan.headless else "",
            "KOUAN_DEMO": "1" if self.demo else "",
            "KOUAN_URL": self._url(),
            "KOUAN_DATABASE_URL": self.plan.database_url,
            "KOUAN_DATABASE_SOCKET": self._socket(),
            "KOUAN_NATS_URL": self.nats.url if self.nats else self.plan.nats_url,
            "PYTHONUNBUFFERED": "1",
        }
        kept = {name: value for name, value in os.environ.items() if name not in told and name != "KOUAN_TOKEN"}
        return {**kept, **{name: value for name, value in told.items() if value}}

    async def _start_stores(self) -> None:
        if self.nats:
            self.nats.tend()
        if self.postgres:
            await asyncio.to_thread(self.postgres.make)
            if not await processes.until(self.postgres.tend, START_SECONDS):
                raise self.postgres.silent()
            await asyncio.to_thread(self.postgres.prepare)
        else:
            await external.prepare(self.plan.database_url)
        if self.nats and not await processes.until(self.nats.tend, NATS_SECONDS):
            raise self.nats.silent()

    async def _watch_stores(self) -> None:
        stores = [store for store in (self.postgres, self.nats) if store]
        while True:
            await asyncio.sleep(WATCH)
            if self.nats:
                self.nats.refresh()
            for store in stores:
                if store.lost():
                    say(f"kouan: {store.name} 已退出，重新启动 ended, starting it again: {store.log}")
                    while not store.tend():
                        await asyncio.sleep(WATCH)

    async def _show_errors(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            for log in self.logs:
                say(*(f"  {log.name}: {line}" for line in log.news()))

    async def _step(self, program: Program) -> None:
        child = self._child(program)
        self.children = [child]
        code = await child.once()
        if code != 0:
            # What was never born left nothing in its own log but an earlier run's words.
            born = child.process is not None and child.process.pid
            said = " ".join((child.log.last(3) if born else []) or self.nursery.log.last(3))
            raise Trouble(
                Text(zh=f"{program.name} 失败：{said}", en=f"{program.name} failed: {said}"),
                code if code > 0 else 1,
            )

    async def _announce(self) -> None:
        began = time.monotonic()
        told = False
        host = announce.reachable(self.plan.bind)
        while not await asyncio.to_thread(announce.healthy, host, self.ports.http):
            if not told and time.monotonic() - began > SLOW:
                told = True
                say(f"kouan: 仍在启动，日志见 still starting, logs in {self.plan.home / 'log'}")
            await asyncio.sleep(0.2)
        say(*announce.ready(self._url(), self.plan.home, demo=self.demo))
        if not self.plan.headless:
            announce.open_browser(self._url())

    async def stop(self) -> None:
        """End everything in order: those who serve, the signer, the stores. Under five seconds in all."""
        for stage, seconds in enumerate(STAGES):
            await processes.stop([c for c in self.children if c.program.stage == stage], seconds)
        self.nursery.end()
        stores = [store for store in (self.postgres, self.nats) if store]
        for store in stores:
            store.ask_to_stop()
        for store in stores:
            await asyncio.to_thread(store.end, STORE_SECONDS)

    def kill(self) -> None:
        """End our processes at once; the stores still end cleanly."""
        for child in self.children:
            child.kill()


async def govern(group: Group) -> int:
    """Run a group until a signal asks for its end; answers the exit code."""
    asked = asyncio.Event()

    def on_signal() -> None:
        if asked.is_set():
            group.kill()
        asked.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    running = asyncio.create_task(group.run())
    waits: list[Coroutine[Any, Any, object]] = [asked.wait(), _interrupted_make()]
    others = [asyncio.create_task(wait) for wait in waits]
    await asyncio.wait({running, *others}, return_when=asyncio.FIRST_COMPLETED)
    code = 0
    if running.done():
        code = _told(running.exception())
    else:
        say("kouan: 正在停止 stopping")
    for task in (running, *others):
        task.cancel()
    await asyncio.gather(running, *others, return_exceptions=True)
    await group.stop()
    return code


async def _interrupted_make() -> None:
    make = parent.make_pid()
    while make is None or not parent.interrupted(make):
        await asyncio.sleep(0.25)


def _told(problem: BaseException | None) -> int:
    while isinstance(problem, BaseExceptionGroup):
        problem = _first(problem.exceptions)
    if isinstance(problem, Trouble):
        say(problem.lines())
        return problem.code
    if problem is not None:
        raise problem
    return 1


def _first(problems: Sequence[BaseException]) -> BaseException:
    return next((p for p in problems if isinstance(p, Trouble | BaseExceptionGroup)), problems[0])
