"""The door of analysis results (分析结果应用): business systems call an indicator and are told which version of its formula answered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.clock import now, stamp
from kouan.kernel.errors import Conflict, NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.indicators import Indicator
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.monitoring import errors, results, rights

router = APIRouter(prefix="/api/results", tags=["operations.monitoring"], responses=RESPONSES)
Code = Annotated[str, Path(max_length=80)]
OTHER_VERSION = Text(
    "该指标的公式现为第{now}版，不是所要求的第{asked}版", "The formula of this indicator is at version {now}, not at {asked} as asked for"
)


class ValueOut(BaseModel):
    """A figure: whose it is (`source` empty: counted by the platform), of which part, out of how many cases."""

    source: str
    whose: BothLanguages
    part: str
    said: BothLanguages | None
    value: float | None
    cases: int
    simulated: bool


class KnownOut(BaseModel):
    """An indicator that can be called."""

    code: str
    title: BothLanguages
    unit: BothLanguages
    version: int
    divisions: list[str]
    href: str


class KnownsOut(BaseModel):
    """The indicators that the caller may call."""

    items: list[KnownOut]


class ResultOut(BaseModel):
    """An indicator's figures over some days with the version of the formula that made them; `own`: of the caller's firm only."""

    code: str
    title: BothLanguages
    unit: BothLanguages
    formula: BothLanguages
    version: int
    since: date
    until: date
    by: str
    own: bool
    computed_at: datetime
    facts: str
    values: list[ValueOut]


@router.get("", response_model=KnownsOut, operation_id="results", summary="Indicators that can be called")
async def known(who: Caller) -> Response:
    """The indicators whose figures the caller may read, each with the version of its formula."""
    business(who)
    ready = [one for one in every(Indicator) if rights.may_read(one, who) is not None]
    return reply({"items": [_known(one) for one in sorted(ready, key=lambda one: one.code)]})


def _known(one: type[Indicator]) -> dict[str, Any]:
    return {
        "code": one.code, "title": one.title.out(), "unit": one.unit.out(), "version": one.revision,
        "divisions": list(results.divisions(one)), "href": f"/api/results/{one.code}",
    }  # fmt: skip


@router.get("/{code}", response_model=ResultOut, operation_id="result", summary="An indicator's figure")
async def result(
    who: Caller, port: ThePort, code: Code, until: Annotated[str, Query(max_length=10)] = "",
    period: Annotated[int, Query(ge=1, le=366)] = 1, by: Annotated[str, Query(max_length=20)] = "",
    version: Annotated[int | None, Query(ge=1, le=10**6)] = None,
) -> Response:  # fmt: skip
    """The figure of so many days up to a day (today without one), the same as on the monitoring page, by the same code.

    `version`: refuses (409) where the formula has another version than the caller's system was made for.
    """
    business(who)
    span = days_of(port, until, period)
    found = await results.measured(port, who, code, span, by)
    if found is None:
        raise NotFound(errors.NO_INDICATOR, field="code")
    of = found.of
    if by and by not in results.divisions(of):
        raise Refused(errors.UNDIVIDED, field="by", rule="dimension")
    if version is not None and version != of.revision:
        raise Conflict(OTHER_VERSION.fill(now=of.revision, asked=version), field="version", rule="RESULT-VERSION", code="result_version")
    return reply({
        "code": of.code, "title": of.title.out(), "unit": of.unit.out(), "formula": of.formula.out(), "version": of.revision,
        "since": span[0].isoformat(), "until": span[1].isoformat(), "by": by, "own": found.own, "computed_at": stamp(now()),
        "facts": f"/api/monitoring/{of.code}/facts?until={span[1].isoformat()}&period={min(period, 92)}",
        "values": [_value(row) for row in found.rows],
    })  # fmt: skip


def days_of(port: Port, until: str, period: int) -> tuple[date, date]:
    """The first and the last day asked for, in the port's zone; Refused for what is no day or has not come."""
    today = now().astimezone(ZoneInfo(port.site.zone)).date()
    try:
        last = date.fromisoformat(until) if until else today
    except ValueError:
        raise Refused(errors.FUTURE, field="until", rule="day") from None
    if not date(1990, 1, 1) <= last <= today:
        raise Refused(errors.FUTURE, field="until", rule="day")
    return last - timedelta(days=period - 1), last


def _value(row: results.Row) -> dict[str, Any]:
    return {
        "source": row.source, "whose": row.whose.out(), "part": row.part, "said": row.said.out() if row.said else None,
        "value": row.value, "cases": row.cases, "simulated": row.simulated,
    }  # fmt: skip
