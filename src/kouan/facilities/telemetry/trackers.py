"""The registered trackers of a process: which terminals are admitted, and under which key their positions go on."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kouan.facilities.telemetry import store
from kouan.facilities.telemetry.movers import OPEN
from kouan.facilities.telemetry.numbers import Entity, Numbers
from kouan.facilities.telemetry.signals import KIND_BITS, SIMULATED
from kouan.kernel.port import Port
from kouan.kernel.signals import Frame
from kouan.kernel.waking import Ear

log = logging.getLogger(__name__)
JT808, NMEA = "jt808", "nmea"
AT_REST = 2.0
"""Seconds between two looks at the register while nothing is filed."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """The mover that carries a terminal: kind, number of its entity, key of its positions."""

    kind: str
    number: int
    key: int
    simulated: bool


class Trackers:
    """What the register says, read anew where it changed."""

    def __init__(self, port: Port, numbers: Numbers) -> None:
        self._port, self._numbers = port, numbers
        self._known: dict[tuple[str, str], Tracked] = {}
        self._mark: tuple[Any, ...] | None = None
        self._ear: Ear | None = None
        self._asked = 0.0

    def get(self, protocol: str, number: str) -> Tracked | None:
        """The mover of a terminal; None when the register does not know it. Leading zeros of a phone number do not count."""
        return self._known.get((protocol, _plain(protocol, number)))

    def of_phones(self, frame: Frame) -> tuple[Frame, int]:
        """Positions whose keys are phone numbers, by the keys of their movers; how many rows are of nobody."""
        phones, places = np.unique(frame["key"], return_inverse=True)
        found = [self._known.get((JT808, str(phone & (1 << KIND_BITS) - 1))) for phone in phones.tolist()]
        keys = np.array([one.key if one else 0 for one in found], np.uint64)[places]
        flags = np.array([SIMULATED if one and one.simulated else 0 for one in found], np.uint8)[places]
        mine = Frame(frame.signal, {**frame.columns, "key": keys, "flags": frame["flags"] | flags}).pick(keys > 0)
        return mine, len(frame) - len(mine)

    async def refresh(self) -> None:
        """Read what was registered since; while nothing is filed at all, it is asked for now and then. Raises what the database raises."""
        self._ear = self._ear or self._port.ear()
        if not self._ear.told() and time.monotonic() < self._asked + AT_REST:
            return
        self._asked = time.monotonic()
        mark, rows = await store.trackers(self._port.pool, self._mark)
        if mark == self._mark:
            return
        known: dict[tuple[str, str], Tracked] = {}
        stated: dict[str, Entity] = {}
        for doc, readers in rows:
            one = self._entity(doc, readers)
            stated[one.ref] = _both(stated[one.ref], one) if one.ref in stated else one
        entities = await self._numbers.state_entities(stated.values())
        for doc, _ in rows:
            one = entities[_ref(doc)]
            key = doc["protocol"], _plain(doc["protocol"], doc["number"])
            known[key] = Tracked(one.kind, one.number, one.key, bool(doc.get("simulated")))
        self._known, self._mark = known, mark

    def _entity(self, doc: dict[str, Any], readers: list[int]) -> Entity:
        orgs = tuple(sorted({self._port.orgs.slug(number) for number in readers}))
        level, holder = doc.get("data_level", OPEN), str(doc.get("holder") or "")
        return Entity(0, _ref(doc), doc["kind"], doc["code"], level, bool(doc.get("simulated")), orgs, holder)


def _both(one: Entity, other: Entity) -> Entity:
    """A mover that carries two terminals: of the higher level, read by who may read of either, of the person whom one names."""
    orgs = tuple(sorted({*one.orgs, *other.orgs}))
    return replace(one, level=max(one.level, other.level), orgs=orgs, subject=one.subject or other.subject)


def _plain(protocol: str, number: str) -> str:
    return number.lstrip("0") if protocol == JT808 else number


def _ref(doc: dict[str, Any]) -> str:
    return f"{doc['kind']}:{doc['code'].upper()}"
