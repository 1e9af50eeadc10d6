"""The queue: subscribers' systems take its messages by MQTT 3.1.1 with quality of service 1, and acknowledge each.

The queue is the subscription's numbered messages; nothing is copied for it. Who subscribes its topic takes alone, and a newer
connection takes over; those who subscribe it under `$share/{group}/` share it (`desk`). What was not acknowledged is given again. A
message that takers left eight times, or that is too old, is set aside (`dead`). Who reads what is asked when it is given.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from kouan.base.exchange.api import signing
from kouan.base.push.lifecycle import ACTIVE
from kouan.base.push.service import asking, mqtt
from kouan.base.push.service.asking import Own
from kouan.base.push.service.desk import Desk, Entry, Hand
from kouan.base.push.service.lanes import FIRST_WAIT, LONGEST_REFUSED, MOST_REFUSED
from kouan.base.push.service.live import MOST as PAGE
from kouan.base.push.service.live import Live, Seat
from kouan.base.push.store import lines, messages
from kouan.base.push.store.lines import Standing
from kouan.base.push.store.messages import DEAD
from kouan.kernel.audit import Entry as Noted
from kouan.kernel.clock import now
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import NotFound, Unavailable
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM

EXTRA = "push.queue"
SIGN_IN_WITHIN, REFUSAL, RECHECK, STUCK_AFTER, FLUSH = 5.0, 1.0, 5.0, 30.0, 0.1
MOST_TAKERS, MOST_SHARING = 2000, 32
LEFT_OVER, TOO_OLD = "unacknowledged", "too old"
log = logging.getLogger(__name__)
Send = Callable[[bytes], Awaitable[None]]
Receive = Callable[[], Awaitable[bytes]]
Read = Callable[[], Awaitable[tuple[int, bytes]]]


class Left(Exception):
    """The client is gone, or is let go."""


@dataclass(slots=True, eq=False)
class Taker:
    """A connection that takes from a queue. `fault`: whether what it has not acknowledged counts as left by it when it ends."""

    found: Own
    said: mqtt.Connect
    send: Send
    hand: Hand = field(default_factory=Hand)
    out: deque[bytes] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    queue: Queue | None = None
    fault: bool = True

    @property
    def topic(self) -> str:
        """What is published to it."""
        return f"push/{self.found.wish.id}"


@dataclass(slots=True, eq=False)
class Queue:
    """A queue that is taken from. `group`: the name under which several share it, empty when one takes alone."""

    found: Own
    group: str
    desk: Desk
    seat: Seat
    takers: list[Taker] = field(default_factory=list)
    hungry: asyncio.Event = field(default_factory=asyncio.Event)
    feeding: asyncio.Task[None] | None = None

    @property
    def epoch(self) -> int:
        """Raised when the queue is rewound."""
        return int(self.found.line["epoch"])

    def deal(self) -> None:
        """Give what can be given now to who has room."""
        hands = {taker.hand: taker for taker in self.takers}
        for hand, number, entry in self.desk.give(hands, asyncio.get_running_loop().time()):
            taker = hands[hand]
            taker.out.append(mqtt.publish(taker.topic, number, entry.body))
            taker.woken.set()
        if self.desk.hungry:
            self.hungry.set()
        else:
            self.hungry.clear()

    def standing(self) -> Standing:
        """How far it was told."""
        return Standing(self.found.wish.line, self.epoch, self.desk.told, 0, 0, None, None, ok=True)


class Queues:
    """The queues that are taken from in this process; how far each was told is noted ten times a second."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._queues: dict[int, Queue] = {}
        self._connected = 0
        self._dirty: dict[int, Standing] = {}
        self._fates: list[tuple[int, int, str, str]] = []
        self._tries: list[tuple[int, int, int]] = []
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
            await self._serve(Taker(found, said, send), read)

    async def _entitled(self, said: mqtt.Connect) -> Own | int:
        """The queue that a client may take from, or the code by which it is refused."""
        if self._connected >= MOST_TAKERS:
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
            self._port.audit.offer(Noted.of(None, "push:queue", "denied", ref=found.row.ref, reason="password"))
        return None

    async def _serve(self, taker: Taker, read: Read) -> None:
        self._connected += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._note(), name="push-queues")
        work = [asyncio.create_task(one) for one in (self._hear(taker, read), self._tell(taker), self._watch(taker))]
        try:
            await taker.send(mqtt.connack(mqtt.ACCEPTED))
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            taker.fault = False  # It is we who end.
            raise
        finally:
            for task in work:
                task.cancel()
            for fault in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(fault, Exception) and not isinstance(fault, (Left, mqtt.Malformed, TimeoutError, *GONE)):
                    log.warning("a queue stumbled", exc_info=fault)
            self._connected -= 1
            self._leave(taker)
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                await self._flush()

    async def _hear(self, taker: Taker, read: Read) -> None:
        """What the client says: it subscribes its topic, acknowledges, pings and leaves; it has nothing to publish."""
        while True:
            kind, body = await asyncio.wait_for(read(), 1.5 * taker.said.keepalive or None)
            if kind == mqtt.PUBACK:
                queue = taker.queue
                if queue and queue.desk.taken(taker.hand, mqtt.acknowledged(body)):
                    self._dirty[taker.found.wish.line] = queue.standing()
                if queue:
                    queue.deal()
            elif kind == mqtt.PINGREQ:
                await taker.send(mqtt.PINGRESP)
            elif kind == mqtt.SUBSCRIBE:
                number, filters = mqtt.asked(body)
                granted = [1 if qos and await self._join(taker, topic) else mqtt.NOT_GRANTED for topic, qos in filters]
                await taker.send(mqtt.suback(number, granted))
                if taker.queue:
                    taker.queue.deal()
            elif kind == mqtt.UNSUBSCRIBE:
                number, filters = mqtt.asked(body, qos=False)
                if any(mqtt.shared(topic)[1] == taker.topic for topic, _ in filters):
                    self._leave(taker, fault=False)
                await taker.send(mqtt.unsuback(number))
            else:
                taker.fault = kind != mqtt.DISCONNECT
                return

    async def _join(self, taker: Taker, topic: str) -> bool:
        """Take from the queue, alone or under a group's name; whether that is granted. Who took alone before is let go."""
        group, bare = mqtt.shared(topic)
        if bare != taker.topic:
            return False
        line = taker.found.wish.line
        if taker.queue and taker.queue is self._queues.get(line) and taker.queue.group == group:
            return True
        await self._flush()
        taker.found = await self._looked(taker.said) or taker.found
        self._leave(taker, fault=False)
        queue = self._queues.get(line)
        if queue and queue.epoch == taker.found.line["epoch"] and group and queue.group:
            if queue.group != group or len(queue.takers) >= MOST_SHARING:
                return False
        else:
            queue = self._opened(taker.found, group)
        queue.takers.append(taker)
        taker.queue = queue
        return True

    def _opened(self, found: Own, group: str) -> Queue:
        """The queue anew, behind what is told; whoever took from it before is let go."""
        line, told = found.wish.line, found.line["told"]
        if former := self._queues.pop(line, None):
            told = max(told, former.desk.told) if former.epoch == found.line["epoch"] else told
            for one in list(former.takers):
                one.ended.set()
                self._leave(one, fault=False)
            self._close(former)
        queue = Queue(found, group, Desk(told, shared=bool(group)), Live.of(self._port).join(found.wish, told))
        queue.hungry.set()
        queue.feeding = asyncio.create_task(self._feed(queue), name=f"push-queue-{line}")
        self._queues[line] = queue
        return queue

    def _leave(self, taker: Taker, *, fault: bool | None = None) -> None:
        """A taker takes no more. What it left unacknowledged goes to others; over the oldest of it, it may have stumbled."""
        queue, taker.queue = taker.queue, None
        if queue is None:
            return
        queue.takers.remove(taker)
        head = queue.desk.left(taker.hand)
        taker.out.clear()
        if head is not None and (taker.fault if fault is None else fault):
            self._stumbled(queue, head)
        if queue.takers:
            queue.deal()
        elif self._queues.get(queue.found.wish.line) is queue:
            del self._queues[queue.found.wish.line]
            self._close(queue)

    def _close(self, queue: Queue) -> None:
        Live.of(self._port).leave(queue.seat)
        if queue.feeding:
            queue.feeding.cancel()

    def _stumbled(self, queue: Queue, entry: Entry) -> None:
        """A taker left a message: it is given again after a pause that doubles, and set aside when that was often enough."""
        entry.tries += 1
        self._tries.append((queue.found.wish.line, entry.seq, entry.tries))
        if entry.tries >= MOST_REFUSED:
            self._aside(queue, entry, LEFT_OVER)
            return
        loop = asyncio.get_running_loop()
        entry.due = loop.time() + pause(entry.tries)
        loop.call_at(entry.due + 0.01, queue.deal)

    def _aside(self, queue: Queue, entry: Entry, why: str) -> None:
        self._fates.append((queue.found.wish.line, entry.seq, DEAD, why))
        if queue.desk.aside(entry):
            self._dirty[queue.found.wish.line] = queue.standing()

    async def _tell(self, taker: Taker) -> None:
        while True:
            await taker.woken.wait()
            taker.woken.clear()
            while taker.out:
                await taker.send(taker.out.popleft())

    async def _feed(self, queue: Queue) -> None:
        """Have what is numbered behind what is on the desk read as it comes."""
        while True:
            await queue.hungry.wait()
            try:
                if await queue.seat.wait(RECHECK):
                    await self._more(queue)
            except (*GONE, asyncpg.PostgresError) as gone:
                log.debug("a queue waits: %s", gone)
                queue.seat.woken.set()
                await asyncio.sleep(REFUSAL)
            for entry in queue.desk.expired(now().timestamp()):
                self._aside(queue, entry, TOO_OLD)
            queue.deal()

    async def _more(self, queue: Queue) -> None:
        """Lay on the desk what is numbered behind what lies there."""
        before, page, tries = queue.desk.told, queue.seat.take(), dict[int, int]()
        if page is None:
            async with scope(self._port.pool, (0, queue.found.row.org)) as conn:
                read = await asking.page(conn, queue.found, queue.seat.told, PAGE, dead=False)
            page, tries = (read["items"], read["next"]), read["tries"]
            if page[1] > queue.seat.told:
                queue.seat.woken.set()
            queue.seat.told = page[1]
        queue.desk.put(_entries(page[0], page[1], tries, queue.found.wish.stale_s), page[1])
        if queue.desk.told > before:
            self._dirty[queue.found.wish.line] = queue.standing()

    async def _watch(self, taker: Taker) -> None:
        """Let the client go when another takes over, its messages are overdue, its password ended, or its queue was rewound or paused."""
        loop = asyncio.get_running_loop()
        while not taker.hand.overdue(loop.time()):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(taker.ended.wait(), RECHECK)
                return
            found = await self._looked(taker.said)
            if found is None or found.row.state != ACTIVE or found.line["epoch"] != taker.found.line["epoch"]:
                taker.fault = False
                return
            taker.found = found
            if taker.queue:
                taker.queue.found, taker.queue.seat.wish = found, found.wish
                taker.queue.deal()

    async def _note(self) -> None:
        while self._connected:
            await asyncio.sleep(FLUSH)
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                await self._flush()

    async def _flush(self) -> None:
        dirty, self._dirty = self._dirty, {}
        fates, self._fates = self._fates, []
        tries, self._tries = self._tries, []
        if not (dirty or fates or tries):
            return
        try:
            async with scope(self._port.pool, (0, PLATFORM.org), clearance=4, again=True) as conn:
                await lines.note(conn, list(dirty.values()))
                await messages.tried(conn, tries)
                await messages.fate(conn, fates)
        except BaseException:
            self._dirty = {**dirty, **self._dirty}
            self._fates, self._tries = [*fates, *self._fates], [*tries, *self._tries]
            raise


def pause(tries: int) -> float:
    """Seconds before a message is given again that was left so often."""
    return min(FIRST_WAIT * 2.0**tries, LONGEST_REFUSED)


def _entries(items: Any, upto: int, tries: dict[int, int], stale_s: int) -> list[Entry]:
    """A page of messages as they lie on the desk."""
    at = asyncio.get_running_loop().time()
    found = []
    for place, one in enumerate(items):
        last = items[place + 1]["seq"] - 1 if place + 1 < len(items) else upto
        left = tries.get(one["seq"], 0)
        entry = Entry(one["seq"], last, one["record_id"], orjson.dumps(one), left, at + pause(left) if left else 0.0)
        entry.expires = datetime.fromisoformat(one["at"]).timestamp() + stale_s if stale_s else 0.0
        found.append(entry)
    return found
