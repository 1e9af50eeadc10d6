"""What a record counts for: an indicator's formula applied to one record gives its parts, in any order the same (pure).

Quantiles are kept as counts of logarithmic classes 1 % wide (Masson et al. 2019, DDSketch): a median out of them is within
0.5 % of the exact one, and classes add up over days and parts as counts do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from kouan.kernel.indicators import LENT, QUANTILES, UNKNOWN, Grain, Indicator, Number, Seen, Span, Tally
from kouan.operations.monitoring.records import STATED

GAMMA, FLOOR = 1.01, 1e-6
"""Width of a class, and the least value that is told from zero."""
ONE = Decimal(1)
PLACES = Decimal("0.000001")


class Part(NamedTuple):
    """One thing counted: when, in which part, how much. `bin`: the class of its value where quantiles are kept, else 0."""

    at: datetime
    by: Mapping[str, str]
    value: Decimal
    bin: int = 0
    n: int = 1


def bin_of(value: float) -> int:
    """The class of a value; values up to a millionth of the unit are of class 1."""
    return 1 + max(0, math.ceil(math.log(max(value, FLOOR) / FLOOR) / math.log(GAMMA)))


def middle(bins: Any) -> Any:
    """The value that a class stands for: the one that is nearest to all of it, relatively. Takes arrays, too."""
    return FLOOR * np.power(GAMMA, np.asarray(bins, float) - 1) * 2 / (1 + GAMMA)


def parts_of(of: type[Indicator], seen: Seen) -> list[Part]:
    """The parts that a record counts for in an indicator; none when it does not (yet)."""
    tally = of.tally
    moment = tally.at.of(seen) if tally else None
    if tally is None or moment is None or not all(one.holds(seen.doc) for one in tally.of):
        return []
    if not tally.over:
        return _whole(of, tally, seen, moment)
    lent = {f"{LENT}{name}": seen.doc.get(name) for name in tally.lends}
    lines = [{**line, **lent} for line in seen.doc.get(tally.over) or () if isinstance(line, dict)]
    found: dict[tuple[tuple[str, str], ...], Decimal] = {}
    for line in lines:
        amount = _amount(tally, line)
        if amount is not None and all(one.holds(line) for one in tally.where):
            key = tuple((name, by.of(line)) for name, by in tally.by.items())
            found[key] = found.get(key, Decimal(0)) + amount
    return [Part(moment, dict(key), amount) for key, amount in found.items()]


def _whole(of: type[Indicator], tally: Tally, seen: Seen, moment: datetime) -> list[Part]:
    if not all(one.holds(seen.doc) for one in tally.where):
        return []
    by = {name: one.of(seen.doc) for name, one in tally.by.items()}
    if tally.hit is not None:
        return [Part(moment, by, ONE if tally.hit(seen) else Decimal(0))]
    amount = _span(tally.value, seen) if isinstance(tally.value, Span) else _amount(tally, seen.doc)
    if amount is None:
        return []
    part = Part(moment, by, amount, bin_of(float(amount)) if of.how in QUANTILES else 0)
    left = tally.leaves.of(seen) if tally.leaves else None
    return [part] if left is None else [part, Part(max(left, moment), by, -amount)]


def _span(span: Span, seen: Seen) -> Decimal | None:
    since, until = span.since.of(seen), span.until.of(seen)
    if since is None or until is None:
        return None
    return decimal(max((until - since).total_seconds(), 0.0) / 3600 * span.times)


def _amount(tally: Tally, part: Mapping[str, Any]) -> Decimal | None:
    if not isinstance(tally.value, Number):
        return ONE
    if tally.value.out_of:
        return decimal(tally.value.out_of(part))
    found = decimal(part.get(tally.value.field))
    return None if found is None else decimal(found * Decimal(str(tally.value.times)))


def decimal(value: Any) -> Decimal | None:
    """A quantity to six places; None for what is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
        return found.quantize(PLACES) if found.is_finite() else None
    except InvalidOperation:
        return None


def loaded(doc: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, str, Part] | None:
    """A loaded figure as a part of its indicator: code, source, part. It stands at noon of its day."""
    value = decimal(doc.get("value"))
    if value is None:
        return None
    day = datetime.combine(date.fromisoformat(str(doc["day"])), time(12), zone)
    by = {name: str(doc[name]) for name in STATED if doc.get(name) is not None}
    return str(doc["indicator"]), str(doc.get("source") or "other"), Part(day, by, value, 0, int(doc.get("basis") or 1))


def begins(grain: Grain, moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the day or hour of a moment, in the port's zone."""
    return _begins(grain, moment.replace(second=0, microsecond=0), zone)


@lru_cache(maxsize=8192)
def _begins(grain: Grain, moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone)
    if grain == "hour":
        return local.replace(minute=0, second=0, microsecond=0)
    return datetime.combine(local.date(), time(), zone)


def days(until: date, count: int) -> list[date]:
    """So many days up to one, the oldest first."""
    return [until - timedelta(days=back) for back in range(count - 1, -1, -1)]


@lru_cache(maxsize=8192)
def _middle(bin_: int) -> float:
    return float(middle(bin_))


def quantile(counts: Mapping[int, int], share: float) -> float | None:
    """The value below which a share of all lies, out of the counts of classes; None without any."""
    if len(counts) == 1:
        (bin_, n), *_ = counts.items()
        return _middle(bin_) if n else None
    total = sum(counts.values())
    reached = 0
    for bin_, count in sorted(counts.items()):
        reached += count
        if total and reached >= share * total:
            return _middle(bin_)
    return None


Pattern = frozenset[str]


def fitting(patterns: Iterable[Pattern], asked: Pattern, added: bool) -> Pattern | None:
    """Which loaded figures answer a question, so that none is counted twice: those divided exactly as asked, else, where
    parts add up, those divided by the fewest dimensions more."""
    possible = [one for one in patterns if one >= asked and (added or one == asked)]
    return min(possible, key=lambda one: (len(one), sorted(one)), default=None)


def known(value: str) -> bool:
    """Whether a dimension's value was stated."""
    return value != UNKNOWN


def totals(parts: Sequence[Part]) -> tuple[int, Decimal]:
    """Number and sum of some parts."""
    return sum(one.n for one in parts), sum((one.value for one in parts), Decimal(0))
