"""What is read of the totals: series of days by source, the figure of a period, what is behind it; under the caller's rights.

All tiles of a page come out of three statements, however many there are: days of what the platform counted, days of what was
loaded, and what stood before the first day (of levels).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np

from kouan.kernel.database import Connection
from kouan.kernel.indicators import ADDED, QUANTILES, Indicator
from kouan.kernel.signals import Array
from kouan.operations.monitoring import folding
from kouan.operations.monitoring.adding import COUNTED
from kouan.operations.monitoring.store import SUMMARY

HISTORY = 400
"""Days that are read: a year for the change against last year, and a month to spare."""
WEEK, YEAR = 7, 364
"""A year earlier is the same weekday."""


@dataclass(slots=True)
class Day:
    """One day of a source: how many, their sum, classes of quantiles (of a day that others join, all of them as columns `bin` and
    `n`), how many of them simulated."""

    n: int = 0
    total: float = 0.0
    bins: dict[int, int] = field(default_factory=dict)
    simulated: int = 0
    classes: Array | None = None


@dataclass(slots=True)
class Series:
    """An indicator's days from one source. `before`: what stood at the beginning (of a level)."""

    of: type[Indicator]
    source: str
    days: dict[date, Day] = field(default_factory=dict)
    before: float = 0.0
    _begun: date | None = None

    def value(self, first: date, last: date) -> float | None:
        """The figure of some days: what adds up added up, of a level the last, else over all that they hold."""
        if self.of.how == "level":
            return self._level(last)
        found = [self.days[day] for day in self._between(first, last)]
        if not found:
            return 0.0 if self.of.how in ADDED and self._since(first) else None
        return self._figure(found)

    def _figure(self, found: Sequence[Day]) -> float | None:
        if self.of.how in ADDED:
            return sum(one.total for one in found)
        n = sum(one.n for one in found)
        if not n:
            return None
        if self.source != COUNTED:
            return sum(one.total * one.n for one in found) / n
        if self.of.how in QUANTILES:
            return folding.quantile(_merged(found), QUANTILES[self.of.how])
        return sum(one.total for one in found) / n * (100 if self.of.how == "share" else 1)

    def _between(self, first: date, last: date) -> list[date]:
        wide = (last - first).days + 1
        if wide > len(self.days):
            return [day for day in self.days if first <= day <= last]
        return [day for day in (first + timedelta(days=n) for n in range(wide)) if day in self.days]

    def _since(self, first: date) -> bool:
        """Whether the platform counted already on a day: then nothing is nought, not unknown."""
        return self.source == COUNTED and bool(self.days) and self.begun <= first

    @property
    def begun(self) -> date:
        """The first day that has something."""
        if self._begun is None:
            self._begun = min(self.days)
        return self._begun

    def _level(self, last: date) -> float | None:
        if self.source != COUNTED:
            days = [day for day in self.days if day <= last]
            return self.days[max(days)].total if days and max(days) == last else None
        if not self.before and not self._since(last):
            return None
        return self.before + sum(one.total for day, one in self.days.items() if day <= last)

    def daily(self, days: Sequence[date]) -> list[float | None]:
        """The figure of each day."""
        if self.of.how == "level" and self.source == COUNTED:
            return self._levels(days)
        if self.of.how == "level":
            return [self.value(day, day) for day in days]
        found = [self.days.get(day) for day in days]
        nought = self.of.how in ADDED and self.source == COUNTED and bool(self.days)
        of_day = self._of_day()
        return [of_day(one) if one else 0.0 if nought and day >= self.begun else None for day, one in zip(days, found, strict=True)]

    def _of_day(self) -> Callable[[Day], float | None]:
        """The figure of one day by itself: tens of thousands of them are asked for at a time, so each kind says it shortly."""
        if self.of.how in ADDED:
            return _TOTAL
        if self.source == COUNTED and self.of.how in QUANTILES:
            share = QUANTILES[self.of.how]
            return lambda day: folding.quantile(day.bins, share)
        times = 100 if self.of.how == "share" and self.source == COUNTED else 1
        if self.source != COUNTED:
            return lambda day: day.total if day.n else None
        return lambda day: day.total / day.n * times if day.n else None

    def _levels(self, days: Sequence[date]) -> list[float | None]:
        begun = self.begun if self.days and not self.before else days[0]
        level = self.before + sum(one.total for day, one in self.days.items() if day < days[0])
        found: list[float | None] = []
        for day in days:
            level += self.days[day].total if day in self.days else 0.0
            found.append(level if day >= begun else None)
        return found

    def cases(self, first: date, last: date) -> int:
        """How many cases a figure rests on."""
        return sum(self.days[day].n for day in self._between(first, last))

    def simulated(self, first: date, last: date) -> bool:
        """Whether some of them are simulated."""
        return any(self.days[day].simulated for day in self._between(first, last))


_TOTAL: Callable[[Day], float] = attrgetter("total")


def _merged(days: Sequence[Day]) -> dict[int, int]:
    packed = [day.classes for day in days if day.classes is not None]
    if len(packed) == len(days):
        all_ = np.concatenate(packed)
        bins, place = np.unique(all_["bin"], return_inverse=True)
        return dict(zip(bins.tolist(), np.bincount(place, all_["n"].astype(float)).tolist(), strict=True))
    found: dict[int, int] = {}
    for day in days:
        for bin_, n in day.bins.items():
            found[bin_] = found.get(bin_, 0) + n
    return found


_COUNTED = """
with wanted as (select * from unnest($1::text[], $2::int[]) w(indicator, org))
select indicator, (at at time zone $3)::date as day, bin, sum(n)::bigint n, sum(total)::float8 total,
       sum(simulated)::bigint simulated
from monitoring_cell join wanted using (indicator, org)
where source = '' and grain = 'day' and whole = $6 and dims @> $7 and bin >= 0 and at >= $4 and at <= $5
group by 1, 2, 3"""
_SUMMED = """
with wanted as (select * from unnest($1::text[], $2::int[]) w(indicator, org))
select indicator, array_agg((at at time zone $3)::date - ($4::timestamptz at time zone $3)::date) as day,
       array_agg(bin) bin, array_agg(n) n, array_agg(total::float8) total, array_agg(simulated) simulated
from monitoring_cell join wanted using (indicator, org)
where source = '' and grain = 'day' and whole and bin <= 0 and at >= $4 and at <= $5
group by indicator"""
_CLASSES = """
with wanted as (select * from unnest($1::text[], $2::int[]) w(indicator, org))
select indicator, (at at time zone $3)::date as day, n, classes
from monitoring_cell join wanted using (indicator, org)
where source = '' and grain = 'day' and whole and bin = -1 and at = any($4)"""
_CLASS = np.dtype([("bin", ">i4"), ("n", ">i8")])
_NONE: dict[int, int] = {}
"""The classes of all days that have none; nothing is ever put in."""
_BEFORE = """
with wanted as (select * from unnest($1::text[], $2::int[]) w(indicator, org))
select indicator, sum(total)::float8 total from monitoring_cell join wanted using (indicator, org)
where source = '' and grain = 'day' and whole = $3 and at < $4 and dims @> $5 group by 1"""
_LOADED = """
select indicator, source, (at at time zone $2)::date as day, dims, n, total::float8 total
from monitoring_cell where indicator = any($1) and source <> '' and grain = 'day' and at >= $3 and at <= $4 and dims @> $5"""


async def series(
    conn: Connection, wanted: Mapping[type[Indicator], int], zone: ZoneInfo, until: date, asked: Mapping[str, str], history: int = HISTORY,
    joined: Collection[date] | None = None,
) -> list[Series]:
    """The series of some indicators, each of whose totals is named; counted first. What has no figure is left out.

    `joined`: the days of which the figures of several are asked for together; of all others a quantile is known only for the day
    by itself. Without it, of all days.
    """
    first = _start(until - timedelta(days=history - 1), zone)
    last = _start(until, zone)
    codes, orgs = [one.code for one in wanted], list(wanted.values())
    by_code = {one.code: one for one in wanted}
    whole, dims = not asked, dict(asked)
    summed = whole and joined is not None
    given = (codes, orgs, str(zone), first, last)
    found = {code: Series(one, COUNTED) for code, one in by_code.items()}
    if summed:
        days = folding.days(until, history)
        for row in await conn.fetch(_SUMMED, *given):
            found[row["indicator"]].days = _summed(days, row)
    else:
        for row in await conn.fetch(_COUNTED, *given, whole, dims):
            _add(found[row["indicator"]], row)
    if summed and joined:
        await _join(conn, found, {one.code: org for one, org in wanted.items() if one.how in QUANTILES}, zone, joined)
    levels = [(one.code, org) for one, org in wanted.items() if one.how == "level"]
    if levels:
        named, numbers = (list(column) for column in zip(*levels, strict=True))
        for row in await conn.fetch(_BEFORE, named, numbers, whole, first, dims):
            found[row["indicator"]].before = row["total"] or 0.0
    loaded = _loaded(await conn.fetch(_LOADED, codes, str(zone), first, last, dims), by_code, frozenset(asked))
    return [one for one in found.values() if one.days or one.before] + loaded


def _start(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


async def _join(conn: Connection, found: Mapping[str, Series], orgs: Mapping[str, int], zone: ZoneInfo, joined: Collection[date]) -> None:
    """Know all classes of some days, where a quantile over several is asked for."""
    if not orgs:
        return
    begins = [_start(day, zone) for day in sorted(joined)]
    for row in await conn.fetch(_CLASSES, list(orgs), list(orgs.values()), str(zone), begins):
        found[row["indicator"]].days.setdefault(row["day"], Day(row["n"])).classes = np.frombuffer(row["classes"], _CLASS)


def _summed(days: Sequence[date], row: asyncpg.Record) -> dict[date, Day]:
    """An indicator's days out of its columns; a whole day has one row: its total, or the class of its quantile."""
    columns = row["day"], row["bin"], row["n"], row["total"], row["simulated"]
    return {
        days[at]: Day(n, 0.0, {int(total): n}, simulated) if bin_ == SUMMARY else Day(n, total, _NONE, simulated)
        for at, bin_, n, total, simulated in zip(*columns, strict=True)
    }


def _add(series: Series, row: asyncpg.Record) -> None:
    day = series.days.setdefault(row["day"], Day())
    day.n += row["n"]
    day.total += row["total"]
    day.simulated += row["simulated"]
    if row["bin"]:
        day.bins[row["bin"]] = day.bins.get(row["bin"], 0) + row["n"]


def _loaded(rows: Sequence[asyncpg.Record], by_code: Mapping[str, type[Indicator]], asked: frozenset[str]) -> list[Series]:
    """Loaded figures as series; of each day only those that answer what is asked, so that none counts twice."""
    days: dict[tuple[str, str, date], dict[folding.Pattern, list[asyncpg.Record]]] = {}
    for row in rows:
        patterns = days.setdefault((row["indicator"], row["source"], row["day"]), {})
        patterns.setdefault(frozenset(row["dims"]), []).append(row)
    found: dict[tuple[str, str], Series] = {}
    for (code, source, day), patterns in sorted(days.items()):
        of = by_code[code]
        pattern = folding.fitting(patterns, asked, of.how in ADDED)
        if pattern is None:
            continue
        series = found.setdefault((code, source), Series(of, source))
        fitting = patterns[pattern]
        series.days[day] = Day(sum(row["n"] for row in fitting), sum(row["total"] for row in fitting))
    return list(found.values())


_PARTS = """
select key as dimension, value as part, bin, sum(n)::bigint n, sum(total)::float8 total
from monitoring_cell, jsonb_each_text(dims)
where indicator = $1 and org = $2 and source = $3 and grain = 'day' and not whole and at >= $4 and at <= $5 and dims @> $6
group by 1, 2, 3"""


async def parts(
    conn: Connection, of: type[Indicator], org: int, source: str, span: tuple[date, date], zone: ZoneInfo, asked: Mapping[str, str]
) -> dict[str, list[tuple[str, Day]]]:
    """How the figure of some days divides, by each dimension; the largest part first."""
    first, last = (_start(day, zone) for day in span)
    found: dict[str, dict[str, Day]] = {}
    for row in await conn.fetch(_PARTS, of.code, org, source, first, last, dict(asked)):
        day = found.setdefault(row["dimension"], {}).setdefault(row["part"], Day())
        day.n += row["n"]
        day.total += row["total"]
        if row["bin"]:
            day.bins[row["bin"]] = day.bins.get(row["bin"], 0) + row["n"]
    return {name: sorted(by.items(), key=lambda one: (-one[1].total, one[0])) for name, by in found.items()}


_HOURS = """
select at, bin, sum(n)::bigint n, sum(total)::float8 total, sum(simulated)::bigint simulated from monitoring_cell
where indicator = $1 and org = $2 and source = '' and grain = 'hour' and whole = $3 and at >= $4 and at < $5 and dims @> $6
group by 1, 2 order by 1"""


async def hours(
    conn: Connection, of: type[Indicator], org: int, day: date, zone: ZoneInfo, asked: Mapping[str, str]
) -> list[tuple[datetime, Day]]:
    """The hours of a day that have something, of an indicator that is kept by the hour."""
    span = _start(day, zone), _start(day + timedelta(days=1), zone)
    found: dict[datetime, Day] = {}
    for row in await conn.fetch(_HOURS, of.code, org, not asked, *span, dict(asked)):
        hour = found.setdefault(row["at"], Day())
        hour.n += row["n"]
        hour.total += row["total"]
        hour.simulated += row["simulated"]
        if row["bin"]:
            hour.bins[row["bin"]] = hour.bins.get(row["bin"], 0) + row["n"]
    return list(found.items())


_VALUES = """
select distinct dimension, part from monitoring_part
where last >= $1 and (org = 0 or org = $2) and indicator = any($3) limit 400"""


async def values(conn: Connection, codes: Sequence[str], org: int, since: date, zone: ZoneInfo) -> dict[str, list[str]]:
    """The values of each dimension that some indicators had since a day."""
    found: dict[str, list[str]] = {}
    for row in await conn.fetch(_VALUES, _start(since, zone), org, list(codes)):
        found.setdefault(row["dimension"], []).append(row["part"])
    return {name: sorted(all_) for name, all_ in found.items()}


@dataclass(frozen=True, slots=True)
class Behind:
    """The facts behind a figure: how many and how much they come to, and a page of them."""

    n: int
    total: float
    exact: float | None
    rows: Sequence[asyncpg.Record]


_BEHIND = """from monitoring_fact where indicator = $1 and source = $2 and at >= $3 and at < $4 and dims @> $5 and ($6 = 0 or org = $6)"""


async def behind(
    conn: Connection, of: type[Indicator], org: int, source: str, span: tuple[date, date], zone: ZoneInfo, asked: Mapping[str, str],
    after: tuple[datetime, Any, int] | None, limit: int,
) -> Behind:  # fmt: skip
    """The facts that a caller may see of those behind a figure, the oldest first; of a level all up to the last day."""
    first, last = (_start(day, zone) for day in span)
    if of.how == "level" and source == COUNTED:
        first = _start(date(1970, 1, 1), zone)
    given = (of.code, source, first, last + timedelta(days=1), dict(asked), org)
    share = QUANTILES.get(of.how, 0.5)
    exact = f"percentile_disc({share}) within group (order by value)::float8 exact"
    sums = f"select coalesce(sum(n), 0)::bigint n, coalesce(sum(value), 0)::float8 total, {exact}"
    row = await conn.fetchrow(f"{sums} {_BEHIND}", *given)
    beyond = "and (at, record_id, part) > ($7, $8, $9)" if after else ""
    listed = await conn.fetch(
        f"select record_id, part, record, ref, at, dims, n, value::float8 as value, simulated {_BEHIND} {beyond}"
        f" order by at, record_id, part limit {int(limit)}",
        *given, *(after or ()),
    )  # fmt: skip
    assert row is not None
    return Behind(row["n"], row["total"], row["exact"], listed)
