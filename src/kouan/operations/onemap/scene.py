"""The scene: where everything is now, in columns, and what changed since the last tick."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from kouan.facilities.telemetry.api import KINDS, mmsi_key, own_ref
from kouan.kernel.principal import Principal
from kouan.operations.onemap.wire import DEGREE, RENAMED, ROW, UNKNOWN, Array, scaled

MOST = 500_000
FIRST = 1024
GONE_AFTER_MS = 15 * 60 * 1000
Audience = tuple[int, frozenset[str]]
EVERYONE: Audience = (1, frozenset())


@dataclass(slots=True)
class Card:
    """What is known of an object beside its place. `hull`: metres from the antenna to bow, stern, port, starboard."""

    ref: str
    name: str = ""
    hull: tuple[int, int, int, int] = (0, 0, 0, 0)
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What happened in a tick: rows that are new or have changed, where they were told before, and what left."""

    rows: Array
    was_lon: Array
    was_lat: Array
    audience: Array
    gone: Sequence[int]


class Scene:
    """Objects by slot. One thread; a report older than the one that is held changes nothing."""

    def __init__(self, base_ms: float) -> None:
        """`base_ms`: the moment from which rows count their tenths of a second."""
        self.base_ms = base_ms
        self.rows: Array = np.zeros(FIRST, ROW)
        self.cards: dict[int, Card] = {}
        self.newest = 0
        self.refused = 0
        self._slots: dict[int, int] = {}
        self._keys: dict[int, int] = {}
        self._free: list[int] = []
        self._used = 0
        self._was = np.zeros((FIRST, 2), "<i4")
        self._dirty = np.zeros(FIRST, bool)
        self._live = np.zeros(FIRST, bool)
        self._heard = np.zeros(FIRST)
        self._changed_at = np.zeros(FIRST, "u4")
        self.turn = 0
        self._audience = np.zeros(FIRST, "u2")
        self.audiences: list[Audience] = [EVERYONE]
        self._gone: list[int] = []
        self._hidden: list[int] = []

    def __len__(self) -> int:
        """How many objects there are."""
        return len(self._slots)

    def put(
        self, keys: Array, at_us: Array, columns: Mapping[str, Array], now_ms: float, audience: Audience = EVERYONE
    ) -> None:
        """Take positions in; `audience` is that of objects that were not there before.

        `columns`: lon, lat (degrees), speed (kn), course, heading (degrees), altitude (m), kind, flags.
        """
        number = self._audience_of(audience)
        placed = np.isfinite(columns["lon"]) & np.isfinite(columns["lat"])
        placed &= (np.abs(columns["lon"]) <= 180) & (np.abs(columns["lat"]) <= 90)
        numbers = np.array([self._slot(int(k), number) if ok else -1 for k, ok in zip(keys, placed, strict=True)], "i8")
        at = np.maximum((at_us / 1000 - self.base_ms) / 100, 1).astype("u4")
        chosen = np.flatnonzero(numbers >= 0)
        chosen = chosen[at[chosen] >= self.rows["at"][numbers[chosen]]]
        where = numbers[chosen]
        flags = self.rows["flags"][where] & RENAMED
        self.rows["at"][where] = at[chosen]
        self.rows["lon"][where] = np.rint(columns["lon"][chosen] * DEGREE)
        self.rows["lat"][where] = np.rint(columns["lat"][chosen] * DEGREE)
        for name, factor, most in (("speed", 10, 65534), ("course", 10, 3599), ("heading", 10, 3599), ("altitude", 1, 65534)):
            self.rows[name][where] = scaled(columns[name][chosen].astype("f8"), factor, most)
        self.rows["kind"][where] = columns["kind"][chosen]
        self.rows["flags"][where] = columns["flags"][chosen] | flags
        self._heard[where] = now_ms
        self._dirty[where] = True
        if len(where):
            self.newest = max(self.newest, int(self.rows["at"][where].max()))

    def know(self, key: int, card: Card, audience: Audience = EVERYONE) -> None:
        """What is known of an object beside its place; one that has no place yet gets none by this."""
        slot = self._slots.get(key)
        if slot is None or (self.cards.get(slot) == card and self.audiences[self._audience[slot]] == audience):
            return
        self.cards[slot] = card
        bow, stern, port, starboard = card.hull
        self.rows["length"][slot] = min((bow + stern + 1) // 2, 255)
        self.rows["beam"][slot] = min(port + starboard, 255)
        self.rows["flags"][slot] |= RENAMED
        number = self._audience_of(audience)
        if number != self._audience[slot]:
            self._hidden.append(slot)  # Whoever may not see it any more is told that it left.
        self._audience[slot] = number
        self._dirty[slot] = True

    def slot_of(self, key: int) -> int | None:
        """The slot of an object, if it has one."""
        return self._slots.get(key)

    def expire(self, now_ms: float) -> None:
        """Let go of what was not heard of for long."""
        old = np.flatnonzero(self._live[: self._used] & (self._heard[: self._used] < now_ms - GONE_AFTER_MS))
        self._let_go(old.tolist())

    def leave(self, keys: Array) -> None:
        """Let go of objects of which nothing is known any more."""
        self._let_go([slot for key in keys.tolist() if (slot := self._slots.get(key)) is not None])

    def _let_go(self, slots: list[int]) -> None:
        for slot in slots:
            self.cards.pop(slot, None)
            del self._slots[self._keys.pop(slot)]
            self._live[slot] = self._dirty[slot] = False
            self.rows[slot] = 0
            self._gone.append(slot)

    def tick(self) -> Change:
        """What changed since the last call."""
        changed = np.flatnonzero(self._dirty[: self._used])
        self.turn += 1
        self._changed_at[changed] = self.turn
        rows = self.rows[changed]
        change = Change(rows, self._was[changed, 0], self._was[changed, 1], self._audience[changed], [*self._gone, *self._hidden])
        self._was[changed, 0], self._was[changed, 1] = rows["lon"], rows["lat"]
        self._dirty[changed] = False
        self.rows["flags"][changed] &= ~np.uint8(RENAMED)
        # A slot is given anew only after its leaving was told.
        self._free += self._gone
        self._gone, self._hidden = [], []
        return change

    def within(self, box: tuple[int, int, int, int], allowed: Array) -> Array:
        """The rows inside a box (1e-7 degrees) that some audiences may see."""
        rows = self.rows[: self._used]
        seen = self._live[: self._used] & allowed[self._audience[: self._used]]
        return rows[seen & inside(rows["lon"], rows["lat"], box)]

    def since(self, turn: int, allowed: Array) -> Array:
        """The rows, wherever they are, that changed after a tick and that some audiences may see."""
        later = self._live[: self._used] & (self._changed_at[: self._used] > turn) & allowed[self._audience[: self._used]]
        rows: Array = self.rows[: self._used][later]
        rows["flags"] |= RENAMED  # Which of them have another name by now was told meanwhile.
        return rows

    def count(self, allowed: Array) -> int:
        """How many objects some audiences may see."""
        return int((self._live[: self._used] & allowed[self._audience[: self._used]]).sum())

    def allowed(self, who: Principal) -> Array:
        """For each audience whether a caller is in it: by level, and by organisation where it names some."""
        return np.array([level <= who.clearance and (not orgs or who.slug in orgs) for level, orgs in self.audiences], bool)

    def shown(self, slot: int, allowed: Array) -> bool:
        """Whether an object is there and may be seen."""
        return 0 <= slot < self._used and bool(self._live[slot]) and bool(allowed[self._audience[slot]])

    def find(self, text: str, allowed: Array, most: int) -> list[int]:
        """The slots of objects whose name or reference holds a text, in any case."""
        wanted, found = text.casefold(), []
        for slot, card in self.cards.items():
            if (wanted in card.name.casefold() or wanted in card.ref.casefold()) and self.shown(slot, allowed):
                found.append(slot)
                if len(found) == most:
                    break
        return found

    def _slot(self, key: int, audience: int) -> int:
        slot = self._slots.get(key)
        if slot is not None:
            return slot
        if len(self._slots) >= MOST:
            self.refused += 1
            return -1
        if self._free:
            slot = self._free.pop()
        else:
            slot = self._used
            self._used += 1
            if slot == len(self.rows):
                self._grow()
        self._slots[key], self._keys[slot] = slot, key
        self.rows[slot] = 0
        self.rows["slot"][slot] = slot
        for name in ("speed", "course", "heading", "altitude"):
            self.rows[name][slot] = UNKNOWN
        self._live[slot], self._audience[slot] = True, audience
        self._was[slot] = 2**31 - 1  # off the earth: told nowhere yet
        return slot

    def _grow(self) -> None:
        for name in ("rows", "_was", "_dirty", "_live", "_heard", "_audience", "_changed_at"):
            held = getattr(self, name)
            setattr(self, name, np.concatenate([held, np.zeros_like(held)]))

    def _audience_of(self, audience: Audience) -> int:
        if audience not in self.audiences:
            self.audiences.append(audience)
        return self.audiences.index(audience)


def inside(lon: Array, lat: Array, box: tuple[int, int, int, int]) -> Array:
    """Which positions (1e-7 degrees) a box holds; one whose west is greater than its east crosses the antimeridian."""
    west, south, east, north = box
    across = (lon >= west) & (lon < east) if west <= east else (lon >= west) | (lon < east)
    found: Array = across & (lat >= south) & (lat < north)
    return found


def ships(scene: Scene, states: Iterable[Mapping[str, Any]], now_ms: float) -> None:
    """Take ships, stations and aircraft in as the picture keeps them (`vessel.changes`)."""
    placed = [s for s in states if s.get("lon") is not None and s.get("at")]
    if not placed:
        return
    kinds = [kind if (kind := str(s.get("kind") or "ship")) in KINDS else "ship" for s in placed]
    keys = np.array([mmsi_key(kind, int(s["mmsi"])) for kind, s in zip(kinds, placed, strict=True)], "u8")
    at = np.array([datetime.fromisoformat(s["at"]).timestamp() * 1e6 for s in placed])
    columns = {
        name: np.array([np.nan if s.get(given) is None else s[given] for s in placed], "f8")
        for name, given in (("lon", "lon"), ("lat", "lat"), ("speed", "sog"), ("course", "cog"), ("heading", "heading"))
    }
    columns["altitude"] = np.full(len(placed), np.nan)
    columns["kind"] = np.array([KINDS.index(kind) for kind in kinds], "u1")
    columns["flags"] = np.array([1 if s.get("simulated") else 0 for s in placed], "u1")
    scene.put(keys, at, columns, now_ms)
    for key, state in zip(keys.tolist(), placed, strict=True):
        half, beam = int(state.get("length_m") or 0), int(state.get("beam_m") or 0)
        hull = (half - half // 2, half // 2, beam - beam // 2, beam // 2)
        more = {"imo": state["imo"]} if state.get("imo") else {}
        scene.know(key, Card(own_ref(key), str(state.get("name") or ""), hull, more))
