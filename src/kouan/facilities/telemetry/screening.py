"""Screening of readings at the edge (HS/T 82 8.1.3 a, b): calibrated, then only qualified ones go on; the others are told with
their cause. Limits stand with the series: `low`, `high`, `rate` (per second), `stuck` (seconds), `oldest` (seconds), `offset`,
`scale`; value kept = value sent x scale + offset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kouan.facilities.telemetry.numbers import Numbers
from kouan.facilities.telemetry.ships import micros
from kouan.facilities.telemetry.signals import CAUSES
from kouan.kernel import clock
from kouan.kernel.signals import Array, Frame

OLDEST = 400 * 86_400.0
LIMITS = ("low", "high", "rate", "stuck", "oldest", "offset", "scale")
_USUAL = {"low": -np.inf, "high": np.inf, "rate": np.inf, "stuck": np.inf, "oldest": OLDEST, "offset": 0.0, "scale": 1.0}
_CAUSE = {cause: number for number, cause in enumerate(CAUSES)}


@dataclass(slots=True)
class Last:
    """The last reading of a series that passed, and since when its value is the same."""

    at: int
    value: float
    since: int


class Screen:
    """Screens frames of readings; remembers of each series with a limit on change only its last one."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._limits: dict[int, tuple[Mapping[str, Any], Array]] = {}
        self._last: dict[int, Last] = {}

    def judge(self, frame: Frame, repeated: Array) -> tuple[Frame, Frame | None]:
        """The readings that pass, calibrated, and those that do not with their causes. `repeated`: which came already."""
        keys, places = np.unique(frame["key"], return_inverse=True)
        limits = np.array([self._of(int(key)) for key in keys]).reshape(len(keys), len(LIMITS))[places]
        value = frame["value"] * limits[:, 6] + limits[:, 5]
        cause = np.zeros(len(frame), np.uint8)
        oldest = micros(clock.now()) - limits[:, 4] * 1e6
        for name, rows in (
            ("range", (value < limits[:, 0]) | (value > limits[:, 1])), ("not_a_number", ~np.isfinite(value)),
            ("old", frame["at"] < oldest), ("duplicate", repeated),
        ):  # fmt: skip
            cause[rows] = _CAUSE[name]
        changing = np.isfinite(limits[:, 2]) | np.isfinite(limits[:, 3])
        if changing.any():
            self._changes(frame, value, limits, cause, np.flatnonzero(changing & (cause == 0)))
        passed = cause == 0
        good = Frame(frame.signal, {**frame.columns, "value": value})
        if passed.all():
            return good, None
        bad = frame.pick(~passed)
        told = {"key": bad["key"], "at": bad["at"], "value": bad["value"], "cause": cause[~passed], "flags": bad["flags"]}
        return good.pick(passed), Frame("rejected", told)

    def _of(self, number: int) -> Array:
        known = self._numbers.series_now([number])
        stated = (known[0].limits or {}) if known else {}
        held = self._limits.get(number)
        if held is None or held[0] is not stated:
            row = np.array([float(_USUAL[name] if stated.get(name) is None else stated[name]) for name in LIMITS])
            held = self._limits[number] = (stated, row)
        return held[1]

    def _changes(self, frame: Frame, value: Array, limits: Array, cause: Array, rows: Array) -> None:
        """Rate of change and standstill, of series that limit them: each reading against the last that passed."""
        order = rows[np.argsort(frame["at"][rows], kind="stable")]
        for row, key, at, now in zip(
            order.tolist(), frame["key"][order].tolist(), frame["at"][order].tolist(), value[order].tolist(), strict=True
        ):
            last = self._last.get(key)
            if last is None or at <= last.at:
                self._last.setdefault(key, Last(at, now, at))
                continue
            rate, stuck = limits[row, 2], limits[row, 3]
            if abs(now - last.value) > rate * (at - last.at) / 1e6:
                cause[row] = _CAUSE["rate"]
                continue
            since = last.since if now == last.value else at
            if (at - since) / 1e6 > stuck:
                cause[row] = _CAUSE["stuck"]
            self._last[key] = Last(at, now, since)
