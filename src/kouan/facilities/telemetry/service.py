"""The stream's work: frames in, onto the bus, and read from it again into the latest picture; the history of partitions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from kouan.facilities.telemetry import store
from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.history.keeper import Keeper
from kouan.facilities.telemetry.leases import PICTURE
from kouan.facilities.telemetry.lines import Lines
from kouan.facilities.telemetry.mirror import Teller
from kouan.facilities.telemetry.publishing import PARTITIONS
from kouan.facilities.telemetry.reader import Batch, Place
from kouan.facilities.telemetry.ships import documents, micros
from kouan.facilities.telemetry.worker import LOST, REMEMBERED, VESSEL, Work, Worker
from kouan.kernel import clock
from kouan.kernel.port import Port
from kouan.kernel.room import Room
from kouan.kernel.settings import Settings

log = logging.getLogger(__name__)
CHANGES = "vessel.changes"
NEWS, TOLD, KEPT, RETIRED = 0.25, 1.0, 10.0, 3600.0
"""Seconds between two rounds of telling what changed as frames, of telling ships as documents, of keeping the picture (each second
while the bus is away, for then it is read from where it is kept), of removing what is beyond its time."""
FOLDED = 100_000
DUMB, AGAIN = 10, 60
"""Seconds for which the stream does not answer while NATS does, until it is started again; and until that is tried once more."""


class Stream(Worker):
    """One stream process. Every process takes signals in and keeps partitions; one of them leads: it keeps the picture."""

    lead = PICTURE

    def __init__(self, port: Port, bus: Bus, stated: Settings, room: Room | None = None) -> None:
        super().__init__(port, bus, stated.home, tuple(f"part-{n}" for n in range(PARTITIONS)))
        self._room, self._days = room or Room.endless(), stated.history_days
        self.keepers: dict[int, Keeper] = {}
        self.teller = Teller(bus, self.state, lambda: orjson.dumps(self.said()))
        self.lines = Lines(stated, port, self.numbers, self.edge)
        self._folded: OrderedDict[str, None] = OrderedDict()
        self._told = {"position": 0, "vessel_static": 0}
        self._kept = dict(self._told)
        self._safe, self._kept_at = Place(), 0.0
        self._home, self._dumb = stated.home, 0

    def works(self) -> Sequence[Work]:
        """Telling, keeping, removing."""
        return ((self._news, NEWS), (self._tell, TOLD), (self._keep, TOLD), (self._mend, TOLD), (self._retire, RETIRED))

    async def begin(self) -> None:
        """Answer those who ask, and listen."""
        await self.teller.start()
        await self.lines.start()

    async def end(self) -> None:
        """Listen no more."""
        await self.lines.stop()

    async def closed(self) -> None:
        """Let go of the partitions."""
        for keeper in self.keepers.values():
            await keeper.close()

    async def led(self) -> None:
        """Begin to tell the picture."""
        self._safe = self.leases.held[self.lead]
        self.teller.leading = True

    async def followed(self) -> None:
        """Another process tells the picture."""
        self.teller.leading = False

    async def renewed(self) -> None:
        """Keep the partitions that are ours now, and no others."""
        mine = {int(name.removeprefix("part-")) for name in self.leases.held if name != self.lead}
        for part in self.keepers.keys() - mine:
            await self.keepers.pop(part).close()
        for part in mine - self.keepers.keys():
            keeper = Keeper(self._bus, self.history.keys, self.history.root, part, PARTITIONS, self._room, self.edge.counts)
            try:
                await keeper.open()
            except OSError as problem:
                log.error("partition %d cannot be kept: %s", part, problem)
                continue
            self.keepers[part] = keeper

    def listens(self) -> bool:
        """Each stream process has listeners, whether it leads or not."""
        return True

    def place(self) -> Place:
        """What was read up to here is in the kept picture: whoever takes over reads on after it."""
        return self._safe

    async def flush(self) -> None:
        """What came since the last beat goes out."""
        frames = self.edge.drain()
        batches = self.publisher.put(frames)
        if self.reader is not None and self.publisher.stuck:
            # The picture stays live without the bus; what is folded now is not folded again when it comes back by it.
            for frame in frames:
                self.fold(frame)
            self._folded.update(dict.fromkeys(batch.id for batch in batches))
            while len(self._folded) > FOLDED:
                self._folded.popitem(last=False)

    def read(self, batch: Batch) -> None:
        """A batch of the stream, unless it is in the picture already."""
        if self._folded.pop(batch.id, self) is not None:
            super().read(batch)

    async def _news(self) -> None:
        if self.reader is not None:
            await self.teller.tell()

    async def _tell(self) -> None:
        if self.reader is not None and (changed := self._changed(self._told)):
            await self._bus.send(CHANGES, changed)

    async def _keep(self) -> None:
        if self.reader is None or self._room.scarce():
            return  # The next report of each ship is kept when there is room again.
        if not self.publisher.stuck and time.monotonic() - self._kept_at < KEPT:
            return
        self._kept_at = time.monotonic()
        marks, place = dict(self._kept), self.reader.place
        states = [(s["mmsi"], datetime.fromisoformat(s["at"]), s) for s in self._changed(marks) if s.get("at")]
        try:
            if states:
                await store.keep(self._port.pool, VESSEL, states)
        except LOST as problem:
            log.warning("the latest picture is not kept: %s", type(problem).__name__)
            return
        self._kept, self._safe = marks, place
        self.state.forget(micros(clock.now() - REMEMBERED))

    def _changed(self, marks: dict[str, int]) -> list[dict[str, Any]]:
        """Ships that changed after these marks, which are moved on."""
        positions, marks["position"] = self.state.since("position", marks["position"])
        told, marks["vessel_static"] = self.state.since("vessel_static", marks["vessel_static"])
        changed = documents(positions, self.state.latest("vessel_static", positions["key"]))
        if len(told):
            changed = documents(self.state.latest("position", told["key"]), told) + changed
        return changed

    async def _mend(self) -> None:
        """Have NATS started again when it answers while its stream has not for long: after a full disk it gives up for good."""
        if not self.publisher.stuck or self._room.low() or not await self._bus.answers():
            self._dumb = 0
            return
        self._dumb += 1
        if self._dumb == DUMB:
            log.error("the stream has given up while NATS answers: it is to be started again")
            self._dumb = -AGAIN
            with contextlib.suppress(OSError):
                (self._home / "run" / "nats.renew").touch(0o600)

    async def _retire(self) -> None:
        if self.reader is not None and (gone := await asyncio.to_thread(self.history.retire, clock.now(), self._days)):
            log.info("history: %d days are beyond their time and were removed", gone)

    def said(self) -> dict[str, Any]:
        """What this process says of itself: beside the rest, what its lines heard and which partitions it keeps."""
        told = super().said()
        told["counts"]["history.paused"] = sum(1 for keeper in self.keepers.values() if keeper.paused)
        return {
            **told, "parts": sorted(self.keepers), "counts": {**told["counts"], **self.lines.told()},
        }  # fmt: skip
