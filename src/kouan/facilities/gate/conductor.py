"""Conducts the lanes: readings of their devices come by MQTT, are judged as passages, and commands go back.

Devices publish to `devices/lane/{lane}/{kind}/{device}` (see `reading`), hear `devices/lane/{lane}/command` and confirm on
`devices/lane/{lane}/ack/{device}` with `{"command": "…"}`. NATS carries both as `devices.lane.…`. A command is sent three
times at most until it is confirmed. One process conducts: the readings of a vehicle must come together in one place.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import nats
import orjson
from nats.aio.client import Client
from nats.errors import Error as NatsError

from kouan.facilities.gate import commands, service
from kouan.facilities.gate.fusing import Visit, fuse
from kouan.facilities.gate.lanes import Commanded, LaneNow, Pending
from kouan.facilities.gate.reading import PERMIT, Beat, Unreadable, parse
from kouan.facilities.gate.records import Passage
from kouan.kernel.clock import now
from kouan.kernel.database import GONE
from kouan.kernel.errors import Failure
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.rules import Kept
from kouan.kernel.settings import servers

log = logging.getLogger(__name__)
EXTRA = "facilities.gate.conductor"
SUBJECT = "devices.lane"
SETTLE = 3.0
"""Seconds that a vehicle waits for the slower devices after the first reading arrived."""
STALE = timedelta(minutes=2)
"""Readings that far from now are of a vehicle that is long gone, or of a clock that is wrong: they open nothing."""
TRIES, AGAIN, OTHERS = 3, 1.0, 0.3
"""How often a command is sent, seconds between, and seconds for the lane's other devices to confirm after the first."""
MOST_LANES, MOST_WAITING = 200, 20
AWAY = {"zh": "数据库暂不可用，请稍后重试", "en": "The database cannot be reached: try again in a moment"}


class Conductor:
    """The lanes of one serving process."""

    def __init__(self, port: Port, url: str) -> None:
        self._port, self._url = port, url
        self.lanes: dict[str, LaneNow] = {}
        self._client: Client | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._confirmed: dict[str, asyncio.Event] = {}

    @property
    def connected(self) -> bool:
        """Whether devices are heard now."""
        return self._client is not None and self._client.is_connected

    def start(self) -> None:
        """Begin to listen; without an address of NATS there are no devices."""
        self._port.extras[EXTRA] = self
        if self._url:
            self._spawn(self._connect())

    async def stop(self) -> None:
        """Stop listening. A vehicle that stands at a lane is presented by the operator, or read again."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None and not self._client.is_closed:
            with contextlib.suppress(NatsError, OSError, TimeoutError):
                await asyncio.wait_for(self._client.close(), 1)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("a lane stumbled", exc_info=fault)

    async def _connect(self) -> None:
        while self._client is None:
            try:
                client = await nats.connect(
                    servers(self._url), max_reconnect_attempts=-1, reconnect_time_wait=0.5, connect_timeout=2, error_cb=_quiet
                )
                await client.subscribe(f"{SUBJECT}.>", cb=self._message)
                self._client = client
            except (NatsError, OSError, TimeoutError):
                await asyncio.sleep(0.5)

    async def _message(self, message: Any) -> None:
        parts = str(message.subject).split(".")[2:]
        if len(parts) == 3:
            await self.hear(parts[0], parts[1], parts[2], message.data)

    async def hear(self, lane: str, kind: str, device: str, body: bytes) -> None:
        """A device's message. What cannot be read is counted at its lane; a lane that is none of the gate's is not kept."""
        code = lane.lower()
        if kind in ("command", PERMIT):
            return
        if code not in self.lanes and (len(self.lanes) >= MOST_LANES or code not in await self._known()):
            return
        here = self.lanes.setdefault(code, LaneNow(code))
        if kind == "ack":
            self._ack(here, device, body)
            return
        try:
            one = parse(kind, device, body)
        except Unreadable as why:
            here.counts[f"unreadable.{why}"] += 1
            return
        here.hear(one)
        if isinstance(one, Beat):
            return
        if abs(one.at - now()) > STALE:
            here.counts["stale"] += 1
            return
        await self._take(here, here.visits.take(one))

    async def _known(self) -> Mapping[str, Any]:
        try:
            return await service.lanes(self._port)
        except (*GONE, asyncpg.PostgresError):
            return {}

    async def _take(self, here: LaneNow, visit: Visit | None) -> None:
        if visit is None:
            return
        lane = (await self._known()).get(here.code)
        for older in here.visits.open:
            if older is not visit and older.began < visit.began and older.name != visit.name:
                self._close(here, older)
        if "plate" in visit.kinds and here.complete(visit, lane):
            self._close(here, visit)
        elif len(visit.readings) == 1:
            self._spawn(self._later(here, visit))

    async def _later(self, here: LaneNow, visit: Visit) -> None:
        await asyncio.sleep(SETTLE)
        self._close(here, visit)

    def _close(self, here: LaneNow, visit: Visit) -> None:
        if not visit.closed:
            visit.closed = True
            self._spawn(self._judge(here, visit))

    async def _judge(self, here: LaneNow, visit: Visit) -> None:
        lane = (await self._known()).get(here.code)
        fused, missing = fuse(visit.readings.values()), here.missing(visit, lane)
        waits = Pending(uuid7().hex, visit, fused, missing, now())
        if missing:
            self._ask(here, waits)
            return
        try:
            await self.present(here.code, fused.stated(), key=waits.id)
        except Failure as failure:
            waits.trouble = failure.reason.out()
            self._ask(here, waits)
        except (*GONE, asyncpg.PostgresError):
            waits.trouble = AWAY
            self._ask(here, waits)

    def _ask(self, here: LaneNow, waits: Pending) -> None:
        here.pending.append(waits)
        del here.pending[:-MOST_WAITING]
        self._spawn(self._command(here, commands.waiting(), None))

    async def present(self, code: str, stated: Mapping[str, Any], *, key: str = "") -> Kept:
        """Judge a vehicle at a lane and tell the lane's devices; answers the passage. Raises what `service.present` raises."""
        lane = (await service.lanes(self._port)).get(code)
        told = {**stated, "direction": lane.direction if lane else "in"}
        filed = await service.present(self._port, self._port.service("terminal"), code, told, key=key)
        self.show(filed.kept[0])
        return filed.kept[0]

    def show(self, kept: Kept) -> None:
        """Tell a passage's lane what was decided, where the lane has devices."""
        passage = kept.data
        assert isinstance(passage, Passage)
        here = self.lanes.get(passage.lane)
        if here is not None and self.connected:
            self._spawn(self._command(here, commands.shown(passage), kept.ref))

    async def _command(self, here: LaneNow, shape: Mapping[str, Any], passage: str | None) -> None:
        one = here.commanded = Commanded(f"C{now():%y%m%d%H%M%S}-{uuid7().hex[-10:]}", shape, now())
        heard = self._confirmed[one.number] = asyncio.Event()
        body = orjson.dumps({"command": one.number, "passage": passage, **shape})
        try:
            for attempt in range(1, TRIES + 1):
                one.tries = attempt
                await self._publish(f"{SUBJECT}.{here.code}.command", body)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), AGAIN)
                    break
        finally:
            self._confirmed.pop(one.number, None)
        if one.confirmed_at is None:
            here.counts["unconfirmed"] += 1
        else:
            await asyncio.sleep(OTHERS)
        await self._keep(here, one, passage)

    async def _publish(self, subject: str, body: bytes) -> None:
        if self._client is not None:
            with contextlib.suppress(NatsError, OSError):
                await self._client.publish(subject, body)

    def _ack(self, here: LaneNow, device: str, body: bytes) -> None:
        try:
            number = orjson.loads(body)["command"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            here.counts["unreadable.ack"] += 1
            return
        one = here.commanded
        if one is None or number != one.number or len(device) > 40:
            return
        one.confirmed_at = one.confirmed_at or now()
        if device not in one.confirmed_by:
            one.confirmed_by.append(device)
        if (waiting := self._confirmed.get(one.number)) is not None:
            waiting.set()

    async def _keep(self, here: LaneNow, one: Commanded, passage: str | None) -> None:
        data = {
            "number": one.number, "lane": here.code, "passage": passage, "barrier": one.shape["barrier"], "lamp": one.shape["lamp"],
            "display_zh": one.shape["display"]["zh"][:120], "display_en": one.shape["display"]["en"][:120], "sent": one.sent,
            "tries": one.tries, "confirmed": one.confirmed_at is not None, "confirmed_at": one.confirmed_at,
            "confirmed_by": one.confirmed_by[:8],
        }  # fmt: skip
        try:
            await self._port.file(PLATFORM, [Draft(commands.Command.facts.name, data)], format="gate")
        except (Failure, *GONE, asyncpg.PostgresError) as problem:
            log.warning("a lane command is not kept: %s", type(problem).__name__)


def conductor_of(port: Port) -> Conductor | None:
    """The conductor of this process, if it has one."""
    found = port.extras.get(EXTRA)
    return found if isinstance(found, Conductor) else None


async def _quiet(problem: Exception) -> None:
    log.debug("nats: %s", problem)
