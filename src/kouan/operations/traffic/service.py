"""Keeping what may not be lost of movement: stays and approaches become records, whatever becomes of this process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import asyncpg

from kouan.base.portcall.api import LISTS, PortCall
from kouan.facilities.telemetry.api import EPOCH, SIMULATED
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import GONE, scope
from kouan.kernel.errors import Conflict, Failure, Unavailable
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.operations.traffic import store
from kouan.operations.traffic.records import PAPERS, Approach, Visit

log = logging.getLogger(__name__)
VISIT, APPROACH = Visit.facts.name, Approach.facts.name
CALL = PortCall.facts.name
WAITS, LOST = 20_000, timedelta(minutes=15)
"""Changes that wait for the database; how long a stay may go unconfirmed before it is taken to have ended."""
SHIFTED = timedelta(minutes=15)
"""A computed arrival that moves by less is not written down anew."""


def moment(micros: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return EPOCH + timedelta(microseconds=int(micros))


@dataclass(frozen=True, slots=True)
class Who:
    """A conveyance as records name it."""

    ref: str
    mover: str
    name: str = ""
    orgs: tuple[str, ...] = ()
    simulated: bool = False


@dataclass(slots=True)
class Open:
    """A stay that is kept and has not ended."""

    id: str
    arrived: datetime
    confirmed: datetime


@dataclass(slots=True)
class Coming:
    """An approach that is kept."""

    id: str
    eta: datetime


Change = Callable[[], Awaitable[None]]


class Keeper:
    """Writes stays and approaches through the port, in order; while the database is away the changes wait here."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._waiting: deque[Change] = deque()
        self._put_in = asyncio.Event()
        self.open: dict[tuple[str, str], Open] = {}
        self.coming: dict[tuple[str, str], Coming] = {}
        self.counts: Counter[str] = Counter()

    async def load(self) -> None:
        """What was kept before this process began."""
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            held, expected = await store.present(conn), await store.expected(conn)
        present = now()
        for row in held:
            self.open[row.doc["conveyance"], row.doc["place"]] = Open(str(row.id), _moment(row.doc["arrived"]), present)
        for row in expected:
            self.coming[row.doc["call"], row.doc["place"]] = Coming(str(row.id), _moment(row.doc["eta"]))

    def begin(self, who: Who, place: str, at: datetime, where: tuple[float, float]) -> None:
        """A stay begins; one that is open already goes on."""
        self._put(lambda: self._begin(who, place, at, where))

    def end(self, who: Who, place: str, at: datetime, *, estimated: bool = False) -> None:
        """A stay ends."""
        self._put(lambda: self._end(who.ref, place, at, estimated))

    def confirm(self, ref: str, place: str, at: datetime) -> None:
        """A stay is seen to go on."""
        if (ref, place) in self.open:
            self.open[ref, place].confirmed = at

    def sweep(self, at: datetime) -> None:
        """End the stays that nobody has confirmed for long: the mover went silent, or the place was drawn anew."""
        for (ref, place), held in list(self.open.items()):
            if at - held.confirmed > LOST:
                self._put(partial(self._end, ref, place, held.confirmed, True))

    def approach(self, call: str, place: str, told: dict[str, Any]) -> None:
        """A ship is computed to arrive; written when it is new or differs by much."""
        held = self.coming.get((call, place))
        if held is None or abs(held.eta - told["eta"]) >= SHIFTED:
            if held is not None:
                held.eta = told["eta"]
            self._put(lambda: self._approach(call, place, told))

    def arrive(self, call: str, place: str, at: datetime) -> None:
        """A ship that was expected has come."""
        if (call, place) in self.coming:
            held = self.coming.pop((call, place))
            changes = {"seen": stamp(at), "eta": stamp(at), "distance_nm": 0.0}
            self._put(lambda: self._act(APPROACH, held.id, "arrive", changes))

    async def work(self) -> None:
        """Write what waits, for ever; a change that is refused is counted and left, one that cannot be kept now waits."""
        while True:
            if not self._waiting:
                self._put_in.clear()
                await self._put_in.wait()
                continue
            try:
                await self._waiting[0]()
                self.counts["kept"] += 1
            except (Unavailable, *GONE, asyncpg.PostgresError) as away:
                self.counts["waited"] += 1
                log.info("stays wait: %s", type(away).__name__)
                await asyncio.sleep(1.0)
                continue
            except (Failure, ValueError) as refused:
                self.counts["refused"] += 1
                log.warning("a stay or approach is not kept: %s", refused)
            self._waiting.popleft()

    def _put(self, change: Change) -> None:
        if len(self._waiting) >= WAITS:
            self.counts["lost"] += 1
            return
        self._waiting.append(change)
        self._put_in.set()

    async def _begin(self, who: Who, place: str, at: datetime, where: tuple[float, float]) -> None:
        if (who.ref, place) in self.open:
            self.open[who.ref, place].confirmed = max(at, self.open[who.ref, place].confirmed)
            return
        data = {
            "conveyance": who.ref, "mover": who.mover, "name": who.name[:80], "place": place, "arrived": stamp(at),
            "lon": round(where[0], 6), "lat": round(where[1], 6), "orgs": list(who.orgs), "simulated": who.simulated,
        }  # fmt: skip
        filed = await self._port.file(PLATFORM, [Draft(VISIT, data)], key=f"{VISIT}:{who.ref}:{place}:{stamp(at)}")
        self.open[who.ref, place] = Open(filed.kept[0].id, at, at)

    async def _end(self, ref: str, place: str, at: datetime, estimated: bool) -> None:
        held = self.open.get((ref, place))
        if held is None:
            return
        stay = max(int((at - held.arrived).total_seconds()), 0)
        changes = {"left": stamp(max(at, held.arrived)), "duration_s": stay, "estimated": estimated}
        await self._act(VISIT, held.id, "leave", changes)
        del self.open[ref, place]

    async def _approach(self, call: str, place: str, told: dict[str, Any]) -> None:
        times = {name: stamp(told[name]) for name in ("seen", "eta")}
        held = self.coming.get((call, place))
        if held is not None:
            changes = {**times, "distance_nm": told["distance_nm"], "speed_kn": told["speed_kn"]}
            await self._act(APPROACH, held.id, "revise", changes)
            return
        data = {**told, **times, "call": call, "place": place, "lacking": await lacking(self._port, call)}
        try:
            filed = await self._port.file(PLATFORM, [Draft(APPROACH, data)], key=f"{APPROACH}:{call}:{place}")
        except Conflict:
            self.coming[call, place] = Coming("", told["eta"])  # She came once already under this call.
            return
        self.coming[call, place] = Coming(filed.kept[0].id, told["eta"])

    async def _act(self, record: str, id: str, action: str, changes: dict[str, Any]) -> None:
        if not id:
            return
        try:
            await self._port.act(PLATFORM, record, id, action, changes=changes)
        except Conflict as past:
            if past.code != "not_in_state":
                raise


async def lacking(port: Port, call: str) -> list[str]:
    """The papers of a call that nobody has filed yet, by their short names."""
    names = {cls: name for name, cls in PAPERS.items()}
    return [names[cls] for cls in LISTS if not await port.find(PLATFORM, cls.facts.name, key=call)]


def simulated(flags: int) -> bool:
    """Whether a track is of simulated data."""
    return bool(flags & SIMULATED)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
