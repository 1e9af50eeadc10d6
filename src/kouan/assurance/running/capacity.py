"""The capacity forecast: what each measure does, when it reaches its limit, how wrong such forecasts were, and what helps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from kouan.assurance.running import parameters, store
from kouan.assurance.running.forecasting import LEAST, Forecast, Reached, forecast
from kouan.assurance.running.measures import MEASURES, Measure
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

SHOWN, AHEAD = 120, (7, 30, 90)
"""Days of the past that are shown; distances (days) at which an expectation is stated."""
TOO_LITTLE = Text(
    "历史不足：已有 {known} 天，至少需要 {least} 天，暂不预测",
    "Too little history: {known} days of at least {least}; nothing is forecast",
)
METHOD = Text(
    "Theil–Sen 稳健趋势，必要时加周季节项；区间包含九成历史回测误差，超出回测距离后按比例放宽",
    "Theil-Sen trend, with a weekly season where it made past forecasts better; the interval holds nine of ten errors of the back-test "
    "and widens in proportion beyond what could be tested",
)


@dataclass(frozen=True, slots=True)
class Outlook:
    """One measure: its whole days and their values, what it is now (None: never seen), its limit, forecast (None: too little history)
    and when the limit is reached."""

    measure: Measure
    days: tuple[date, ...]
    values: tuple[float, ...]
    now: float | None
    limit: float | None
    forecast: Forecast | None
    reached: Reached | None


async def outlooks(port: Port, today: date) -> list[Outlook]:
    """All measures as they stand, from what was measured up to yesterday: a day that still goes on is not whole."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await store.measured(conn, port.site.zone, today)
        stated = await parameters.in_force(conn, parameters.FACTS_A_DAY, today)
    by: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by.setdefault(row["what"], []).append(dict(row))
    return await asyncio.to_thread(lambda: [outlook(one, by.get(one.code, []), today, stated or None) for one in MEASURES.values()])


def outlook(measure: Measure, rows: Sequence[Mapping[str, Any]], today: date, stated: float | None = None) -> Outlook:
    """One measure, of its days in order (`day`, `last`, `most`, `limit`). `stated`: the limit of facts a day, where staff state one."""
    days, values = _series(measure, [row for row in rows if row["day"] < today])
    # How much of a day's facts today will bring cannot be told from its first hours.
    now_ = float(rows[-1]["last"]) if rows and measure.kind != "counter" else values[-1] if values else None
    limit = stated if measure.code == "facts" else next((row["limit"] for row in reversed(rows) if row["limit"] is not None), None)
    found = _forecast(days, values)
    reached = found.reaches(limit) if found is not None and limit is not None else None
    return Outlook(measure, days, values, now_, limit, found, reached)


@lru_cache(maxsize=2 * len(MEASURES))
def _forecast(days: tuple[date, ...], values: tuple[float, ...]) -> Forecast | None:
    """Days that are over change no more: a forecast is made once a day, however often it is asked for."""
    return forecast([day.toordinal() for day in days], values)


def _series(measure: Measure, rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[date, ...], tuple[float, ...]]:
    """Days with their values, as the measure's kind takes them."""
    if measure.kind != "counter":
        name = "last" if measure.kind == "level" else "most"
        return tuple(row["day"] for row in rows), tuple(float(row[name]) for row in rows)
    # What grew while nobody looked for days cannot be told apart by day; a counter that went back is another database's.
    whole = [(one["day"], float(one["last"] - before["last"])) for before, one in pairwise(rows)
             if one["day"] - before["day"] == timedelta(days=1) and one["last"] >= before["last"]]  # fmt: skip
    return tuple(day for day, _ in whole), tuple(value for _, value in whole)


async def told(port: Port) -> dict[str, Any]:
    """The forecast as the door answers it."""
    at = now()
    today = local_day(at, port.site.zone)
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        lead = await parameters.in_force(conn, parameters.LEAD, today)
    return {
        "at": stamp(at), "zone": port.site.zone, "warn_days": int(lead), "method": METHOD.out(), "least_days": LEAST,
        "measures": [_out(one) for one in await outlooks(port, today)],
    }  # fmt: skip


def local_day(at: datetime, zone: str) -> date:
    """The day of a moment at the port."""
    return at.astimezone(ZoneInfo(zone)).date()


def _out(one: Outlook) -> dict[str, Any]:
    measure, found = one.measure, one.forecast
    out: dict[str, Any] = {
        "code": measure.code, "title": measure.title.out(), "unit": measure.unit, "limit": one.limit, "limit_of": measure.limit.out(),
        "help": measure.help.out(), "days_known": len(one.days), "now": one.now,
        "past": [{"day": day.isoformat(), "value": value} for day, value in zip(one.days[-SHOWN:], one.values[-SHOWN:], strict=True)],
        "why_not": None, "trend_per_day": None, "season": None, "ahead": [], "curve": [], "past_error": [], "reached": None,
    }  # fmt: skip
    if found is None:
        return {**out, "why_not": TOO_LITTLE.fill(known=str(len(one.days)), least=str(LEAST)).out()}
    at = date.fromordinal(found.fit.at)
    return {
        **out, "trend_per_day": found.fit.slope, "season": list(found.fit.season) if any(found.fit.season) else None,
        "ahead": [_ahead(found, at, days) for days in AHEAD if days <= found.furthest],
        "curve": [_ahead(found, at, days) for days in range(1, min(AHEAD[-1], found.furthest) + 1)],
        "past_error": [{"days_ahead": days, "forecasts": len(errors), "median": found.typical(days), "nine_of_ten": found.widths[days]}
                       for days, errors in sorted(found.errors.items())],
        "reached": _reached(one.reached, at) if one.reached else None,
    }  # fmt: skip


def _ahead(found: Forecast, at: date, days: int) -> dict[str, Any]:
    low, expected, high = found.ahead(days)
    # None of these quantities can be less than nothing.
    return {"days": days, "day": (at + timedelta(days=days)).isoformat(), "low": max(low, 0.0), "expected": max(expected, 0.0),
            "high": max(high, 0.0)}  # fmt: skip


def _reached(one: Reached, at: date) -> dict[str, Any]:
    def day(ahead: int | None) -> str | None:
        return None if ahead is None else (at + timedelta(days=ahead)).isoformat()

    return {"earliest": day(one.earliest), "expected": day(one.expected), "latest": day(one.latest), "looked_days": one.looked}
