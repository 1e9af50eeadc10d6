"""When a measured quantity reaches its limit: a robust trend over days with a weekly season, and how wrong it was on the past.

The slope is Theil and Sen's (the median of the slopes of all pairs of days; Sen, J. Am. Stat. Assoc. 63, 1968): a third of the days
may be outliers. The level is the median of the last week. The season is the median that each day of the week lies off the trend,
and is used only where it made forecasts of the past better. The past is forecast from every day behind the first two weeks on, with what
was known then; the interval at a distance holds nine of ten of those forecasts' errors, and widens in proportion beyond the
furthest distance that could be tested. Too little history gives no forecast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FIRST = 14
"""Days from which the first forecast of the past is made."""
LEAST = 21
"""Days of history under which nothing is forecast."""
SEASONAL = 28
"""Days of history under which no season is looked for."""
WINDOW = 182
"""Days of history that count."""
DISTANCES = (1, 3, 7, 14, 30, 60, 90)
TESTED = 5
"""Forecasts of the past that a distance needs to be counted as tested."""
MOST_ORIGINS = 30
COVERS = 0.9
FURTHEST, STRETCH = 730, 6
"""Days ahead beyond which nothing is said; and times the history beyond which nothing is said."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A trend: value at a day `at`, change for a day, and what each day of the week adds (Monday first)."""

    at: int
    level: float
    slope: float
    season: tuple[float, ...]

    def value(self, days: Array) -> Array:
        """What is expected on some days (ordinals, as `date.toordinal` counts them)."""
        week = (days.astype(np.int64) - 1) % 7
        return np.asarray(self.level + self.slope * (days - self.at) + np.asarray(self.season)[week], dtype=np.float64)


NO_SEASON: tuple[float, ...] = (0.0,) * 7


def fit(days: Array, values: Array, *, seasonal: bool) -> Fit:
    """The trend of some days. `days` ascend; there must be two of them."""
    rest, season = values, NO_SEASON
    # The season bends the slopes and the trend the season: each is found again without the other.
    for _ in range(2 if seasonal else 1):
        slope = _slope(days, rest)
        if seasonal:
            season = _season(days, values - slope * days)
            rest = values - np.asarray(season)[(days.astype(np.int64) - 1) % 7]
    slope = _slope(days, rest)
    last = days >= days[-1] - 6
    level = float(np.median((rest - slope * (days - days[-1]))[last]))
    return Fit(int(days[-1]), level, slope, season)


def _slope(days: Array, values: Array) -> float:
    one, other = np.triu_indices(len(days), 1)
    return float(np.median((values[other] - values[one]) / (days[other] - days[one])))


def _season(days: Array, flat: Array) -> tuple[float, ...]:
    """What each day of the week lies off the whole; the whole week together adds nothing."""
    week = (days.astype(np.int64) - 1) % 7
    off = np.array([np.median(flat[week == n]) if np.any(week == n) else np.nan for n in range(7)])
    off = np.where(np.isnan(off), np.nanmean(off), off)
    return tuple(float(one) for one in off - off.mean())


@dataclass(frozen=True)
class Forecast:
    """A forecast: the fit, how far its history goes (days), and the errors of the past by distance (days ahead → absolute errors)."""

    fit: Fit
    history: int
    errors: dict[int, tuple[float, ...]]

    @cached_property
    def widths(self) -> dict[int, float]:
        """What nine of ten past forecasts stayed within, by distance; further ahead is never surer."""
        found, most = {}, 0.0
        for distance, errors in sorted(self.errors.items()):
            most = max(most, float(np.quantile(errors, COVERS)))
            found[distance] = most
        return found

    def width(self, ahead: Array) -> Array:
        """Half of the interval so many days ahead."""
        known = sorted(self.widths)
        inside = np.interp(ahead, known, [self.widths[one] for one in known])
        return np.asarray(inside * np.maximum(ahead / known[-1], 1.0), dtype=np.float64)

    @property
    def furthest(self) -> int:
        """Days ahead of which something can be said."""
        return min(FURTHEST, STRETCH * self.history)

    def ahead(self, days: int) -> tuple[float, float, float]:
        """What is expected so many days ahead, with the interval: low, expected, high."""
        at = np.array([float(days)])
        expected, wide = float(self.fit.value(at + self.fit.at)[0]), float(self.width(at)[0])
        return expected - wide, expected, expected + wide

    def reaches(self, limit: float) -> Reached:
        """When a limit is reached from below."""
        ahead = np.arange(1, self.furthest + 1, dtype=np.float64)
        expected, wide = self.fit.value(ahead + self.fit.at), self.width(ahead)
        return Reached(_first(expected + wide >= limit), _first(expected >= limit), _first(expected - wide >= limit), self.furthest)

    def typical(self, distance: int) -> float | None:
        """The median error of past forecasts at a distance; None where it was not tested."""
        return float(np.median(self.errors[distance])) if distance in self.errors else None


@dataclass(frozen=True, slots=True)
class Reached:
    """In how many days a limit is reached: at the earliest, as expected, at the latest; None: not within `looked` days."""

    earliest: int | None
    expected: int | None
    latest: int | None
    looked: int


def _first(true: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(true)) + 1 if true.any() else None


def forecast(days: Sequence[int], values: Sequence[float]) -> Forecast | None:
    """The forecast of a quantity by day (ordinals, ascending, gaps allowed); None with too little history."""
    known = np.asarray(days, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if len(days) < LEAST:
        return None
    recent = known[0] > known[0][-1] - WINDOW
    at, said = known[0][recent], known[1][recent]
    if len(at) < LEAST:
        return None
    plain = _tested(at, said, seasonal=False)
    season = _tested(at, said, seasonal=True) if len(at) >= SEASONAL else {}
    better = bool(season) and _typical(season) < _typical({one: plain[one] for one in season})
    errors = season if better else plain
    if not errors:
        return None
    return Forecast(fit(at, said, seasonal=better), int(at[-1] - at[0]) + 1, errors)


def _tested(days: Array, values: Array, *, seasonal: bool) -> dict[int, tuple[float, ...]]:
    """How far forecasts of the past were off, by distance; each made of nothing but what was known on its day."""
    where = {int(day): n for n, day in enumerate(days)}
    first = SEASONAL - 7 if seasonal else FIRST
    step = max(1, (len(days) - first) // MOST_ORIGINS)
    errors: dict[int, list[float]] = {}
    for end in range(first, len(days), step):
        then = fit(days[:end], values[:end], seasonal=seasonal)
        for distance in DISTANCES:
            if (n := where.get(then.at + distance)) is not None:
                expected = float(then.value(days[n : n + 1])[0])
                errors.setdefault(distance, []).append(abs(expected - float(values[n])))
    return {distance: tuple(found) for distance, found in errors.items() if len(found) >= TESTED}


def _typical(errors: dict[int, tuple[float, ...]]) -> float:
    return float(np.mean([np.median(found) for found in errors.values()])) if errors else float("inf")
