"""Frames of the stream into the scene: positions at once, names and rights of entities as they become known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kouan.facilities.telemetry.api import BY_MMSI, KIND_BITS, KINDS, Entity, Numbers, own_ref
from kouan.kernel.signals import Array, Frame
from kouan.operations.onemap.scene import Audience, Card, Scene

NOBODY: Audience = (9, frozenset())
"""Who sees an object of which nothing is known yet: it may be one that only some may see."""
SHIP = KINDS.index("ship")
AT_ONCE, WAITING, MOST_STATIC = 2000, 50_000, 300_000


class Taking:
    """Takes frames into a scene; what reports by AIS has its name from `vessel_static`, all others from the platform's numbers."""

    def __init__(self, scene: Scene, numbers: Numbers) -> None:
        self._scene, self._numbers = scene, numbers
        self._static: dict[int, Card] = {}
        self._unknown: dict[int, None] = {}

    def frame(self, frame: Frame, now_ms: float) -> None:
        """Take a frame in; signals that the map does not draw are passed over."""
        if frame.signal == "vessel_static":
            for key, card in _ships(frame):
                if len(self._static) < MOST_STATIC or key in self._static:
                    self._static[key] = card
                self._scene.know(key, card)
        elif frame.signal == "position":
            self._positions(frame, now_ms)

    def _positions(self, frame: Frame, now_ms: float) -> None:
        nowhere = np.isnan(frame["lon"])
        if nowhere.any():  # Of whom was erased.
            self._scene.leave(frame["key"][nowhere])
            frame = frame.pick(~nowhere)
        keys: Array = frame["key"]
        kinds = (keys >> np.uint64(KIND_BITS)).astype("u1")
        columns = {name: frame[name] for name in ("lon", "lat", "speed", "course", "heading", "altitude", "flags")} | {"kind": kinds}
        open_to_all = (kinds == SHIP) | ((keys & np.uint64(BY_MMSI)) != 0)
        for chosen, audience in ((open_to_all, None), (~open_to_all, NOBODY)):
            if chosen.any():
                part = {name: column[chosen] for name, column in columns.items()}
                given = {} if audience is None else {"audience": audience}
                self._scene.put(keys[chosen], frame["at"][chosen], part, now_ms, **given)
        for key in keys.tolist():
            slot = self._scene.slot_of(key)
            if slot is None or slot in self._scene.cards:
                continue
            if key >> KIND_BITS == SHIP or key & BY_MMSI:
                self._scene.know(key, self._static.get(key) or Card(own_ref(key)))
            elif len(self._unknown) < WAITING:
                self._unknown[key] = None

    async def name(self) -> None:
        """Ask what the entities are that came since the last time, and whose level or readers changed; those that nobody numbered
        stay unseen."""
        for one in await self._numbers.stated():
            self._scene.know(one.key, _card(one), _audience(one))
        asked = list(self._unknown)[:AT_ONCE]
        if not asked:
            return
        known = await self._numbers.entity_of(asked)
        for key in asked:
            del self._unknown[key]
            if key in known:
                self._scene.know(key, _card(known[key]), _audience(known[key]))


def _audience(entity: Entity) -> Audience:
    return entity.level, frozenset(entity.orgs)


def _card(entity: Entity) -> Card:
    return Card(entity.ref, entity.name, more={"simulated": entity.simulated} if entity.simulated else {})


def _ships(frame: Frame) -> Iterable[tuple[int, Card]]:
    sizes = zip(*(frame[name].tolist() for name in ("to_bow", "to_stern", "to_port", "to_starboard")), strict=True)
    texts = zip(*(frame[name].tolist() for name in ("name", "call_sign", "destination")), strict=True)
    for key, hull, imo, said in zip(frame["key"].tolist(), sizes, frame["imo"].tolist(), texts, strict=True):
        name, call_sign, destination = (_text(one) for one in said)
        more = {"imo": imo, "call_sign": call_sign, "destination": destination}
        yield key, Card(own_ref(key), name, hull, {n: v for n, v in more.items() if v})


def _text(raw: bytes | str) -> str:
    return (raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw).strip("\0 @")
