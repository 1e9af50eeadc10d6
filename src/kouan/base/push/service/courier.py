"""The courier of webhooks: messages go out in order, each subscriber in a lane of its own, signed, until they are taken.

What was numbered just now comes with its content and goes out as it is; what waits longer is read, and asked for anew whether it may
be told.

A message goes out under the same id on every try (Standard Webhooks 1.0). How far a line was told is noted ten times a
second: what was handed over in the tenth before a kill goes out again, under the same id. At one host a few lines are served
at a time, so that one that answers slowly holds up no other host's.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from kouan.base.exchange.api import signing
from kouan.base.push.records import Subscription
from kouan.base.push.service.lanes import GONE, NOT_NOW, Fresh, Lane, Stop
from kouan.base.push.service.telling import told
from kouan.base.push.service.wire import Away, Wire
from kouan.base.push.store import lines, messages
from kouan.base.push.store.messages import Message
from kouan.kernel import calls
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Failure
from kouan.kernel.meters import measured
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.traces import traces
from kouan.kernel.text import Text
from kouan.kernel.ways import Forbidden, Place, Ways

MOST_LANES, MOST_EACH = 256, 8
AT_HOST = 16
FLUSH, PAUSE = 0.1, 0.5
STOPPING = Text("平台停止推送：连续投递失败", "Stopped by the platform: it could not be delivered")
log = logging.getLogger(__name__)
Packed = Sequence[tuple[Message, dict[str, Any] | None, str]]
"""Messages, each with what is told (None: nothing) and the trace of the call that it comes from."""


class Courier:
    """Hands messages over, for as long as this process leads."""

    def __init__(self, port: Port, ways: Ways) -> None:
        self._port, self._ways, self._wire = port, ways, Wire()
        self.lanes: dict[int, Lane] = {}
        self._ready: dict[int, None] = {}
        self._later: list[tuple[float, int]] = []
        self._woken = asyncio.Event()
        self._dirty: dict[int, Lane] = {}
        self._fates: list[tuple[int, int, str, str]] = []
        self._hosts: dict[tuple[str, int], asyncio.Semaphore] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, lane: Lane) -> None:
        """Take over a line, or its next state; what is under way goes on."""
        held = self.lanes.get(lane.wish.line)
        if held is not None:
            lane.busy = held.busy
            if held.epoch == lane.epoch:
                lane.told, lane.last = max(lane.told, held.told), max(lane.last, held.last)
                if held.wish.state == lane.wish.state:  # Who resumes begins anew.
                    lane.failures, lane.refused, lane.dead = held.failures, held.refused, held.dead
        self.lanes[lane.wish.line] = lane
        self._offer(lane)

    def drop(self, number: int) -> None:
        """A subscription has ended."""
        self.lanes.pop(number, None)

    def prompt(self, number: int) -> bool:
        """Whether what a line gets goes out at once, so that it is worth having ready."""
        lane = self.lanes.get(number)
        return lane is not None and lane.prompt

    def more(
        self, made: Sequence[Message], bodies: Mapping[int, Mapping[int, dict[str, Any]]], traced: Mapping[UUID, str]
    ) -> None:
        """Lines have got messages, by line and number; `bodies`: of the lines of which all were made ready, those that may be told;
        `traced`: by event, the call that it comes from."""
        time, touched = asyncio.get_running_loop().time(), dict[int, Lane]()
        for one in made:
            if lane := self.lanes.get(one.line):
                lane.last, touched[one.line] = max(lane.last, one.seq), lane
                if one.line in bodies:
                    lane.fresh.append(Fresh(one, bodies[one.line].get(one.seq), time, traced.get(one.event, "")))
        for lane in touched.values():
            self._offer(lane)

    def _offer(self, lane: Lane) -> None:
        if not lane.waits:
            return
        if lane.due > asyncio.get_running_loop().time():
            heapq.heappush(self._later, (lane.due, lane.wish.line))
        else:
            self._ready[lane.wish.line] = None
            self._woken.set()

    async def run(self) -> None:
        """Hand over until cancelled."""
        noting = asyncio.create_task(self._note(), name="push-noting")
        try:
            while True:
                self._woken.clear()
                self._wake_later()
                try:
                    await self._round()
                except Exception as fault:
                    log.warning("messages wait: %s", type(fault).__name__, exc_info=fault)
                    await asyncio.sleep(PAUSE)
                if not self._ready:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._woken.wait(), PAUSE)
        finally:
            for task in (noting, *self._tasks):
                task.cancel()
            await asyncio.gather(noting, *self._tasks, return_exceptions=True)
            self._wire.close()
            with contextlib.suppress(Exception):
                await self._flush()

    def _wake_later(self) -> None:
        time = asyncio.get_running_loop().time()
        while self._later and self._later[0][0] <= time:
            _, number = heapq.heappop(self._later)
            if (lane := self.lanes.get(number)) and lane.waits and lane.due <= time:
                self._ready[number] = None

    async def _round(self) -> None:
        """Take what is ready, read what is to be told, and let each lane tell it."""
        taken = [lane for number in list(self._ready)[:MOST_LANES] if (lane := self.lanes.get(number)) and lane.waits]
        for number in list(self._ready)[:MOST_LANES]:
            del self._ready[number]
        if not taken:
            return
        time, asked = asyncio.get_running_loop().time(), list[Lane]()
        for lane in taken:
            lane.busy = True
            if ready := lane.ready(time):
                self._start(lane, [(one.message, one.body, one.trace) for one in ready], 0)
            else:
                asked.append(lane)
        upto = {lane.wish.line: lane.last for lane in asked}
        try:
            packed = await self._packed(asked) if asked else {}
        except BaseException:
            for lane in asked:
                lane.busy = False
                self._ready[lane.wish.line] = None
            raise
        for lane in asked:
            self._start(lane, packed[lane.wish.line], upto[lane.wish.line])

    def _start(self, lane: Lane, packed: Packed, upto: int) -> None:
        task = asyncio.create_task(self._tell(lane, packed, upto))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _packed(self, lanes: Iterable[Lane]) -> dict[int, Packed]:
        by = {lane.wish.line: lane for lane in lanes}
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
            found = await messages.following(conn, {number: lane.told for number, lane in by.items()}, MOST_EACH)
            wishes = {number: lane.wish for number, lane in by.items()}
            its = [one for ones in found.values() for one in ones]
            bodies = await told(conn, wishes, its)
            called = await traces(conn, [one.record_id for one in its], [one.event for one in its])
        return {
            number: [(one, bodies.get((number, one.seq)), called.get(one.event, "")) for one in found.get(number, ())] for number in by
        }

    async def _tell(self, lane: Lane, packed: Packed, upto: int) -> None:
        try:
            if not packed:
                lane.told = upto  # Nothing is left of what was numbered: it was given up, or has stood too long.
            for message, body, trace in packed:
                if body is None:
                    self._fates.append((lane.wish.line, message.seq, "withheld", ""))
                    lane.told = message.seq
                elif not await self._called(lane, message, body, trace):
                    break
        except Exception as fault:
            log.warning("a lane stumbled", exc_info=fault)
            lane.away(type(fault).__name__, asyncio.get_running_loop().time())
        finally:
            self._dirty[lane.wish.line] = lane
            current = self.lanes.get(lane.wish.line)
            if current is not None:
                current.busy = False
                if current is not lane and current.epoch == lane.epoch:
                    current.told = max(current.told, lane.told)
                self._offer(current)

    async def _called(self, lane: Lane, message: Message, body: dict[str, Any], trace: str) -> bool:
        """`_post`, as work for the call that the message comes from."""
        call = calls.follow(trace)
        try:
            # How fast a subscriber's system is, is none of the platform's own meters.
            async with measured("webhook", metered=False):
                return await self._post(lane, message, body)
        finally:
            call.over = True

    async def _post(self, lane: Lane, message: Message, body: dict[str, Any]) -> bool:
        """Hand one message over; whether to go on with the next."""
        loop = asyncio.get_running_loop()
        try:
            place = await self._ways.to(lane.wish.address)
            status = await self._posted(lane, place, str(body["id"]), orjson.dumps(body))
        except Forbidden:
            await self._stop(lane, "address")
            return False
        except (Away, OSError, TimeoutError) as away:
            await self._stop(lane, lane.away(str(away) or type(away).__name__, loop.time()))
            return False
        if 200 <= status < 300:
            lane.taken(message.seq)
            return True
        if status == GONE:
            await self._stop(lane, "gone")
            return False
        if status in NOT_NOW:
            await self._stop(lane, lane.away(f"HTTP {status}", loop.time()))
            return False
        given_up, stop = lane.refusal(message.seq, f"HTTP {status}", loop.time())
        if given_up:
            self._fates.append((lane.wish.line, message.seq, "dead", f"HTTP {status}"))
        await self._stop(lane, stop)
        return given_up and stop is None

    async def _posted(self, lane: Lane, place: Place, id: str, body: bytes) -> int:
        doors = self._hosts.setdefault((place.host, place.port), asyncio.Semaphore(AT_HOST))
        async with doors:
            headers = {**signing.headers(id, now(), body, lane.keys), **calls.passed_on()}
            return await self._wire.post(place, headers, body)

    async def _stop(self, lane: Lane, why: Stop | None) -> None:
        """Stop a subscription that cannot be served; its subscriber resumes it."""
        if why is None:
            return
        lane.due = asyncio.get_running_loop().time() + 60  # Should stopping fail, it is not tried at once.
        with contextlib.suppress(Failure):
            await self._port.act(PLATFORM, Subscription.facts.name, UUID(str(lane.wish.id)), "stop",
                                 changes={"stopped": why}, note=STOPPING.zh + " " + STOPPING.en)  # fmt: skip

    async def _note(self) -> None:
        while True:
            await asyncio.sleep(FLUSH)
            with contextlib.suppress(Exception):
                await self._flush()

    async def _flush(self) -> None:
        if not self._dirty and not self._fates:
            return
        dirty, self._dirty = self._dirty, {}
        fates, self._fates = self._fates, []
        try:
            async with scope(self._port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
                await lines.note(conn, [lane.standing() for lane in dirty.values()])
                await messages.fate(conn, fates)
        except Exception:
            self._dirty = {**dirty, **self._dirty}
            self._fates = [*fates, *self._fates]
            raise
