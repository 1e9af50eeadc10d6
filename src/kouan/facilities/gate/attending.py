"""A lane's own computer: it stands between the lane's broker and the platform's, and judges alone while the platform is away.

The lane's devices speak with a broker at the lane, on the topics that `conductor` states. While the platform is there, what they say is
passed on to its broker and its commands are passed back, word by word: the platform judges. When the line to it is down, or no command
comes within PATIENCE after a vehicle was read, the vehicle's signed permit decides (`agent`), the barrier is told, and the platform hears
of it once it is back. A permit is read by `devices/lane/{lane}/permit/{device}`: `{"id", "at", "value": token, "visit"}`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson

from kouan.facilities.gate import commands
from kouan.facilities.gate.agent import Agent, Shown
from kouan.facilities.gate.conductor import AGAIN, SETTLE, STALE, TRIES
from kouan.facilities.gate.doors import Away, Doors
from kouan.facilities.gate.fusing import WINDOW, Visit, fuse
from kouan.facilities.gate.lanes import LaneNow
from kouan.facilities.gate.line import Line
from kouan.facilities.gate.reading import PERMIT, Beat, Observed, Unreadable, parse
from kouan.kernel.clock import now

log = logging.getLogger(__name__)
TOPIC = "devices/lane"
PATIENCE = 4.0
"""Seconds that the platform has to command after a vehicle's readings came together."""
SHOWN = 8.0
"""Seconds that a driver has, from the vehicle's first reading, to show a permit."""
END = 3.0
MOST_PERMITS = 20


@dataclass(frozen=True, slots=True)
class Brokers:
    """Addresses (see `line`): the lane's own broker, and the platform's with the account of gate lanes; '' for none."""

    lane: str
    platform: str


class Attendant:
    """One lane's computer. `every`: seconds between two looks at the platform."""

    def __init__(self, agent: Agent, doors: Doors, brokers: Brokers, every: float) -> None:
        self._agent, self._doors, self._every = agent, doors, every
        name, root = f"kouan-lane-{agent.lane}-{uuid4().hex[:8]}", f"{TOPIC}/{agent.lane}"
        self._root = root
        self._own = Line(brokers.lane, "the lane's broker", name, f"{root}/+/+", self._heard)
        self._platform = Line(brokers.platform, "the platform's broker", name, f"{root}/command", self._obey) if brokers.platform else None
        self._here = LaneNow(agent.lane)
        self._permits: deque[Observed] = deque(maxlen=MOST_PERMITS)
        self._changed = asyncio.Event()
        self._number, self._commanded = "", float("-inf")
        self._confirmed: dict[str, asyncio.Event] = {}
        self._alone_until = float("-inf")
        self._away: str | None = "not asked yet"
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Attend the lane until `stop`; what was decided is in the agent's log then."""
        for work in (self._own.run(), self._fresh(), *([self._platform.run()] if self._platform else [])):
            self._spawn(work)
        await stop.wait()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=END)
        await self._doors.close()
        log.info("lane %s: ended, %d decisions to be reported", self._agent.lane, len(self._agent.unreported()))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("the lane stumbled", exc_info=fault)

    async def _fresh(self) -> None:
        """Keep key and list fresh, and report what was decided alone, whenever the platform answers."""
        while True:
            try:
                await self._doors.sync(self._agent)
                self._said(None)
                for one in await self._doors.report(self._agent) if self._agent.unreported() else ():
                    rules = ",".join(said["rule"] for said in one["contradictions"]) or "no contradiction"
                    log.info("decision %s reported: %s, %s", one["id"], one["outcome"], rules)
            except Away as away:
                self._said(str(away))
            await asyncio.sleep(self._every)

    def _said(self, away: str | None) -> None:
        if away == self._away:
            return
        if away:
            log.warning("the platform does not answer (%s): permits decide", away)
        else:
            log.info("the platform answers: key and list are fresh")
        self._away = away

    async def _heard(self, topic: str, body: bytes) -> None:
        """A device of the lane: passed on, and taken for the case that the platform says nothing."""
        kind, device = topic.split("/")[3:5]
        if self._platform is not None and kind != PERMIT:
            self._spawn(self._platform.tell(topic, body))
        if kind == "ack":
            self._ack(body)
            return
        try:
            one = parse(kind, device, body)
        except Unreadable as why:
            log.warning("a message of %s is unreadable: %s", kind, why)
            return
        if isinstance(one, Observed) and abs(one.at - now()) > STALE:
            log.warning("a reading of %s is stale", kind)
        elif isinstance(one, Observed) and kind == PERMIT:
            self._permits.append(one)
            self._changed.set()
        else:
            self._here.hear(one)
            if not isinstance(one, Beat):
                self._take(one)

    def _take(self, one: Observed) -> None:
        visit = self._here.visits.take(one)
        if visit is None:
            return
        if len(visit.readings) == 1:
            self._spawn(self._attend(visit, time.monotonic()))
        self._changed.set()

    async def _attend(self, visit: Visit, began: float) -> None:
        """Wait until a vehicle is read, then for the platform's command; without one decide."""
        await self._until(lambda: "plate" in visit.kinds and self._here.complete(visit, None), began + SETTLE)
        visit.closed = True
        if self._platform is not None and self._platform.stands:
            await self._until(lambda: self._commanded >= began, time.monotonic() + PATIENCE)
        if self._commanded >= began:
            return
        await self._until(lambda: self._permit(visit) is not None, began + SHOWN)
        await self._alone(visit)

    async def _until(self, holds: Callable[[], bool], limit: float) -> None:
        while not holds() and (left := limit - time.monotonic()) > 0:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(left, 0.5))
            except TimeoutError:
                continue

    def _permit(self, visit: Visit) -> Observed | None:
        """The permit that was shown with a vehicle: of its visit, else within its window; the last one."""
        named = [one for one in self._permits if one.visit and one.visit == visit.name]
        near = [one for one in self._permits if not (one.visit and visit.name) and abs(one.at - visit.last) <= WINDOW]
        return next(reversed(named or near), None)

    async def _alone(self, visit: Visit) -> None:
        fused, permit = fuse(visit.readings.values()), self._permit(visit)
        if not fused.vehicle:
            log.warning("a vehicle without a plate waits for a person")
            await self._command(commands.waiting())
            return
        shown = Shown(permit.text if permit else "", fused.vehicle, fused.containers, alarm=bool(fused.radiation))
        entry = self._agent.decide(shown, now())
        log.info("decision %s alone: %s (%s)", entry["id"], entry["decision"], entry["why"])
        self._alone_until = time.monotonic() + commands.HOLD_SECONDS
        await self._command(commands.alone(entry["decision"], entry["reason"]))

    async def _command(self, shape: Mapping[str, Any]) -> None:
        number = f"L{now():%y%m%d%H%M%S}-{uuid4().hex[:10]}"
        heard = self._confirmed[number] = asyncio.Event()
        body = orjson.dumps({"command": number, "passage": None, **shape})
        for _ in range(TRIES):
            await self._own.tell(f"{self._root}/command", body)
            try:
                await asyncio.wait_for(heard.wait(), AGAIN)
                break
            except TimeoutError:
                continue
        if not heard.is_set():
            log.warning("command %s: no device confirms", number)
        del self._confirmed[number]

    def _ack(self, body: bytes) -> None:
        if (heard := self._confirmed.get(_command(body)[0])) is not None:
            heard.set()

    async def _obey(self, topic: str, body: bytes) -> None:
        """The platform commands: passed on, unless a vehicle was decided alone a moment ago."""
        number, judged = _command(body)
        if time.monotonic() < self._alone_until:
            log.warning("command %s of the platform comes too late: the lane has decided", number)
            return
        # "Wait for the operator" is no answer of a platform that cannot reach its own records.
        if number != self._number and (judged or self._away is None):
            self._number, self._commanded = number, time.monotonic()
            self._changed.set()
        await self._own.tell(topic, body)


def _command(body: bytes) -> tuple[str, bool]:
    """A command's number, and whether it follows from a passage."""
    try:
        found = orjson.loads(body)
        return str(found["command"]), bool(found.get("passage"))
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        return "", False
