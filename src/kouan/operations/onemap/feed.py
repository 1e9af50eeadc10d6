"""The live feed: ships encoded once a second for all clients, facts asked once for each organisation that listens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson

from kouan.base.identity.api import Directory
from kouan.facilities.telemetry.api import (
    CHANGES,
    KIND_NAMES,
    KINDS,
    REMEMBERED,
    VESSEL,
    Bus,
    Numbers,
    Picture,
    Ship,
    everything,
    mirror_of,
)
from kouan.kernel import clock
from kouan.kernel.clock import stamp
from kouan.kernel.database import GONE, scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import record_type
from kouan.kernel.signals import Frame
from kouan.kernel.store.entitle import scope_of
from kouan.operations.onemap.frames import Taking
from kouan.operations.onemap.rights import entitled
from kouan.operations.onemap.scene import Scene
from kouan.operations.onemap.scene import ships as take_ships
from kouan.operations.onemap.viewing import Hub

log = logging.getLogger(__name__)
BEHIND = 256
DEPTH = 32
SHIPS = ("mmsi", "lon", "lat", "cog", "sog", "heading", "name", "simulated")


def event(name: str, content: Any, number: int | None = None) -> bytes:
    """One server-sent event."""
    head = f"id: {number}\n".encode() if number is not None else b""
    return head + b"event: " + name.encode() + b"\ndata: " + orjson.dumps(content) + b"\n\n"


def rows(ships: list[Ship]) -> dict[str, Any]:
    """Ships as the map reads them; those without a position are left out."""
    shown = [[s.get(name) for name in SHIPS] for s in ships if s.get("lon") is not None]
    return {"t": stamp(clock.now()), "rows": shown}


@dataclass(eq=False)
class Client:
    """One listener. A slow one loses what does not fit and gets a new snapshot; it never holds up others."""

    who: Principal
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(DEPTH))
    lost: bool = False

    def put(self, message: bytes) -> None:
        """Offer a message."""
        try:
            self.queue.put_nowait(message)
        except asyncio.QueueFull:
            self.lost = True


class Feed:
    """The live feed of a serving process."""

    def __init__(self, port: Port, bus: Bus, directory: Directory) -> None:
        self._port, self._bus = port, bus
        self.picture = Picture()
        self.scene = Scene((clock.now() - REMEMBERED).timestamp() * 1000)
        self.hub = Hub(self.scene, lambda credential: entitled(directory, credential))
        self._taking = Taking(self.scene, Numbers(port.pool))
        self._clients: set[Client] = set()
        self._fresh: dict[str, Ship] = {}
        self._ear = port.ear()
        self._seen: dict[int, deque[int]] = {}
        self._floor = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Load the last picture and begin to follow."""
        await self._reload()
        await self._bus.listen(CHANGES, self._heard)
        mirror = mirror_of(self._port)
        mirror.hearers.append(self._framed)
        for signal in ("vessel_static", "position"):
            self._framed(mirror.state.latest(signal))
        self._floor = await self._last()
        self._tasks = [asyncio.create_task(work) for work in (self._ships(), self._facts(), self._names(), self.hub.run())]

    async def stop(self) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def greeting(self) -> dict[str, Any]:
        """What a viewer of the map must know first: from when rows count their time, and the names of kinds."""
        kinds = [{"code": code, "title": KIND_NAMES[code].out()} for code in KINDS]
        return {"base_ms": self.scene.base_ms, "kinds": kinds}

    def join(self, who: Principal) -> Client:
        """A new listener, with the whole picture first."""
        client = Client(who)
        client.put(event("ships", {**rows(list(self.picture.ships.values())), "snapshot": True}))
        self._clients.add(client)
        return client

    def leave(self, client: Client) -> None:
        """A listener goes."""
        self._clients.discard(client)

    async def _heard(self, ships: Any) -> None:
        for ship in ships:
            self.picture.ships[str(ship["mmsi"])] = ship
            self._fresh[str(ship["mmsi"])] = ship

    def _framed(self, frame: Frame) -> None:
        if len(frame):
            self._taking.frame(frame, clock.now().timestamp() * 1000)

    async def _names(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            with contextlib.suppress(*GONE, asyncpg.PostgresError):
                await self._taking.name()

    async def _reload(self) -> None:
        for ship in await everything(self._port.pool, VESSEL, clock.now() - REMEMBERED):
            known = self.picture.ships.get(str(ship["mmsi"]))
            take_ships(self.scene, [ship], clock.now().timestamp() * 1000)
            if known is None or known.get("at", "") < ship.get("at", ""):
                await self._heard([ship])

    async def _ships(self) -> None:
        while True:
            await asyncio.sleep(1)
            if not self._bus.connected:
                with contextlib.suppress(*GONE, asyncpg.PostgresError):
                    await self._reload()
            fresh, self._fresh = list(self._fresh.values()), {}
            message = event("ships", rows(fresh)) if fresh else b""
            for client in self._clients:
                if client.lost and client.queue.empty():
                    client.lost = False
                    client.put(event("ships", {**rows(list(self.picture.ships.values())), "snapshot": True}))
                elif message:
                    client.put(message)

    async def _facts(self) -> None:
        while True:
            told = await self._ear.wait(2.0, 2.0)
            await asyncio.sleep(0.2)
            if not told and not self._clients:
                continue
            try:
                await self._tell_facts()
            except (*GONE, asyncpg.PostgresError) as problem:
                log.debug("facts wait: %s", problem)

    async def _last(self) -> int:
        async with scope(self._port.pool, (0, PLATFORM.org), clearance=4) as conn:
            return int(await conn.fetchval("select coalesce(max(seq), 0) from event"))

    async def _tell_facts(self) -> None:
        if not self._clients:
            self._floor, self._seen = await self._last(), {}
            return
        top = self._floor
        for org in {client.who.org for client in self._clients}:
            listeners = [client for client in self._clients if client.who.org == org]
            # Sequence numbers commit out of order: look a little behind, and tell each once.
            if org not in self._seen:
                self._seen[org] = deque(range(self._floor - BEHIND, self._floor + 1), maxlen=4 * BEHIND)
            seen = self._seen[org]
            async with scope(self._port.pool, scope_of(listeners[0].who)) as conn:
                found = await conn.fetch(
                    "select seq, topic, record, ref, at from event where seq > $1 order by seq limit 500",
                    self._floor - BEHIND,
                )
            for row in found:
                top = max(top, row["seq"])
                if row["seq"] in seen or "PERSON:" in row["ref"]:
                    continue
                seen.append(row["seq"])
                message = _fact(row)
                for client in listeners:
                    client.put(message)
        self._floor = max(self._floor, top)


def _fact(row: Any) -> bytes:
    title = record_type(row["record"]).facts.title
    shown = {
        "topic": row["topic"],
        "ref": row["ref"],
        "record": row["record"],
        "title": title.out(),
        "at": stamp(row["at"]),
    }
    return event("fact", shown, row["seq"])
