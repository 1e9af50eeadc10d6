"""The doors of monitoring: the board of indicators, one indicator, the facts behind a figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.indicators import ADDED, DIMENSIONS, Indicator
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import decode_cursor, encode_cursor
from kouan.kernel.words import every
from kouan.operations.monitoring import board, errors, offering, reading, rights
from kouan.operations.monitoring.rules import indicator

router = APIRouter(prefix="/api/monitoring", tags=["operations.monitoring"], responses=RESPONSES)
Until = Annotated[str, Query(max_length=10)]
Period = Annotated[int, Query(ge=1, le=92)]
Code = Annotated[str, Path(max_length=80)]
Source = Annotated[str, Query(max_length=80)]
RECENT = 60
"""Days whose values a filter offers."""


class ChangeOut(BaseModel):
    """The figure of as many days earlier, and the change against it; no ratio to nought."""

    value: float
    days: int
    ratio: float | None


class DayOut(BaseModel):
    """A day of a chart: its figure, what was expected, from where to where is usual."""

    day: str
    value: float | None
    expected: float | None
    low: float | None
    high: float | None
    verdict: str
    marked: bool


class MarkOut(BaseModel):
    """An unusual day and why."""

    day: str
    verdict: str
    why: BothLanguages


class FigureOut(BaseModel):
    """One source's figure of the period. `source` is empty for what the platform counts itself."""

    source: str
    title: BothLanguages
    value: float | None
    cases: int
    simulated: bool
    week: ChangeOut | None
    year: ChangeOut | None
    days: list[DayOut]
    marks: list[MarkOut]
    verdict: str
    why: BothLanguages


class DimensionOut(BaseModel):
    """By what an indicator is divided."""

    name: str
    title: BothLanguages


class IndicatorOut(BaseModel):
    """An indicator as it is declared, with its figures by source."""

    code: str
    title: BothLanguages
    unit: BothLanguages
    clause: str
    formula: BothLanguages
    good: str
    how: str
    group: str
    owner: str
    digits: int
    grains: list[str]
    dimensions: list[DimensionOut]
    record: str | None
    revision: int
    own: bool
    figures: list[FigureOut]


class GroupOut(BaseModel):
    """A group of the board."""

    name: str
    title: BothLanguages


class ValueOut(BaseModel):
    """A value of a dimension."""

    value: str
    title: BothLanguages


class OfferOut(BaseModel):
    """A dimension that can be filtered by, with the values that it had of late."""

    name: str
    title: BothLanguages
    values: list[ValueOut]


class BoardOut(BaseModel):
    """The board: indicators that the caller may read, each with its figures. `limit`: spreads beyond which a day is marked."""

    until: str
    today: str
    period: int
    limit: float
    calendar: bool
    groups: list[GroupOut]
    offers: list[OfferOut]
    indicators: list[IndicatorOut]


class PartOut(BaseModel):
    """A part of a figure."""

    value: str
    title: BothLanguages
    figure: float | None
    cases: int


class DivisionOut(BaseModel):
    """How a figure divides by a dimension."""

    name: str
    title: BothLanguages
    parts: list[PartOut]


class HourOut(BaseModel):
    """An hour of the last day, as the platform counted it."""

    at: str
    figure: float | None
    cases: int


class DetailOut(BaseModel):
    """One indicator in full: its days, the hours of the last one, and how the period's figure of one source divides."""

    until: str
    today: str
    period: int
    indicator: IndicatorOut
    source: str
    hours: list[HourOut]
    divisions: list[DivisionOut]


class FactOut(BaseModel):
    """A record that counts for a figure, when and how much."""

    record: str
    id: UUID
    ref: str
    at: str
    value: float
    cases: int
    by: dict[str, str]
    simulated: bool


class FactsOut(BaseModel):
    """The facts behind a figure. `figure`: what the totals say; `listed`: what the facts that the caller may see come to;
    `hidden`: cases whose records the caller may not see."""

    figure: float | None
    cases: int
    listed: float | None
    listed_cases: int
    hidden: int
    items: list[FactOut]
    next: str | None


def _days(port: Port, until: str) -> tuple[date, date, ZoneInfo]:
    """The day asked for and today, in the port's zone."""
    zone = ZoneInfo(port.site.zone)
    today = now().astimezone(zone).date()
    try:
        day = date.fromisoformat(until) if until else today
    except ValueError:
        raise Refused(errors.FUTURE, field="until", rule="day") from None
    if not date(1990, 1, 1) <= day <= today:
        raise Refused(errors.FUTURE, field="until", rule="day")
    return day, today, zone


def _asked(request: Request) -> dict[str, str]:
    """The conditions on dimensions: `by.direction=import`."""
    found = {}
    for name, value in request.query_params.items():
        if name.startswith("by."):
            bare = name[3:]
            if bare not in DIMENSIONS or len(value) > 80 or "\x00" in value:
                raise Refused(errors.UNDIVIDED, field=name[:40], rule="dimension")
            if value:
                found[bare] = value
    return found


def _dimensions(one: type[Indicator], who: Principal) -> set[str]:
    """By what a caller may divide an indicator."""
    return set(one.dimensions()) if rights.may_divide(one, who) else set()


def _readable(who: Principal, asked: Mapping[str, str]) -> dict[type[Indicator], int]:
    """The indicators that a caller may read and that are divided as asked, each with whose totals."""
    found = {one: rights.may_read(one, who) for one in every(Indicator) if set(asked) <= _dimensions(one, who)}
    order = list(board.GROUPS)
    ready = [(one, org) for one, org in found.items() if org is not None]
    return dict(sorted(ready, key=lambda pair: (order.index(pair[0].group), pair[0].code)))


@router.get("", response_model=BoardOut, operation_id="monitoring")
async def monitoring(request: Request, who: Caller, port: ThePort, until: Until = "", period: Period = 1) -> Response:
    """The indicators that the caller may read: figure of the period up to a day, changes, chart and marks.

    Without a day, up to yesterday, the last whole day, if it has any figure, else up to today.

    `by.<dimension>` leaves only that part of each, and only those indicators that are divided by it.
    """
    business(who)
    day, today, zone = _days(port, until)
    asked = _asked(request)
    wanted = _readable(who, asked)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = await reading.series(conn, wanted, zone, day, asked, joined=board.joined(day, period))
        codes = [one.code for one in _readable(who, {})]
        offers = await offering.offers(port, conn, who, codes, day - timedelta(days=RECENT), zone)
    before = day - timedelta(days=1)
    if not until and any(one.value(before, before) for one in found):
        day = before
    indicators = [_out(port, who, one, org, found, day, period, today) for one, org in wanted.items()]
    groups = [{"name": name, "title": title.out()} for name, title in board.GROUPS.items()]
    return reply({
        "until": day.isoformat(), "today": today.isoformat(), "period": period, "limit": board.LIMIT,
        "calendar": not board.unknown_years(day), "groups": groups, "offers": _offers(offers), "indicators": indicators,
    })  # fmt: skip


def _offers(values: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    all_ = every(Indicator)
    return [
        {"name": name, "title": title.out(),
         "values": [{"value": value, "title": board.said(all_, name, value).out()} for value in values[name]]}
        for name, title in DIMENSIONS.items() if values.get(name)
    ]  # fmt: skip


def _out(
    port: Port, who: Principal, one: type[Indicator], org: int, series: list[reading.Series], day: date, period: int, today: date
) -> dict[str, Any]:
    figures = [board.figure(port, found, day, period, today) for found in series if found.of is one]
    return {**board.about(one, _dimensions(one, who)), "own": org != 0, "figures": figures}


def _one(code: str, who: Principal, asked: Mapping[str, str]) -> tuple[type[Indicator], int]:
    found = indicator(code)
    org = rights.may_read(found, who) if found else None
    if found is None or org is None:
        raise NotFound(errors.NO_INDICATOR, field="code")
    if not set(asked) <= _dimensions(found, who):
        raise Refused(errors.UNDIVIDED, field="by", rule="dimension")
    return found, org


@router.get("/{code}", response_model=DetailOut, operation_id="monitoring_indicator")
async def one_indicator(
    request: Request, who: Caller, port: ThePort, code: Code, until: Until = "", period: Period = 1, source: Source = ""
) -> Response:
    """One indicator in full: definition, days with what was expected, unusual days and why, how the figure divides.

    Without a day, up to today if it has a figure, else up to yesterday.
    """
    business(who)
    day, today, zone = _days(port, until)
    asked = _asked(request)
    of, org = _one(code, who, asked)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        found = await reading.series(conn, {of: org}, zone, day, asked)
        if not until and not any(one.value(day, day) for one in found):
            day -= timedelta(days=1)
        span = (day - timedelta(days=period - 1), day)
        parts = await reading.parts(conn, of, org if not source else 0, source, span, zone, asked)
        hours = await reading.hours(conn, of, org, day, zone, asked) if "hour" in of.grains else []
    shown = _out(port, who, of, org, found, day, period, today)
    divisions = [
        {"name": name, "title": DIMENSIONS[name].out(),
         "parts": [{"value": value, "title": board.said([of], name, value).out(), "figure": board.part(of, source, part),
                    "cases": part.n} for value, part in all_[:40]]}
        for name, all_ in parts.items() if name in of.dimensions()
    ]  # fmt: skip
    return reply({
        "until": day.isoformat(), "today": today.isoformat(), "period": period, "indicator": shown, "source": source,
        "hours": [{"at": stamp(at), "figure": board.part(of, "", hour), "cases": hour.n} for at, hour in hours],
        "divisions": divisions,
    })  # fmt: skip


@router.get("/{code}/facts", response_model=FactsOut, operation_id="monitoring_facts")
async def facts(
    request: Request, who: Caller, port: ThePort, code: Code, until: Until = "", period: Period = 1, source: Source = "",
    after: Annotated[str, Query(max_length=200)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 100,
    hour: Annotated[int | None, Query(ge=0, le=23, description="one hour of the last day, in the port's zone")] = None,
) -> Response:  # fmt: skip
    """The facts behind a figure, the oldest first, and what they come to beside what the totals say.

    `hour`: of the figure of that hour, where the indicator is kept by the hour.
    """
    business(who)
    day, _, zone = _days(port, until)
    asked = _asked(request)
    of, org = _one(code, who, asked)
    span = (day - timedelta(days=period - 1), day)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        if hour is None:
            series = await reading.series(conn, {of: org}, zone, day, asked)
        else:
            span, series = (day, day), await reading.hour(conn, of, org, (day, hour), zone, asked)
        behind = await reading.behind(conn, of, org if not source else 0, source, span, zone, asked, _cursor(after), limit + 1, hour)
    mine = next((one for one in series if one.source == source), reading.Series(of, source))
    level = of.how == "level" and hour is None
    cases = behind.n if level else mine.cases(*span)
    listed = list(behind.rows[:limit])
    last = listed[-1] if len(behind.rows) > limit else None
    return reply({
        "figure": mine.value(*span), "cases": cases, "listed": _listed(of, source, behind), "listed_cases": behind.n,
        "hidden": cases - behind.n, "items": [_fact(row) for row in listed],
        "next": encode_cursor(f"{last['at'].isoformat()} {last['record_id']}", last["part"]) if last else None,
    })  # fmt: skip


def _listed(of: type[Indicator], source: str, behind: reading.Behind) -> float | None:
    if of.how in ADDED:
        return behind.total
    if not behind.n:
        return None
    if of.how in ("median", "p90") and not source:
        return behind.exact
    return behind.total / behind.n * (100 if of.how == "share" and not source else 1)


def _fact(row: Any) -> dict[str, Any]:
    return {
        "record": row["record"], "id": str(row["record_id"]), "ref": row["ref"], "at": stamp(row["at"]), "value": row["value"],
        "cases": row["n"], "by": row["dims"], "simulated": row["simulated"],
    }  # fmt: skip


def _cursor(after: str) -> tuple[datetime, UUID, int] | None:
    if not after:
        return None
    try:
        text, part = decode_cursor(after)
        at, _, record = str(text).partition(" ")
        if not -(2**31) <= part < 2**31:
            raise ValueError(part)
        return datetime.fromisoformat(at).astimezone(), UUID(record), part
    except (ValueError, UnicodeError, OverflowError):
        raise Refused(errors.CURSOR, field="after", rule="cursor") from None
