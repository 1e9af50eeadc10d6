"""The traffic watcher of `kouan stream`: frames into the picture, stays into records, the picture to those who serve it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import numpy as np

from kouan.facilities.telemetry.api import KINDS, Entity, Watch, Watcher, micros, watches
from kouan.kernel import clock
from kouan.kernel.database import GONE, scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.references import kinds, make
from kouan.kernel.signals import Frame
from kouan.operations.traffic import store, telling
from kouan.operations.traffic.calls import Calls, Expected, due_at
from kouan.operations.traffic.fairways import Fairway
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.service import Keeper, Who, moment, simulated
from kouan.operations.traffic.stays import Stay
from kouan.operations.traffic.zones import Zone, zone_of

log = logging.getLogger(__name__)
CODE, RADAR = "operations.traffic", "operations.traffic.radar"
LOOKS, READS, COMES, SWEEPS = timedelta(seconds=1), timedelta(seconds=15), timedelta(seconds=10), timedelta(minutes=1)
AHEAD = 6 * 3600.0
"""Seconds ahead of a ship's computed arrival at which those who prepare for her are told."""
SHARE = 3.0
"""After a look of so many seconds the next one comes three times as many later, a second at least; it is told how often."""
NAMED = timedelta(minutes=1)
"""How long a stay waits for its mover's name."""
KEPT = frozenset({"ship", "truck", "train", "equipment"})


@dataclass(frozen=True, slots=True)
class _Told:
    """A stay that began (somewhere) or ended, of a track by its number."""

    mover: int
    place: str
    at: datetime
    where: tuple[float, float] | None = None


@watches
class TrafficWatcher(Watcher):
    """Follows everything that moves; one instance in the stream process."""

    code = CODE
    signals = ("position", "vessel_static")

    def __init__(self) -> None:
        self.traffic, self.calls = Traffic(), Calls()
        self.entities: dict[int, Entity] = {}
        self.expected: list[Expected] = []
        self._fairway: tuple[Fairway, str, float, str] | None = None
        self._drawn: list[dict[str, Any]] = []
        self._hidden: set[int] = set()
        self._unnamed: list[_Told] = []
        self._last: dict[str, datetime] = {}
        self._pause = LOOKS
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, watch: Watch) -> None:
        """Read places and calls, and what was kept; begin to write."""
        self.watch = watch
        self.keeper = Keeper(watch.port)
        await self.keeper.load()
        await self._read()
        self._tasks = [asyncio.create_task(self.keeper.work(), name="stays"), asyncio.create_task(self._reading(), name="places")]

    async def stop(self) -> None:
        """Another process follows the traffic from now on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """Positions and particulars."""
        self.traffic.fold(frame)

    async def tick(self, now: datetime) -> None:
        """Look once a second, and tell."""
        if not self._due("look", now, self._pause):
            return
        began = time.monotonic()
        happened = self.traffic.see(micros(now))
        ended = [_Told(stay.mover, self.traffic.zones.zones[stay.zone].ref, moment(at)) for stay, at in happened.ended]
        self._keep([self._begin(stay) for stay in happened.begun] + ended, now)
        if self._due("come", now, COMES):
            self._approaches(now)
        if self._due("sweep", now, SWEEPS):
            self._sweep(now)
        # Rules are judged in this process too: they are let in between, and traffic never takes more than a third of the time.
        self.traffic.near = await asyncio.to_thread(self.traffic.meet)
        await self._tell()
        self._pause = max(LOOKS, timedelta(seconds=SHARE * (time.monotonic() - began)))

    async def _tell(self) -> None:
        for part in telling.parts(self.traffic, self.entities, self.watch.numbers.movers):
            await self.watch.bus.send(telling.PICTURE, part)
            await asyncio.sleep(0)
        link = self.watch.watchers.get(RADAR)
        heard, kept = dict(getattr(link, "counts", {})), dict(self.keeper.counts)
        more = {"radar": heard, "expected": [one.out() for one in self.expected], "kept": kept,
                "look_every_s": round(self._pause.total_seconds(), 2)}  # fmt: skip
        await self.watch.bus.send(telling.SUMMARY, telling.summary(self.traffic, more))

    def _due(self, what: str, now: datetime, every: timedelta) -> bool:
        last = self._last.get(what)
        # A clock that was set back does not stop the work.
        if last is not None and timedelta(0) <= now - last < every:
            return False
        self._last[what] = now
        return True

    def _begin(self, stay: Stay) -> _Told:
        zone = self.traffic.zones.zones[stay.zone]
        place = int(self.traffic.seen.places(np.array([stay.mover], np.uint64))[0])
        where = float(self.traffic.seen.seen_lon[place]), float(self.traffic.seen.seen_lat[place])
        return _Told(stay.mover, zone.ref, moment(stay.arrived), where)

    def _keep(self, told: list[_Told], now: datetime) -> None:
        """Hand on what began and ended, in order; a vehicle that is new is named by the database within a second or two."""
        waiting, self._unnamed = self._unnamed + told, []
        for one in waiting:
            who = self._who(one.mover)
            if who is None:
                if now - one.at < NAMED:
                    self._unnamed.append(one)
            elif one.where is not None:
                self.keeper.begin(who, one.place, one.at, one.where)
            else:
                self.keeper.end(who, one.place, one.at)

    def _who(self, mover: int) -> Who | None:
        """Who a track is, for records; None for radar targets, whom nobody knows, and for movers that are not named yet."""
        seen = self.traffic.seen
        place = int(seen.places(np.array([mover], np.uint64))[0])
        if place >= len(seen) or int(seen.number[place]) != mover or not seen.key[place]:
            return None
        key, kind = int(seen.key[place]), KINDS[int(seen.kind[place])]
        flags = simulated(int(seen.flags[place]))
        if kind == "ship":
            return Who(self.traffic.identities.ref(key), kind, self.traffic.identities.of(key).name, (), flags)
        known = self.entities.get(key)
        ref = reference(known.ref) if known and kind in KEPT and key not in self._hidden else ""
        return Who(ref, kind, known.name, known.orgs, flags) if known and ref else None

    def _sweep(self, now: datetime) -> None:
        for stay in self.traffic.stays.occupied():
            if (who := self._who(stay.mover)) is None:
                continue
            place = self.traffic.zones.zones[stay.zone].ref
            self.keeper.confirm(who.ref, place, now)
            if (who.ref, place) not in self.keeper.open:
                self._keep([self._begin(stay)], now)
        self.keeper.sweep(now)

    def _approaches(self, now: datetime) -> None:
        if self._fairway is None:
            return
        line, station, pilot, _ = self._fairway
        self.expected = due_at(self.traffic, self.calls, line, (station, pilot), now)
        for one in self.expected:
            if one.arrived:
                self.keeper.arrive(one.call, one.place, now)
            elif (one.eta - now).total_seconds() <= AHEAD:
                self.keeper.approach(one.call, one.place, one.record(now))

    async def _reading(self) -> None:
        while True:
            await asyncio.sleep(READS.total_seconds() / 15)
            try:
                await self._learn()
                if self._due("read", clock.now(), READS):
                    await self._read()
            except (*GONE, asyncpg.PostgresError) as away:
                log.info("places and calls are not read: %s", type(away).__name__)

    async def _learn(self) -> None:
        """Names of vehicles that are new."""
        seen = self.traffic.seen
        wanted = [key for key in seen.key[(seen.kind > 1) & (seen.key > 0)].tolist() if key not in self.entities]
        if wanted:
            found = await self.watch.numbers.entity_of(wanted[:5000])
            self.entities.update(found)
            self.traffic.plates.update({key: _plate(one) for key, one in found.items()})
            self.traffic.refs.update({key: reference(one.ref) for key, one in found.items()})
        # Who is of level 3 or 4 is counted in queues and places, and named nowhere.
        hidden = self.watch.numbers.movers.restricted()
        self.traffic.plates.update({key: _plate(self.entities[key]) for key in self._hidden - hidden if key in self.entities})
        self.traffic.plates.update(dict.fromkeys(hidden, ""))
        self.traffic.refs.update({key: reference(self.entities[key].ref) for key in self._hidden - hidden if key in self.entities})
        self.traffic.refs.update(dict.fromkeys(hidden, ""))
        self._hidden = hidden

    async def _read(self) -> None:
        async with scope(self.watch.port.pool, (0, PLATFORM.org), clearance=4) as conn:
            drawn = await store.places(conn)
            held = await store.calls(conn, clock.now())
        self.calls = Calls.of(held)
        if drawn != self._drawn:
            self._drawn = drawn
            self.draw(drawn)

    def draw(self, drawn: list[dict[str, Any]]) -> None:
        """Follow what is in these places from now on; one that cannot be watched is left out, and the log says so."""
        zones: list[Zone] = []
        for place in drawn:
            try:
                zone = zone_of(place)
            except (ValueError, TypeError, KeyError) as odd:
                log.warning("place %s is not watched: %s", place.get("code"), odd)
                continue
            zones += [zone] if zone else []
        self.traffic.draw(zones)
        self._fairway = _fairway(drawn)


def _plate(one: Entity) -> str:
    return one.name or one.ref.partition(":")[2]


def _fairway(drawn: list[dict[str, Any]]) -> tuple[Fairway, str, float, str] | None:
    """The longest fairway, its pilot station with its mark along the line; the end of the line where there is none."""
    lines = [place for place in drawn if place["kind"] == "fairway" and place["geometry"]["type"] == "LineString"]
    if not lines:
        return None
    made = max(((Fairway(place["geometry"]["coordinates"]), place["code"]) for place in lines), key=lambda one: one[0].length)
    stations = [place for place in drawn if place["kind"] == "pilot_station" and place["geometry"]["type"] == "Point"]
    if not stations:
        return made[0], f"place:{made[1].upper()}", made[0].length, made[1]
    lon, lat = stations[0]["geometry"]["coordinates"][:2]
    mark = float(made[0].project(np.array([lon]), np.array([lat]))[0][0])
    return made[0], f"place:{stations[0]['code'].upper()}", mark, made[1]


def reference(ref: str) -> str:
    """A mover's reference as records take it: a truck is known by her plate; "" for kinds that no record refers to."""
    kind, _, value = ref.partition(":")
    kind = {"truck": "vehicle"}.get(kind, kind)
    return make(kind, value) if value and kind in kinds() else ""


def traffic_of(view: Any) -> Traffic | None:
    """The traffic picture in what an alert is shown; None where no watcher follows the traffic."""
    watchers: Mapping[str, Watcher] = getattr(view, "watchers", {})
    found = watchers.get(CODE)
    return found.traffic if isinstance(found, TrafficWatcher) else None


def calls_of(view: Any) -> Calls | None:
    """The declared calls that the traffic watcher knows."""
    found = getattr(view, "watchers", {}).get(CODE)
    return found.calls if isinstance(found, TrafficWatcher) else None
