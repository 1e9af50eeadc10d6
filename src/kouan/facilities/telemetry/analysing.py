"""The scheduled analysis of a day's data (HS/T 82 8.1.3 d): by DuckDB over the history's columns."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # pyarrow states no types

from kouan.facilities.telemetry import days
from kouan.facilities.telemetry.codec import to_arrow
from kouan.facilities.telemetry.history.reading import History
from kouan.facilities.telemetry.numbers import Numbers
from kouan.facilities.telemetry.records import Analysis
from kouan.facilities.telemetry.ships import micros
from kouan.facilities.telemetry.signals import CAUSES, SIMULATED
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame

MOST_METRICS = 500
OPEN = 2
_METRICS = """
select "key" as number, count(*) as n, avg(value) as mean, min(value) as low, max(value) as high,
       stddev_pop(value) as spread, arg_max(value, "at") as last
from readings where quality < 2 group by "key" order by n desc, "key" limit ?"""
_HOURS = """select ("at" - ?) // 3600000000 as hour, count(*) as n from readings group by 1 order by 1"""


async def analyse(port: Port, history: History) -> int:
    """Analyse the days that wait; each becomes a record, or its next version. Answers how many."""
    done = 0
    await history.recall()
    for day, changed in await days.waiting(port.pool, port.site.zone):
        since, until = days.span(day, port.site.zone)
        found = await asyncio.to_thread(_parts, history, since, until)
        data = await _document(port, day, since, until, found)
        await port.file(PLATFORM, [Draft(Analysis.facts.name, data, renew=True)])
        await days.analysed(port.pool, day, changed)
        done += 1
    return done


def _parts(history: History, since: datetime, until: datetime) -> dict[str, Any]:
    """Figures of a span, hour by hour so that a busy day needs no more memory than its busiest hours."""
    readings, rejected = _frames(history, "reading", since, until), _frames(history, "rejected", since, until)
    positions = _frames(history, "position", since, until)
    causes = np.concatenate([f["cause"] for f in rejected]) if rejected else np.zeros(0, np.uint8)
    found: dict[str, Any] = {
        "readings": sum(map(len, readings)), "rejected": len(causes), "positions": sum(map(len, positions)),
        "causes": {CAUSES[int(c)]: int(n) for c, n in zip(*np.unique(causes, return_counts=True), strict=True)},
        "movers": len(np.unique(np.concatenate([f["key"] for f in positions]))) if positions else 0,
        "simulated": sum(int((f["flags"] & SIMULATED).astype(bool).sum()) for f in (*readings, *positions)),
        "hours": [0] * round((until - since) / timedelta(hours=1)), "metrics": [],
    }  # fmt: skip
    if readings:
        with duckdb.connect() as base:
            base.register("readings", pa.Table.from_batches([to_arrow(f) for f in readings]))
            found["metrics"] = base.execute(_METRICS, [MOST_METRICS]).fetchall()
            for hour, count in base.execute(_HOURS, [micros(since)]).fetchall():
                found["hours"][min(int(hour), len(found["hours"]) - 1)] += count
    return found


def _frames(history: History, signal: str, since: datetime, until: datetime) -> list[Frame]:
    frames = [
        history.between(signal, since + timedelta(hours=n), min(since + timedelta(hours=n + 1), until))
        for n in range(25) if since + timedelta(hours=n) < until
    ]  # fmt: skip
    return [frame for frame in frames if len(frame)]


async def _document(port: Port, day: date, since: datetime, until: datetime, found: dict[str, Any]) -> dict[str, Any]:
    series = await Numbers(port.pool).series_of(row[0] for row in found["metrics"])
    metrics = [
        {"device": one.device, "metric": one.metric, "unit": one.unit, "count": n, "mean": _short(mean), "lowest": _short(low),
         "highest": _short(high), "spread": _short(spread), "last": _short(last), "simulated": one.simulated}
        for number, n, mean, low, high, spread, last in found["metrics"]
        # What is not open to all who may read the analysis stands in it as a count only.
        if (one := series.get(number)) is not None and one.level <= OPEN
    ]  # fmt: skip
    return {"day": day.isoformat(), "since": since.isoformat(), "until": until.isoformat(), **found, "metrics": metrics}


def _short(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)

