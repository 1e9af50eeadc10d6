"""Viewers of the map: each says what it looks at, and gets a snapshot and then what changes there.

What a tick brings is encoded once for all who look at the same cells with the same rights. A viewer has one message
under way at most: whoever reads slowly misses ticks (counted) and gets what it missed when it has caught up, or after long a
snapshot. Nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson

from kouan.kernel import clock
from kouan.kernel.errors import Denied, Failure, NotSignedIn
from kouan.kernel.principal import Principal
from kouan.operations.onemap import wire
from kouan.operations.onemap.scene import Change, Scene, inside
from kouan.operations.onemap.wire import DEGREE, DENSITY, FORGET, GONE, SNAPSHOT, UPDATE, Array

log = logging.getLogger(__name__)
TICK = 0.5
CHECK = 1.0
HEARTBEAT = 2.0
EXPIRE = 10.0
MOST_VIEWERS = 2000
MOST_ROWS = 40_000
"""Above so many objects in view a viewer gets counts by cell: it could not tell dots apart."""
MISSED = 120
"""So many ticks can be made up for; after more a viewer begins anew."""
DENSE_EVERY = 4
MOST_NAMES = 2000
WHOLE, NOW = -1, -2
Box = tuple[int, int, int, int]
Group = tuple[Box, tuple[bool, ...]]


def snapped(west: float, south: float, east: float, north: float) -> Box:
    """The cells that a view touches, as a box in 1e-7 degrees: those who look at nearly the same share their messages.

    ValueError for what is no box (degrees; west greater than east crosses the antimeridian).
    """
    if not all(map(math.isfinite, (west, south, east, north))) or south >= north or west == east:
        raise ValueError("a view is west, south, east, north in degrees")
    width = min(east - west if east > west else east - west + 360, 360.0)
    if width >= 180:
        return (-180 * DEGREE, -90 * DEGREE, 180 * DEGREE + 1, 90 * DEGREE + 1)
    cell = 360 / 2 ** math.floor(math.log2(360 / max(width, north - south, 1e-4)) + 1)
    west, east = math.floor(west / cell) * cell, math.ceil(east / cell) * cell
    south, north = max(math.floor(south / cell) * cell, -90), min(math.ceil(north / cell) * cell, 90)
    return (_turn(west), round(south * DEGREE), _turn(east), round(north * DEGREE) + (north == 90))


def _turn(lon: float) -> int:
    return round(((lon + 180) % 360 - 180) * DEGREE) if not -180 <= lon <= 180 else round(lon * DEGREE)


@dataclass(eq=False, slots=True)
class Viewer:
    """One who looks. `credential` is asked again each second, so that a right that ended ends the view."""

    who: Principal
    credential: Hashable
    box: Box | None = None
    fresh: bool = True
    behind: bool = False
    forgets: bool = False
    closed: int = 0
    turn: int = 0
    spoke: float = 0.0
    outbox: list[bytes | str] = field(default_factory=list)
    sending: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, message: bytes | str) -> None:
        """Give a message to the writer."""
        self.outbox.append(message)
        self.wake.set()

    def close(self, code: int) -> None:
        """Ask the writer to end with a code."""
        self.closed = code
        self.wake.set()

    async def write(self, send: Callable[[bytes | str], Awaitable[None]]) -> int:
        """Send what comes, until closed; answers the code to close with."""
        while not self.closed:
            await self.wake.wait()
            self.wake.clear()
            batch, self.outbox = self.outbox, []
            self.sending = True
            for message in batch:
                await send(message)
            self.sending = False
        return self.closed


class Hub:
    """All viewers of a process."""

    def __init__(self, scene: Scene, check: Callable[[Any], Awaitable[Principal]]) -> None:
        """`check`: the caller behind a credential as of now, raising NotSignedIn or Denied when it does not hold."""
        self.scene, self._check = scene, check
        self.viewers: set[Viewer] = set()
        self.bytes = self.messages = self.skipped = self.snapshots = 0
        self.tick_ms = 0.0
        self._beat = 0
        self._dense: set[Group] = set()
        self._left: deque[tuple[int, Sequence[int]]] = deque(maxlen=MISSED)

    def state(self) -> dict[str, Any]:
        """Figures of the transport since the process began; `skipped`: ticks that slow viewers missed."""
        return {
            "viewers": len(self.viewers), "objects": len(self.scene), "refused": self.scene.refused, "bytes": self.bytes,
            "messages": self.messages, "snapshots": self.snapshots, "skipped": self.skipped, "tick_ms": round(self.tick_ms, 2),
        }  # fmt: skip

    async def run(self) -> None:
        """Tell viewers twice a second, for ever."""
        while True:
            began = time.perf_counter()
            if self._beat % round(CHECK / TICK) == 0:
                await self.check()
            if self._beat % round(EXPIRE / TICK) == 0:
                self.scene.expire(_now_ms())
                self._dense &= {(viewer.box, tuple(self.scene.allowed(viewer.who).tolist())) for viewer in self.viewers if viewer.box}
            self.tell()
            self.tick_ms += (1000 * (time.perf_counter() - began) - self.tick_ms) / 20
            self._beat += 1
            await asyncio.sleep(max(TICK - (time.perf_counter() - began), 0.05))

    async def check(self) -> None:
        """End the views of those whose credential or role has ended."""
        by_credential: dict[Hashable, list[Viewer]] = {}
        for viewer in self.viewers:
            by_credential.setdefault(viewer.credential, []).append(viewer)
        held = await asyncio.gather(*map(self._check, by_credential), return_exceptions=True)
        for answer, theirs in zip(held, by_credential.values(), strict=True):
            for viewer in theirs:
                if isinstance(answer, Principal):
                    viewer.fresh |= answer != viewer.who
                    viewer.who = answer
                elif isinstance(answer, NotSignedIn | Denied):
                    viewer.close(4401 if isinstance(answer, NotSignedIn) else 4403)
                elif not isinstance(answer, Failure):
                    log.error("a viewer's right could not be asked: %r", answer)

    def tell(self) -> None:
        """One tick: whoever is free gets what changed in its view, or a snapshot where that is due."""
        change, now = self.scene.tick(), _now_ms()
        rights: dict[Principal, Array] = {}
        made: dict[tuple[Group, int], bytes] = {}
        self._left.append((self.scene.turn, change.gone))
        gone = self._gone(change.gone, now)
        for viewer in self.viewers:
            if viewer.box is None:
                continue
            if viewer.sending or viewer.outbox:
                viewer.behind = True
                self.skipped += 1
                continue
            if viewer.who not in rights:
                rights[viewer.who] = self.scene.allowed(viewer.who)
            allowed = rights[viewer.who]
            group = (viewer.box, tuple(allowed.tolist()))
            since = self._since(viewer, group)
            if (group, since) not in made:
                made[group, since] = self._made(change, viewer.box, allowed, since, now)
            self._give(viewer, made[group, since], gone if since == NOW else self._gone_since(since, now), since == WHOLE, now)

    def _since(self, viewer: Viewer, group: Group) -> int:
        """After which tick a viewer is to be told: NOW for this one alone, WHOLE for all there is."""
        late = self.scene.turn - viewer.turn
        if viewer.behind and late > MISSED:
            viewer.fresh = viewer.forgets = True
        if viewer.fresh or (viewer.behind and group in self._dense):
            return WHOLE
        return viewer.turn if viewer.behind else NOW

    def _made(self, change: Change, box: Box, allowed: Array, since: int, now: float) -> bytes:
        if since == WHOLE:
            return self._whole(box, allowed, now)
        if since == NOW:
            return self._changed(change, box, allowed, now)
        rows = self.scene.since(since, allowed)
        return self._head(UPDATE, len(rows), now) + rows.tobytes()

    def look(self, viewer: Viewer, box: Box) -> None:
        """A viewer looks elsewhere: it gets what is there at the next tick."""
        if box != viewer.box:
            viewer.box, viewer.fresh = box, True

    def names(self, viewer: Viewer, slots: list[int]) -> str:
        """What is known of some objects beside their places, as a text message; those that may not be seen are left out."""
        allowed = self.scene.allowed(viewer.who)
        cards = [(slot, self.scene.cards.get(slot)) for slot in slots[:MOST_NAMES] if self.scene.shown(slot, allowed)]
        rows = [[slot, c.ref, c.name, *c.hull, c.more] for slot, c in cards if c]
        return orjson.dumps({"type": "names", "rows": rows}).decode()

    def _give(self, viewer: Viewer, message: bytes, gone: bytes, whole: bool, now: float) -> None:
        viewer.turn, viewer.behind = self.scene.turn, False
        if not whole and not message and not gone and now - viewer.spoke < HEARTBEAT * 1000:
            return
        if whole and viewer.forgets:
            message = message[:1] + bytes([FORGET]) + message[2:]
        told = [gone] if gone and not whole else []
        told += [message or self._empty(now)] if message or not gone else []
        for one in told:
            viewer.put(one)
            self.bytes += len(one)
        self.messages += len(told)
        self.snapshots += whole
        viewer.fresh = viewer.forgets = False
        viewer.spoke = now

    def _head(self, kind: int, count: int, now: float, total: int = 0) -> bytes:
        return wire.head(kind, count, now, self.scene.newest, total)

    def _empty(self, now: float) -> bytes:
        return self._head(UPDATE, 0, now)

    def _gone(self, left: Sequence[int], now: float) -> bytes:
        return self._head(GONE, len(left), now) + wire.slots(left) if left else b""

    def _gone_since(self, turn: int, now: float) -> bytes:
        return self._gone([slot for at, left in self._left if at > turn for slot in left], now)

    def _whole(self, box: Box, allowed: Array, now: float) -> bytes:
        rows, total = self.scene.within(box, allowed), self.scene.count(allowed)
        group = (box, tuple(allowed.tolist()))
        self._dense.discard(group)
        if len(rows) > MOST_ROWS:
            self._dense.add(group)
            return self._head(DENSITY, len(rows), now, total) + wire.density(rows, box)
        return self._head(SNAPSHOT, len(rows), now, total) + rows.tobytes()

    def _changed(self, change: Change, box: Box, allowed: Array, now: float) -> bytes:
        if not len(change.rows):
            return b""
        there = inside(change.rows["lon"], change.rows["lat"], box) | inside(change.was_lon, change.was_lat, box)
        rows = change.rows[there & allowed[change.audience]]
        if (box, tuple(allowed.tolist())) in self._dense:
            return self._whole(box, allowed, now) if len(rows) and self._beat % DENSE_EVERY == 0 else b""
        return self._head(UPDATE, len(rows), now) + rows.tobytes() if len(rows) else b""


def _now_ms() -> float:
    return clock.now().timestamp() * 1000


def as_slots(given: object) -> list[int]:
    """Slot numbers out of a message; what is none is left out."""
    return [n for n in given if isinstance(n, int) and 0 <= n < 2**32] if isinstance(given, list) else []


def as_box(given: object) -> Box:
    """A view out of a message; ValueError when it is none."""
    if not isinstance(given, list) or len(given) != 4 or not all(isinstance(n, int | float) for n in given):
        raise ValueError("a view is four numbers")
    west, south, east, north = (float(np.clip(n, -540, 540)) for n in given)
    return snapped(west, max(south, -90.0), east, min(north, 90.0))
