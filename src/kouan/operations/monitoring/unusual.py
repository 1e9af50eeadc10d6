"""What is unusual in a daily series, and why: medians of the same weekday, their median deviation, known holidays.

For each day the eight weeks before it are looked at, never the day itself or later ones. Usual for a weekday is the median
of its last eight; to that comes the median by which the last two weeks lay above or below theirs (growth), and on a holiday the
median by which the holidays before lay off an ordinary day. The spread is the median absolute deviation of all these days
from what is usual for their weekday, times 1.4826 (Iglewicz and Hoaglin 1993). Unusual is what lies more than LIMIT spreads
off. Counts are judged by their square roots, amounts and durations by their logarithms, so that the spread is the same at
every height. Holidays and worked weekends never count as usual days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from kouan.operations.monitoring.calendar import HOLIDAYS, WORKED, special

WEEKS, LATELY = 8, 14
LEAST, LEAST_WEEKDAYS, LEAST_HOLIDAYS = 28, 3, 3
"""Days, same weekdays and former holidays that it takes to judge."""
LIMIT = 5.0
ROBUST = 1.4826
Scale = Literal["count", "amount", "plain"]
FLOORS = {"count": 0.5, "amount": 0.02, "plain": 0.5}
"""The least spread: that of a Poisson count, two per cent, half a point (of a share in per cent, of a level)."""
Verdict = Literal["usual", "high", "low", "few", "holiday", "missing"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """One day: what was expected and from where to where is usual, how many spreads off it was, out of how many days.

    `verdict`: `few` too few days before it, `holiday` too few holidays before it, `missing` no figure of the day.
    """

    day: date
    value: float | None
    verdict: Verdict
    known: int
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None

    @property
    def unusual(self) -> bool:
        """Whether it is to be marked."""
        return self.verdict in ("high", "low")


def there(values: Floats, scale: Scale) -> Floats:
    """Values on the scale on which their spread is even."""
    if scale == "count":
        return np.sqrt(np.maximum(values, 0) + 0.375)
    return np.log(np.maximum(values, 1e-9)) if scale == "amount" else values


def back(values: Any, scale: Scale) -> Any:
    """From that scale to the figures' own."""
    if scale == "count":
        return np.maximum(np.square(np.maximum(values, 0)) - 0.375, 0)
    return np.exp(values) if scale == "amount" else values


def median(values: Floats) -> Floats:
    """Median along the last axis without what is missing; NaN where all is."""
    ordered = np.sort(values, axis=-1)
    count = np.sum(~np.isnan(ordered), axis=-1, keepdims=True)  # a sort puts what is missing last
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0), -1)
    high = np.take_along_axis(ordered, np.minimum(np.maximum(count // 2, 0), ordered.shape[-1] - 1), -1)
    return np.asarray(np.where(count > 0, (low + high) / 2, np.nan)[..., 0], float)


def scale_of(values: Sequence[float | None], how: str) -> Scale:
    """The scale on which a series is judged: by what it is, and amounts by logarithm only when they are never nought."""
    if how == "count":
        return "count"
    known = [value for value in values if value is not None]
    return "amount" if how not in ("share", "level") and known and min(known) > 0 else "plain"


def judge(
    days: Sequence[date], values: Sequence[float | None], scale: Scale, limit: float = LIMIT, last: int | None = None
) -> list[Judged]:
    """Each day of a series without gaps in its days (None: no figure), judged by the days before it; the last so many only."""
    raw = np.array([np.nan if value is None else value for value in values], float)
    z = there(raw, scale)
    off, usual, known, same = _before(np.where([special(day) for day in days], np.nan, z))
    drift = np.nan_to_num(median(off[:, -LATELY:]))
    # The window begins a whole number of weeks before the day: its first column is the day's own weekday.
    middle = usual[:, 0] + drift
    level = float(np.nanmedian(np.abs(raw))) if np.isfinite(raw).any() else 0.0
    least = max(FLOORS[scale], level * 0.02 if scale == "plain" else 0.0)
    spread = np.maximum(ROBUST * median(np.abs(off - median(off)[:, None])), least)
    _special(days, z, middle, spread, median(usual) + drift)
    low, high = np.maximum(back(middle - limit * spread, scale), 0.0), back(middle + limit * spread, scale)
    shown, deviation = back(middle, scale), (z - middle) / spread
    few = (known < LEAST) | (same < LEAST_WEEKDAYS)
    first = max(0, len(days) - last) if last is not None else 0
    found = []
    for at in range(first, len(days)):
        value = None if values[at] is None else float(raw[at])
        if few[at] or np.isnan(middle[at]):
            verdict: Verdict = "missing" if value is None else "few" if few[at] else "holiday"
            found.append(Judged(days[at], value, verdict, int(known[at])))
            continue
        lies = (int(known[at]), float(shown[at]), float(low[at]), float(high[at]))
        if value is None:
            found.append(Judged(days[at], None, "missing", *lies))
        else:
            found.append(Judged(days[at], value, _verdict(value, low[at], high[at]), *lies, float(deviation[at])))
    return found


def _before(ordinary: Floats) -> tuple[Floats, Floats, Any, Any]:
    """For each day the eight weeks before it: how far each of their days lay off its weekday's median, these medians, how
    many days and how many of the day's own weekday are known."""
    width = 7 * WEEKS
    padded = np.concatenate([np.full(width, np.nan), ordinary])
    before = np.lib.stride_tricks.sliding_window_view(padded, width)[: len(ordinary)].reshape(-1, WEEKS, 7)
    usual = median(np.swapaxes(before, 1, 2))
    off = (before - usual[:, None, :]).reshape(-1, width)
    return off, usual, np.sum(~np.isnan(off), axis=1), np.sum(~np.isnan(before[:, :, 0]), axis=1)


def _special(days: Sequence[date], z: Floats, middle: Floats, spread: Floats, working: Floats) -> None:
    """What is expected on worked weekends (an ordinary working day) and on holidays (by the holidays before); in place."""
    effects: list[float] = []
    for at, day in enumerate(days):
        if day in WORKED:
            middle[at] = working[at]
        elif day in HOLIDAYS:
            effect = float(z[at] - middle[at])
            if len(effects) < LEAST_HOLIDAYS:
                middle[at] = np.nan
            else:
                shift = float(np.median(effects))
                middle[at] += shift
                spread[at] = max(spread[at], ROBUST * float(np.median(np.abs(np.array(effects) - shift))))
            if np.isfinite(effect):
                effects.append(effect)


def _verdict(value: float, low: float, high: float) -> Verdict:
    return "high" if value > high else "low" if value < low else "usual"
