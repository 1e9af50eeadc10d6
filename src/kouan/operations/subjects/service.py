"""The port operation domain of a day by hour, and the single events behind a total."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.operations.subjects import seen, stock, store
from kouan.operations.subjects.measures import MEASURES, Measure

BEGIN = date(1990, 1, 1)
HOURS = 24


def span_of(port: Port, day: date, hour: int | None = None) -> tuple[datetime, datetime]:
    """A day, or an hour of it, in the port's zone: its begin and its end."""
    zone = ZoneInfo(port.site.zone)
    begin = datetime(day.year, day.month, day.day, hour or 0, tzinfo=zone)
    if hour is None:
        following = day + timedelta(days=1)
        return begin, datetime(following.year, following.month, following.day, tzinfo=zone)
    return begin, begin + timedelta(hours=1)


async def operation(port: Port, who: Principal, day: date, entry: str) -> list[dict[str, Any]]:
    """Every measure of a day by hour and kind, out of the facts that the caller may see."""
    span, moment = span_of(port, day), now()
    hours = [span_of(port, day, hour)[0] for hour in range(HOURS)]
    found = []
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        for of in MEASURES.values():
            if not of.level:
                rows = await store.hours(conn, of, who, span, entry, port.site.code, port.site.zone)
                found.append(_measure(of, who, rows, 0.0, port.site.demo))
            else:
                ours = entry in ("", port.site.code)
                before, rows = await stock.hours(conn, of, who, span, port.site.zone) if ours else (0.0, [])
                found.append(_measure(of, who, rows, before, port.site.demo))
                # What will stand in hours to come is not known.
                found[-1]["hours"] = [level if begin <= moment else None for level, begin in zip(found[-1]["hours"], hours, strict=True)]
    return found


def _measure(of: Measure, who: Principal, rows: list[Any], before: float, demo: bool) -> dict[str, Any]:
    sums, kinds = [0.0] * HOURS, dict[str, float]()
    for row in rows:
        sums[row["hour"]] += row["total"]
        kinds[row["kind"]] = kinds.get(row["kind"], 0.0) + row["total"]
    shown = sums
    if of.level:
        level, shown = before, []
        for one in sums:
            level += one
            shown.append(level)
    return {
        "code": of.code, "title": of.title.out(), "unit": of.unit.out(), "formula": of.formula.out(), "digits": of.digits,
        "level": of.level, "whole": seen.whole(of.record, of.uses, who), "record": of.record.facts.name, "before": before,
        "total": before + sum(sums), "events": int(shown[-1]) if of.level else sum(row["n"] for row in rows), "hours": shown,
        "kinds": [{"kind": kind, "title": of.kinds[kind].out() if kind in of.kinds else None, "total": amount}
                  for kind, amount in sorted(kinds.items()) if kind],
        "simulated": any(demo or row["simulated"] for row in rows) or (demo and before > 0),
    }  # fmt: skip


async def events(
    port: Port, who: Principal, of: Measure, span: tuple[datetime, datetime], entry: str, kind: str,
    after: tuple[datetime, int] | None, limit: int,
) -> tuple[int, float, list[dict[str, Any]], tuple[datetime, int] | None]:  # fmt: skip
    """The single events of a time: how many, what they come to, a page of them, and where the next page begins.

    Of a level: what stands at the end of that time, each as the event that brought it.
    """
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        if not of.level:
            n, total, rows = await store.events(conn, of, who, span, entry, port.site.code, kind, after, limit + 1)
        elif entry in ("", port.site.code) and kind in ("", "in"):
            n, rows = await stock.behind(conn, of, who, span[1], port.site.code, after, limit + 1)
            total = float(n)
        else:
            n, total, rows = 0, 0.0, []
    listed = [
        {
            "record": of.record.facts.name, "id": str(row["id"]), "ref": row["ref"], "at": stamp(row["at"]), "kind": row["kind"],
            "title": of.kinds[row["kind"]].out() if row["kind"] in of.kinds else None, "value": row["value"],
            "simulated": port.site.demo or row["simulated"], "port": row["port"],
        }
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    return n, total, listed, (last["at"], last["seq"]) if last else None
