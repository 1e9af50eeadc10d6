"""When reading is odd: in an hour in which this person never reads, or in which nobody is to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Why = Literal["closed", "habit"]


@dataclass(frozen=True, slots=True)
class Habit:
    """On how many days of the last weeks an account read, and in which hours of the day."""

    days: int = 0
    hours: frozenset[int] = frozenset()


def odd(hour: int, habit: Habit, *, days: float, closed_from: float, closed_to: float) -> Why | None:
    """Why reading in an hour of the day (0-23, the port's zone) is odd; None when it is not.

    A port works around the clock and its people in shifts: what is odd is told by each account's own hours, once it has read on
    `days` days; an hour beside a usual one is usual. Hours from `closed_from` to `closed_to` (over midnight, too) are odd for
    all; the same number twice closes none.
    """
    if closed(hour, int(closed_from), int(closed_to)):
        return "closed"
    if habit.days < days or {(hour - 1) % 24, hour, (hour + 1) % 24} & habit.hours:
        return None
    return "habit"


def closed(hour: int, begins: int, ends: int) -> bool:
    """Whether an hour of the day lies from one to before another, over midnight if need be."""
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends
