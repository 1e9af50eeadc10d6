"""The hub: hears every device of the port in the leading stream process and puts what they measure into the stream.

One process leads, so each device is polled by one process, and heard once. What devices say waits for the next tick.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import asyncpg
from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from kouan.facilities.devices import credentials, register, restricted, store
from kouan.facilities.devices.bridge import Bridge
from kouan.facilities.devices.commanding import Commands
from kouan.facilities.devices.drivers.mqtt.driver import MqttDriver
from kouan.facilities.devices.drivers.mqtt.reading import STATUS
from kouan.facilities.devices.lines import LINES
from kouan.facilities.devices.living import Life, Lives, Turn
from kouan.facilities.devices.measuring import Measures
from kouan.facilities.devices.plants import Plants
from kouan.facilities.devices.polling import Pollers
from kouan.facilities.devices.register import EMPTY, Entry
from kouan.facilities.devices.telling import Told
from kouan.facilities.devices.turning import Turns
from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.kernel import clock
from kouan.kernel.database import GONE, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame
from kouan.kernel.suites.suite import Key

log = logging.getLogger(__name__)
CODE = "facilities.devices.hub"
SUBJECT, LANE = "devices.", "lane."
REREAD, AT_REST, KEPT = timedelta(seconds=0.5), timedelta(seconds=2), timedelta(seconds=1)
"""How often the register is read while something is filed, and while nothing is and no command waits; and how often states are kept."""
STRANGERS, PATIENCE = 2000, timedelta(seconds=3)
"""Messages of devices that are not known yet wait a little, and until the register was read anew, however long that takes: a device may
speak as soon as it is registered, and as soon as it is put to use."""
LOST = (*GONE, asyncpg.PostgresError)


@watches
class Hub(Watcher):
    """The devices of the port. `register`: those in use; `lives`: how each does."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ("reading",)

    async def start(self, watch: Watch) -> None:
        """Begin to listen."""
        await super().start(watch)
        self.register, self.lives = EMPTY, Lives()
        self.measures = Measures(watch.numbers)
        self.turns = Turns(watch.port)
        self.commands = Commands(watch.port, watch.bus)
        self.bridge = Bridge(self.published)
        self.plants = Plants(self.bridge.publish)
        self.pollers = Pollers(self.said, LINES, self.gone)
        self.driver = MqttDriver()
        self._strangers: deque[tuple[datetime, str, bytes]] = deque(maxlen=STRANGERS)
        self._places: dict[str, datetime] = {}
        self._mark: tuple[Any, ...] = ()
        self._as_of = clock.now() - timedelta(days=1)
        self._reread = self._kept = clock.now() - timedelta(days=1)
        self._heard: tuple[Client, Subscription] | None = None
        self._ear = watch.port.ear()
        self._restored = False
        self._keys: dict[str, Key] = {}
        self.bridge.start()
        self._tasks = [asyncio.create_task(self._house(), name="devices")]

    async def stop(self) -> None:
        """Listen no more; what is known of the devices is kept."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.pollers.stop()
        await self.bridge.stop()
        if self._heard is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._heard[1].unsubscribe()
        with contextlib.suppress(*LOST):
            await self._put([life for life in self.lives if life.code in self.register.entries])

    def fold(self, frame: Frame) -> None:
        """Devices that are reported by HTTP live by what came of them; of the others the hub knows already."""
        for code, metric, value, at in self.measures.posted(frame):
            life = self.lives.of.get(code)
            if life is not None:
                life.readings += 1
                life.last[metric] = [value, at]
                self.turn(self.lives.heard(code, clock.now()))

    async def tick(self, now: datetime) -> None:
        """Notice who is silent, and offer what came since the last tick."""
        for turn in self.lives.sweep(now):
            self.turn(turn)
        self._offer()

    def _offer(self) -> None:
        for frame, source in self.measures.frames():
            self.watch.offer([frame], source)

    async def _house(self) -> None:
        while True:
            try:
                await self._listen()
                await self._keep(clock.now())
            except (*LOST, NatsError) as problem:
                log.debug("devices wait: %s", type(problem).__name__)
            except Exception:
                log.exception("devices: housekeeping failed")
            self._offer()
            await asyncio.sleep(0.1)

    async def _listen(self) -> None:
        client = self.watch.bus.client
        if client is not None and (self._heard is None or self._heard[0] is not client):
            self._heard = client, await client.subscribe(f"{SUBJECT}>", cb=self._message)

    async def _keep(self, now: datetime) -> None:
        since = now - self._reread
        if since < timedelta(0) or since >= AT_REST or (since >= REREAD and (self.commands.waiting or self._ear.told())):
            self._reread = now
            await self._read(now)
            await self.commands.round(self.register, self, now)
        await self.turns.work()
        if now - self._kept >= KEPT or now < self._kept:
            self._kept = now
            await self._state()

    async def _read(self, now: datetime) -> None:
        """Take over what was changed in the register, then hear those again who spoke before they were known."""
        port, began = self.watch.port, clock.now()
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            mark = await store.mark(conn)
            rows = await store.registered(conn) if mark != self._mark else None
            kept = await store.logins(conn) if rows is not None else {}
        if rows is not None:
            numbers = {number for row in rows for number in row["readers"] if number > PLATFORM.org}
            offices = [port.orgs.slug(number) for number in port.orgs.of_kind("portoffice")]
            logins = {code: login for code, wrapped in kept.items() if (login := credentials.opened(port.vault, code, wrapped))}
            found = register.read(rows, {number: port.orgs.slug(number) for number in numbers}, offices, logins)
            await self.measures.state(found)  # before a device is known: what it says at once has its series
            self.register = found
            for turn in self.lives.keep(((e.code, e.data.keep_alive_s) for e in self.register.entries.values()), now):
                self.turn(turn)
            if not self._restored:
                await self._restore(now)
            self.plants.keep(self.register)
            await self.pollers.keep(self.register)
            self._mark = mark
        self._as_of = began
        waiting, self._strangers = self._strangers, deque(maxlen=STRANGERS)
        for at, subject, content in waiting:
            self.hear(subject, content, at)
        places, self._places = self._places, {}
        for place, at in places.items():
            self._lane(place, at)

    async def _restore(self, now: datetime) -> None:
        docs = {code: entry.data.model_dump(include={"code", "data_level", "holder"}) for code, entry in self.register.entries.items()}
        self._keys = await restricted.keys_of(self.watch.port, docs)
        for code, kept in (await store.states(self.watch.port.pool)).items():
            if code in self.lives.of:
                self.lives.restore(code, {**kept, "last": restricted.opened(self._keys.get(code), code, kept["last"])}, now)
        self._restored = True

    async def _state(self) -> None:
        changed = [life for life in self.lives if life.changed]
        for life in changed:
            life.changed = False
        try:
            await self._put([life for life in changed if life.code in self.register.entries])
        except LOST:
            for life in changed:
                life.changed = True
            raise

    async def _put(self, lives: Sequence[Life]) -> None:
        """Keep how devices do; last values of level 3 and 4 under their subject's key. With the key of an erased one they are forgotten."""
        docs = {life.code: self.register.entries[life.code].data.model_dump(include={"code", "data_level", "holder"}) for life in lives}
        keys = await restricted.keys_of(self.watch.port, docs, create=True)
        rows = []
        for life in lives:
            if (key := keys.get(life.code)) is not None and self._keys.setdefault(life.code, key) != key:
                life.last, self._keys[life.code] = {}, key
            *row, last = life.row()
            rows.append([*row, last if key is None else restricted.sealed(key, life.code, last)])
        await store.put_states(self.watch.port.pool, rows)

    async def _message(self, message: Any) -> None:
        self.hear(str(message.subject), message.data, clock.now())

    def published(self, topic: str, content: bytes) -> None:
        """A message by the port's own broker."""
        if topic.startswith("spBv1.0/"):
            for entry, told in self.plants.hear(topic, content):
                self.said(entry, told)
            for cause, rows in self.plants.refused():
                self.count(cause, rows)
        else:
            self.hear(topic.replace("/", "."), content, clock.now())

    def hear(self, subject: str, content: bytes, at: datetime) -> None:
        """A message under `devices.`: of a device by its code, or of a lane's device."""
        code, _, path = subject.removeprefix(SUBJECT).partition(".")
        if code == "lane":
            self._lane(f"lane/{path.replace('.', '/')}".lower(), at)
            return
        entry = self.register.entries.get(code)
        if entry is not None and path:
            self._spoke(entry, path.replace(".", "/"), content, at)
        elif at >= self._as_of or (code not in self.register.known and clock.now() - at < PATIENCE):
            self._strangers.append((at, subject, content))
        elif code in self.register.known:
            self.count("not_commissioned", 1, code)
        else:
            self.count("unknown_device")

    def _spoke(self, entry: Entry, path: str, content: bytes, at: datetime) -> None:
        life = self.lives.of.get(entry.code)
        if path == STATUS or life is None or life.may_speak(len(content), at.timestamp()):  # births and deaths are few, and never cut
            self.said(entry, self.driver.message(path, content))
            return
        life.messages += 1
        life.refused["thinned_messages"] += 1
        self.count("thinned_messages", 1, entry.code)
        self.turn(self.lives.heard(entry.code, at))

    def _lane(self, place: str, at: datetime) -> None:
        """A lane's device lives when the gate hears it; what it read is the gate's business. Of one that is not known yet, it waits
        that it spoke."""
        entry = self.register.lanes.get(place)
        if entry is not None:
            self.said(entry, Told())
        elif (clock.now() - at < PATIENCE or at >= self._as_of) and len(self._places) < STRANGERS:
            self._places[place] = at

    def said(self, entry: Entry, told: Told) -> None:
        """A device said something: it lives, and what it measured goes into the stream."""
        now = clock.now()
        life = self.lives.of.get(entry.code)
        if life is None:
            return
        life.messages += 1
        if told.life == "death":
            self.turn(self.lives.died(entry.code, now))
        else:
            self.turn(self.lives.heard(entry.code, now, "birth" if told.life == "birth" else "heard"))
        self.measures.take(entry, told, life, now)
        for answer in told.answers:
            self.commands.answered(entry.code, answer, now)
        for cause, rows in told.refused.items():
            life.refused[cause] += rows
            self.count(cause, rows, entry.code)

    def count(self, cause: str, rows: int = 1, code: str = "") -> None:
        """Count what was refused or thinned of a device, or of senders that are none; it is seen with all that the stream counts."""
        self.watch.count(cause if cause.startswith("thinned") else f"refused.device.{cause}", rows, f"device:{code}" if code else "devices")

    def gone(self, entry: Entry, cause: str, away: bool) -> None:
        """The connection to a device broke. It is offline when it does not answer anew; a line that is made again at once says nothing."""
        self.count(cause, 1, entry.code)
        life = self.lives.of.get(entry.code)
        if life is not None:
            life.refused[cause] += 1
            life.changed = True
            if away and life.online:
                self.turn(self.lives.died(entry.code, clock.now()))

    def turn(self, turn: Turn | None) -> None:
        """A device came or went."""
        if turn is not None:
            life = self.lives.of.get(turn.code)
            told = life is None or life.may_tell(turn.at)
            if not told:
                self.count("thinned_events", 1, turn.code)
            self.turns.put(turn, self.register.entries.get(turn.code), told)
