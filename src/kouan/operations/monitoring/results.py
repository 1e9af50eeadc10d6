"""Analysis results for others: an indicator's figure over some days, whole or divided, with the version of its formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kouan.kernel.database import Connection, scope
from kouan.kernel.indicators import DIMENSIONS, Indicator
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.operations.monitoring import board, reading, rights
from kouan.operations.monitoring.adding import COUNTED
from kouan.operations.monitoring.rules import indicator

DAY, HOUR = "day", "hour"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: whose (`source`, "" the platform's own), of which part ("" the whole), how many cases it rests on."""

    source: str
    whose: Text
    part: str
    said: Text | None
    value: float | None
    cases: int
    simulated: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator's figures over some days. `own`: of the caller's organisation only."""

    of: type[Indicator]
    own: bool
    rows: Sequence[Row]


def divisions(of: type[Indicator]) -> tuple[str, ...]:
    """By what an indicator's figures can be divided."""
    return (DAY, *((HOUR,) if "hour" in of.grains else ()), *of.dimensions())


async def measured(
    port: Port, who: Principal, code: str, span: tuple[date, date], by: str = "", asked: Mapping[str, str] | None = None
) -> Measured | None:
    """The figures of an indicator over some days, first and last included; None when it is not the caller's to read.

    `by`: day, hour, or a dimension of the indicator's; parts that the caller may not read are left out. `asked`: only the
    part with these values of its dimensions.
    """
    of = indicator(code)
    org = rights.may_read(of, who) if of else None
    if of is None or org is None:
        return None
    asked = asked or {}
    if asked and not (set(asked) <= set(of.dimensions()) and rights.may_divide(of, who)):
        return None
    zone = ZoneInfo(port.site.zone)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = await reading.series(conn, {of: org}, zone, span[1], asked)
        if by in DIMENSIONS:
            rows = await _parts(conn, port, of, org, span, by, found) if rights.may_divide(of, who) else []
        elif by == HOUR:
            rows = await _hours(conn, port, of, org, span)
        else:
            rows = [row for one in found for row in (_days(port, one, span) if by == DAY else [_whole(port, one, span)])]
    return Measured(of, org != 0, rows)


def _whole(port: Port, one: reading.Series, span: tuple[date, date]) -> Row:
    said = board.source_text(port, one.source)
    return Row(one.source, said, "", None, one.value(*span), one.cases(*span), one.simulated(*span))


def _days(port: Port, one: reading.Series, span: tuple[date, date]) -> list[Row]:
    days = [span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
    said = board.source_text(port, one.source)
    return [
        Row(one.source, said, day.isoformat(), None, one.value(day, day), one.cases(day, day), one.simulated(day, day)) for day in days
    ]


async def _parts(
    conn: Connection, port: Port, of: type[Indicator], org: int, span: tuple[date, date], by: str, found: Sequence[reading.Series]
) -> list[Row]:
    rows: list[Row] = []
    zone = ZoneInfo(port.site.zone)
    for one in found:
        parts = await reading.parts(conn, of, org if one.source == COUNTED else 0, one.source, span, zone, {})
        said = board.source_text(port, one.source)
        rows += [
            Row(one.source, said, value, board.said([of], by, value), board.part(of, one.source, day), day.n, one.simulated(*span))
            for value, day in parts.get(by, [])
        ]
    return rows


async def _hours(conn: Connection, port: Port, of: type[Indicator], org: int, span: tuple[date, date]) -> list[Row]:
    zone = ZoneInfo(port.site.zone)
    days = [span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
    said = board.source_text(port, COUNTED)
    return [
        Row(
            COUNTED, said, at.astimezone(zone).isoformat(timespec="minutes"), None, board.part(of, COUNTED, hour), hour.n,
            bool(hour.simulated),
        )
        for day in days
        for at, hour in await reading.hours(conn, of, org, day, zone, {})
    ]  # fmt: skip
