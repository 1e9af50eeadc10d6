"""The rows of a frame as rules see them: columns by name, what was there before, where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
MICRO = 1_000_000
TRAIL = 24
FORGOTTEN = 1800 * MICRO
"""A former observation older than this tells nothing about the way from there to here."""


@dataclass(slots=True)
class Rows:
    """Observations of one signal in order, and for each row the observation before it of the same entity.

    `slot` numbers entities; `before` holds `at` and the columns that rules compare with the last ones, NaN or 0 where
    nothing is known. `minute` and `day` are of the port's own time.
    """

    at: Array
    slot: Array
    columns: Mapping[str, Array]
    before: Mapping[str, Array]
    minute: Array
    day: Array
    simulated: Array
    cache: dict[Any, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many rows."""
        return len(self.at)

    def column(self, name: str) -> Array:
        """A column as float64; all NaN when the signal does not have it."""
        found = self.columns.get(name)
        return np.full(len(self), np.nan) if found is None else found

    def former(self, name: str) -> Array:
        """The same column of the observation before; NaN where there is none, or it is too old."""
        found = self.before.get(name)
        if found is None:
            return np.full(len(self), np.nan)
        fresh = (self.before["at"] > 0) & (self.at - self.before["at"] <= FORGOTTEN)
        return np.where(fresh, found, np.nan)

    def seconds(self) -> Array:
        """Seconds since the observation before; NaN where there is none or it was not earlier."""
        passed = (self.at - self.before["at"]) / MICRO
        return np.where((self.before["at"] > 0) & (passed > 0), passed, np.nan)


class Memory:
    """The last observations of each entity, by slot: the newest for the rules, some more as evidence of an alarm."""

    def __init__(self, names: tuple[str, ...], shown: tuple[str, ...]) -> None:
        self.names = names
        self.at = np.zeros(0, np.int64)
        self.heard = np.zeros(0, np.int64)
        """When each entity spoke last, in time that was listened to (see Engine.reach); 0 for never."""
        self.last: dict[str, Array] = {name: np.zeros(0) for name in names}
        self._next = np.zeros(0, np.int64)
        self._ring: dict[str, Array] = {"at": np.zeros((0, TRAIL), np.int64), **{name: np.zeros((0, TRAIL)) for name in shown}}

    def grow(self, slots: int) -> None:
        """Make room for so many entities."""
        if slots <= len(self.at):
            return
        more = max(slots, 2 * len(self.at), 64) - len(self.at)
        self.at, self.heard, self._next = (
            np.concatenate([held, np.zeros(more, np.int64)]) for held in (self.at, self.heard, self._next)
        )
        for name in self.names:
            self.last[name] = np.concatenate([self.last[name], np.full(more, np.nan)])
        for name, held in self._ring.items():
            self._ring[name] = np.concatenate([held, np.zeros((more, TRAIL), held.dtype)])

    def pass_on(self, slot: Array, at: Array, columns: Mapping[str, Array]) -> dict[str, Array]:
        """For each row what came before it, in the frame or earlier; afterwards the last rows are remembered."""
        order = np.argsort(slot, kind="stable")
        sorted_slot = slot[order]
        first = np.ones(len(order), bool)
        first[1:] = sorted_slot[1:] != sorted_slot[:-1]
        last = np.ones(len(order), bool)
        last[:-1] = first[1:]
        values = {"at": (self.at, at), **{name: (self.last[name], columns[name]) for name in self.names if name in columns}}
        before: dict[str, Array] = {}
        for name, (held, now) in values.items():
            moved = np.empty_like(held[sorted_slot])
            moved[1:] = now[order][:-1]
            moved[first] = held[sorted_slot[first]]
            found = np.empty_like(moved)
            found[order] = moved
            before[name] = found
            held[sorted_slot[last]] = now[order][last]
        self._remember(order, sorted_slot, first, {"at": at, **columns})
        return before

    def _remember(self, order: Array, sorted_slot: Array, first: Array, columns: Mapping[str, Array]) -> None:
        begins = np.flatnonzero(first)
        turn = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
        place = (self._next[sorted_slot] + turn) % TRAIL
        for name, held in self._ring.items():
            if name in columns:
                held[sorted_slot, place] = columns[name][order]
        np.add.at(self._next, sorted_slot, 1)

    def trail(self, slot: int) -> dict[str, Array]:
        """The last observations of one entity, the oldest first."""
        many = int(min(self._next[slot], TRAIL))
        places = (int(self._next[slot]) - many + np.arange(many)) % TRAIL
        return {name: held[slot, places] for name, held in self._ring.items()}
