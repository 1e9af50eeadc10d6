"""The queue: a subscriber takes its messages by MQTT 3.1.1 with quality of service 1, and acknowledges each.

The queue is the subscription's numbered messages; nothing is copied for it. A connection is given what lies behind the last
acknowledged number, a window at a time; what it did not acknowledge the next connection is given again. Who reads what is asked when it
is given, as by every channel. One connection takes from a queue: a newer one takes over.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from kouan.base.exchange.api import signing
from kouan.base.push.lifecycle import ACTIVE
from kouan.base.push.service import asking, mqtt
from kouan.base.push.service.asking import Own
from kouan.base.push.service.live import MOST as PAGE
from kouan.base.push.service.live import Live, Seat
from kouan.base.push.store import lines
from kouan.base.push.store.lines import Standing
from kouan.kernel.audit import Entry
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import NotFound, Unavailable
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

EXTRA = "push.queue"
WINDOW = 64
"""So many messages are on the way unacknowledged."""
LEASE = 60.0
"""So many seconds has a client for the oldest of them: then it is let go, and the next connection is given them."""
SIGN_IN_WITHIN, REFUSAL, RECHECK, STUCK_AFTER, FLUSH = 5.0, 1.0, 5.0, 30.0, 0.1
MOST_TAKERS = 2000
log = logging.getLogger(__name__)
Send = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[bytes]]


class Left(Exception):
    """The client is gone, or is let go."""


@dataclass(slots=True)
class OnWay:
    """A message that was given and is not acknowledged. `upto`: the number that is told when it and all before it are."""

    upto: int
    since: float
    done: bool = False


@dataclass(slots=True, eq=False)
class Taker:
    """A connection that takes from one queue."""

    found: Own
    send: Send
    seat: Seat
    told: int
    way: dict[int, OnWay] = field(default_factory=dict)
    held: deque[tuple[bytes, int]] = field(default_factory=deque)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)
    room: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: Any = field(default_factory=lambda: itertools.cycle(range(1, 1 << 16)))

    @property
    def topic(self) -> str:
        """What it subscribes."""
        return f"push/{self.found.wish.id}"

    def hold(self, items: list[tuple[bytes, int]], upto: int) -> None:
        """Have a page ready; the last message of it stands for those behind it that are withheld."""
        for at, (body, _) in enumerate(items):
            self.held.append((body, items[at + 1][1] - 1 if at + 1 < len(items) else upto))
        if not items and self.held:
            self.held[-1] = (self.held[-1][0], upto)
        elif not items and self.way:
            self.way[next(reversed(self.way))].upto = upto
        elif not items:
            self.told = upto

    async def give(self) -> None:
        """Give what is held ready, as far as the window goes."""
        while self.held and len(self.way) < WINDOW:
            body, upto = self.held.popleft()
            number = next(self.numbers)
            self.way[number] = OnWay(upto, asyncio.get_running_loop().time())
            await self.send(mqtt.publish(self.topic, number, body))

    def taken(self, number: int) -> bool:
        """The client acknowledged a message; whether more is told now than before. One that was never given is passed over."""
        if number in self.way:
            self.way[number].done = True
        before = self.told
        while self.way and (first := next(iter(self.way))) and self.way[first].done:
            self.told = self.way.pop(first).upto
        self.room.set()
        return self.told > before

    def overdue(self, loop_time: float) -> bool:
        """Whether the oldest message on the way was not acknowledged in time."""
        return bool(self.way) and next(iter(self.way.values())).since + LEASE < loop_time

    def standing(self) -> Standing:
        """How far it was told."""
        return Standing(self.found.wish.line, self.found.line["epoch"], self.told, 0, 0, None, None, ok=True)


class Queues:
    """The queues that are taken from in this process; how far each was told is noted ten times a second."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._takers: dict[int, Taker] = {}
        self._dirty: dict[int, Standing] = {}
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, port: Port) -> Queues:
        """Those of this process."""
        found: Queues = port.extras.setdefault(EXTRA, cls(port))
        return found

    async def serve(self, receive: Receive, send: Send) -> None:
        """One connection, from its CONNECT to its end. `receive` and `send`: pieces of the stream of bytes; they raise Left."""
        packets: deque[tuple[int, bytes]] = deque()
        reader = mqtt.Packets()

        async def read() -> tuple[int, bytes]:
            while not packets:
                packets.extend(reader.feed(await receive()))
            return packets.popleft()

        with contextlib.suppress(Left, mqtt.Malformed, TimeoutError, *GONE, asyncpg.PostgresError):
            kind, body = await asyncio.wait_for(read(), SIGN_IN_WITHIN)
            if kind != mqtt.CONNECT:
                return
            try:
                said = mqtt.connect(body)
            except mqtt.OtherVersion:
                await send(mqtt.connack(mqtt.OTHER_VERSION))
                return
            found = await self._entitled(said)
            if isinstance(found, int):
                await send(mqtt.connack(found))
                return
            await self._serve(found, said, read, send)

    async def _entitled(self, said: mqtt.Connect) -> Own | int:
        """The queue that a client may take from, or the code by which it is refused."""
        if len(self._takers) >= MOST_TAKERS:
            return mqtt.UNAVAILABLE
        found = await self._looked(said)
        if found is not None:
            return found if found.row.state == ACTIVE else mqtt.UNAVAILABLE
        await asyncio.sleep(REFUSAL)
        return mqtt.REFUSED

    async def _looked(self, said: mqtt.Connect) -> Own | None:
        try:
            id = UUID(said.user)
        except ValueError:
            return None
        try:
            async with scope(self._port.pool, (0, PLATFORM.org)) as conn:
                found = await asking.own(conn, id)
        except NotFound:
            return None
        keys = [signing.written(key).encode() for key in lines.keys_of(self._port.vault, found.line)]
        right = [hmac.compare_digest(key, said.password.encode()) for key in keys]
        if found.wish.channel == "queue" and any(right):
            return found
        with contextlib.suppress(Unavailable):
            self._port.audit.offer(Entry.of(None, "push:queue", "denied", ref=found.row.ref, reason="password"))
        return None

    async def _serve(self, found: Own, said: mqtt.Connect, read: Callable[[], Awaitable[tuple[int, bytes]]], send: Send) -> None:
        hub, line = Live.of(self._port), found.wish.line
        if (former := self._takers.get(line)) is not None:
            former.ended.set()
        if line in self._dirty:
            await self._flush()
            found = await self._looked(said) or found
        taker = Taker(found, send, hub.join(found.wish, found.line["told"]), found.line["told"])
        self._takers[line] = taker
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._note(), name="push-queues")
        work = [asyncio.create_task(one) for one in (self._hear(taker, said, read), self._tell(taker), self._watch(taker, said))]
        try:
            await send(mqtt.connack(mqtt.ACCEPTED))
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in work:
                task.cancel()
            for fault in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(fault, Exception) and not isinstance(fault, (Left, mqtt.Malformed, TimeoutError, *GONE)):
                    log.warning("a queue stumbled", exc_info=fault)
            hub.leave(taker.seat)
            if self._takers.get(line) is taker:
                del self._takers[line]
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                await self._flush()

    async def _hear(self, taker: Taker, said: mqtt.Connect, read: Callable[[], Awaitable[tuple[int, bytes]]]) -> None:
        """What the client says: it subscribes its topic, acknowledges, pings and leaves; it has nothing to publish."""
        while True:
            kind, body = await asyncio.wait_for(read(), 1.5 * said.keepalive or None)
            if kind == mqtt.PUBACK:
                if taker.taken(mqtt.acknowledged(body)):
                    self._dirty[taker.found.wish.line] = taker.standing()
            elif kind == mqtt.PINGREQ:
                await taker.send(mqtt.PINGRESP)
            elif kind == mqtt.SUBSCRIBE:
                number, filters = mqtt.asked(body)
                granted = [1 if topic == taker.topic and qos else mqtt.NOT_GRANTED for topic, qos in filters]
                await taker.send(mqtt.suback(number, granted))
                if 1 in granted:
                    taker.subscribed.set()
            elif kind == mqtt.UNSUBSCRIBE:
                number, filters = mqtt.asked(body, qos=False)
                if any(topic == taker.topic for topic, _ in filters):
                    taker.subscribed.clear()
                await taker.send(mqtt.unsuback(number))
            else:
                return  # DISCONNECT, or what no client of a queue says.

    async def _tell(self, taker: Taker) -> None:
        while True:
            await taker.subscribed.wait()
            if not taker.held and await taker.seat.wait(RECHECK):
                await self._more(taker)
            if not taker.subscribed.is_set():
                continue
            await taker.give()
            if taker.held:
                taker.room.clear()
                await taker.room.wait()

    async def _more(self, taker: Taker) -> None:
        """Have ready what is numbered behind what was given."""
        before = taker.told
        page = taker.seat.take()
        if page is None:
            async with scope(self._port.pool, (0, taker.found.row.org)) as conn:
                read = await asking.page(conn, taker.found, taker.seat.told, PAGE)
            page = read["items"], read["next"]
            if page[1] > taker.seat.told:
                taker.seat.woken.set()
            taker.seat.told = page[1]
        taker.hold([(orjson.dumps(one), one["seq"]) for one in page[0]], page[1])
        if taker.told > before:
            self._dirty[taker.found.wish.line] = taker.standing()

    async def _watch(self, taker: Taker, said: mqtt.Connect) -> None:
        """Let the client go when another takes over, its messages are overdue, its password ended, or its queue was rewound or paused."""
        loop = asyncio.get_running_loop()
        while not taker.overdue(loop.time()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(taker.ended.wait(), RECHECK)
                return
            found = await self._looked(said)
            if found is None or found.row.state != ACTIVE or found.line["epoch"] != taker.found.line["epoch"]:
                return
            taker.found = found
            taker.seat.wish = found.wish

    async def _note(self) -> None:
        while self._takers:
            await asyncio.sleep(FLUSH)
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                await self._flush()

    async def _flush(self) -> None:
        dirty, self._dirty = self._dirty, {}
        if not dirty:
            return
        try:
            async with scope(self._port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
                await lines.note(conn, list(dirty.values()))
        except BaseException:
            self._dirty = {**dirty, **self._dirty}
            raise
