"""The page as data: tiles with figure, change, small chart and mark; one indicator in full."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from kouan.kernel.indicators import ADDED, DIMENSIONS, UNKNOWN, Indicator
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.operations.monitoring import folding
from kouan.operations.monitoring.adding import COUNTED
from kouan.operations.monitoring.calendar import HOLIDAYS, KNOWN
from kouan.operations.monitoring.reading import WEEK, YEAR, Day, Series
from kouan.operations.monitoring.records import SOURCES
from kouan.operations.monitoring.unusual import LEAST, LIMIT, Judged, judge, scale_of
from kouan.standards.codes.api import lookup

LISTED: Mapping[str, str] = {"country": "country", "chapter": "hs"}
"""Dimensions whose values are codes, and of which list."""
GROUPS: Mapping[str, Text] = {
    "clearance": Text("通关", "Clearance"),
    "trade": Text("贸易", "Trade"),
    "boxes": Text("货物与集装箱", "Cargo and containers"),
    "gate": Text("卡口与车辆", "Gate and vehicles"),
    "ships": Text("船舶", "Ships"),
    "inspection": Text("查验", "Inspection"),
    "alerts": Text("预警", "Warnings"),
    "persons": Text("人员", "Persons"),
    "parcels": Text("快件与跨境电商", "Parcels and e-commerce"),
    "data": Text("数据与互联", "Data and links"),
    "devices": Text("设备", "Devices"),
}
BY_US = Text("平台按记录统计", "Counted by the platform from its records")
CHART, JUDGED = 42, 240
"""Days of a small chart; days out of which they are judged: enough for eight weeks and the holidays before."""
WHY = {
    "high": Text("高于常见范围：实际 {value}，预期 {expected}，常见 {low} 至 {high}，偏离 {times} 倍常见波动{holiday}",
                 "Above what is usual: {value}, expected {expected}, usual {low} to {high}; {times} times the usual spread off{holiday}"),
    "low": Text("低于常见范围：实际 {value}，预期 {expected}，常见 {low} 至 {high}，偏离 {times} 倍常见波动{holiday}",
                "Below what is usual: {value}, expected {expected}, usual {low} to {high}; {times} times the usual spread off{holiday}"),
    "few": Text("历史不足，暂不判定：只有 {known} 天，至少需要 {least} 天", "Not judged: only {known} days before it, {least} are needed"),
    "holiday": Text("节假日，可比的节假日不足，暂不判定", "A public holiday: too few holidays before it to judge it by"),
    "usual": Text("在常见范围内：预期 {expected}，常见 {low} 至 {high}", "Usual: expected {expected}, usual {low} to {high}"),
    "missing": Text("当日没有数据", "No figure of that day"),
    "running": Text("当日尚未结束，暂不判定", "The day is not over; it is judged when it is"),
    "calendar": Text("该年节假日安排未知，按普通日判定", "The holidays of that year are not known; judged as ordinary days"),
}  # fmt: skip


@lru_cache(maxsize=2048)
def _judged(days: tuple[date, ...], values: tuple[float | None, ...], how: str, last: int) -> tuple[Judged, ...]:
    return tuple(judge(days, values, scale_of(values, how), last=last))


def judged(series: Series, until: date, last: int) -> tuple[Judged, ...]:
    """The last days of a series, each judged by those before it."""
    days = folding.days(until, max(JUDGED, last))
    values = series.daily(days)
    begun = next((at for at, value in enumerate(values) if value is not None), len(values))
    begun = min(begun, len(values) - last)
    return _judged(tuple(days[begun:]), tuple(values[begun:]), series.of.how, last)


def source_text(port: Port, source: str) -> Text:
    """Where a figure comes from: the platform, or who loaded it."""
    if source == COUNTED:
        return BY_US
    kind, _, slug = source.partition(":")
    title = SOURCES.get(kind, SOURCES["other"])
    by = port.orgs.title(slug)
    return Text(f"{title.zh}（由{by.zh}装载）", f"{title.en} (loaded by {by.en})")


def number(value: float | None, digits: int) -> str:
    """A figure in a sentence."""
    return "–" if value is None else f"{value:,.{digits}f}"


def why(one: Judged, of: type[Indicator], running: bool) -> Text:
    """Why a day is marked, or is not."""
    if running and not one.unusual:
        return WHY["running"]
    digits = of.digits
    holiday = HOLIDAYS.get(one.day)
    said = {
        "value": number(one.value, digits), "expected": number(one.expected, digits), "low": number(one.low, digits),
        "high": number(one.high, digits), "times": f"{abs(one.deviation or 0):.1f}", "known": one.known, "least": LEAST,
    }  # fmt: skip
    text = WHY[one.verdict]
    zh, en = (f"（{holiday.zh}）", f" ({holiday.en})") if holiday else ("", "")
    return Text(text.zh.format(**said, holiday=zh), text.en.format(**said, holiday=en))


def running(series: Series, day: date, today: date) -> bool:
    """Whether a counted day goes on: only that it is too high already can be said of it."""
    return series.source == COUNTED and day >= today


def marked(one: Judged, series: Series, today: date) -> bool:
    """Whether a day is to be marked."""
    if not running(series, one.day, today):
        return one.unusual
    return one.verdict == "high" and series.of.how in ADDED


def shown(one: Judged, series: Series, today: date) -> dict[str, Any]:
    """A day of a chart."""
    return {
        "day": one.day.isoformat(), "value": one.value, "expected": one.expected, "low": one.low, "high": one.high,
        "verdict": one.verdict, "marked": marked(one, series, today),
    }  # fmt: skip


def figure(port: Port, series: Series, until: date, period: int, today: date) -> dict[str, Any]:
    """One source's line of a tile: the figure of the period, its changes, the chart, the marks with their reasons."""
    first = until - timedelta(days=period - 1)
    value = series.value(first, until)
    days = judged(series, until, max(CHART, period))
    marks = [one for one in days[-period:] if marked(one, series, today)]
    last = days[-1]
    return {
        "source": series.source, "title": source_text(port, series.source).out(), "value": value,
        "cases": series.cases(first, until), "simulated": series.simulated(first, until),
        "week": _against(series, value, first, until, max(WEEK, period)),
        "year": _against(series, value, first, until, YEAR),
        "days": [shown(one, series, today) for one in days],
        "marks": [{"day": one.day.isoformat(), "verdict": one.verdict, "why": why(one, series.of, False).out()} for one in marks],
        "verdict": last.verdict if not running(series, until, today) or marks else "running",
        "why": why(last, series.of, running(series, until, today)).out(),
    }  # fmt: skip


def joined(until: date, period: int) -> list[date]:
    """The days whose figures are asked for together, with those that they are compared with; up to a day or the one before it."""
    if period == 1:
        return []
    return [until - timedelta(days=back + n) for back in (0, max(WEEK, period), YEAR) for n in range(period + 1)]


def _against(series: Series, value: float | None, first: date, last: date, back: int) -> dict[str, Any] | None:
    before = series.value(first - timedelta(days=back), last - timedelta(days=back))
    if before is None or value is None:
        return None
    return {"value": before, "days": back, "ratio": (value - before) / before if before else None}


def about(of: type[Indicator], dimensions: Collection[str]) -> dict[str, Any]:
    """An indicator as it is declared, with those of its dimensions that the caller may divide it by."""
    return {
        "code": of.code, "title": of.title.out(), "unit": of.unit.out(), "clause": of.clause, "formula": of.formula.out(),
        "good": of.good, "how": of.how, "group": of.group, "owner": of.owner, "digits": of.digits, "grains": list(of.grains),
        "dimensions": [{"name": name, "title": DIMENSIONS[name].out()} for name in of.dimensions() if name in dimensions],
        "record": of.tally.record if of.tally else None, "revision": of.revision,
    }  # fmt: skip


def part(of: type[Indicator], source: str, day: Day) -> float | None:
    """The figure of one part or hour."""
    return Series(of, source, {date.min: day}).value(date.min, date.min)


def said(indicators: Sequence[type[Indicator]], dimension: str, value: str) -> Text:
    """A dimension's value in words, where some indicator has words for it."""
    found = next((text for one in indicators if (text := one.said(dimension, value))), None)
    if value == UNKNOWN:
        return Text("未说明", "Not stated")
    listed = lookup(LISTED[dimension], value) if dimension in LISTED else None
    return found or (Text(f"{value} {listed.name.zh}", f"{value} {listed.name.en}") if listed else Text(value, value))


def unknown_years(until: date) -> bool:
    """Whether the holidays of a day's year are not known."""
    return until.year not in KNOWN


__all__ = ["GROUPS", "LIMIT", "about", "figure", "judged", "part", "said", "source_text", "unknown_years"]
