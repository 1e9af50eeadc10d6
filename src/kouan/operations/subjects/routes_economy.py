"""The door of the port economy domain (口岸经济业务域)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.clock import local, now
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.operations.subjects import economy as domain
from kouan.operations.subjects import errors
from kouan.operations.subjects.service import BEGIN, span_of

router = APIRouter(prefix="/api/subjects", tags=["operations.subjects"], responses=RESPONSES)
Day = Annotated[str, Query(max_length=10, pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
DAYS, LONGEST = 365, 3660


class AmountOut(BaseModel):
    """A value in one currency; `?` where none is stated."""

    currency: str
    amount: float


class SumOut(BaseModel):
    """What some goods come to. `traders`: firms with a code, of a city those that are registered there."""

    declarations: int
    traders: int
    gross_kg: float
    values: list[AmountOut]


class IndustryOut(SumOut):
    """A section of the Harmonized System; a declaration counts in each section of which it has goods."""

    code: str
    title: BothLanguages


class CityOut(SumOut):
    """A city by the first four digits of GB/T 2260, a province with `?` where the city is not known, "" for no known place."""

    code: str
    title: BothLanguages
    lon: float | None
    lat: float | None
    known: bool


class SizeOut(BaseModel):
    """How many traders had so many declarations."""

    code: str
    title: BothLanguages
    traders: int


class WayOut(BaseModel):
    """A direction of trade."""

    way: str
    title: BothLanguages


class EconomyOut(BaseModel):
    """The port's economy of a time. `whole`: whether the caller sees every declaration; `source`: of the cities, and `cities`
    where all of that list lie (longitude, latitude); `simulated`: out of a demo folder's declarations."""

    since: date
    until: date
    way: str
    total: SumOut
    whole: bool
    directions: list[WayOut]
    industries: list[IndustryOut]
    hinterland: list[CityOut]
    sizes: list[SizeOut]
    source: BothLanguages
    cities: list[tuple[float, float]]
    simulated: bool


@router.get("/economy", response_model=EconomyOut, operation_id="subject_economy", summary="Industries and hinterland of the port")
async def economy(
    who: Caller, port: ThePort, since: Day = "", until: Day = "",
    way: Annotated[Literal["", "import", "export", "other"], Query(description="one direction of trade")] = "",
) -> Response:  # fmt: skip
    """Industry split, sizes of traders and hinterland by city of the days from `since` to `until` (the last year), from declarations."""
    business(who)
    try:
        last = date.fromisoformat(until) if until else date.fromisoformat(local(now(), port.site.zone)[:10])
        first = date.fromisoformat(since) if since else last - timedelta(days=DAYS - 1)
        if not BEGIN <= first <= last <= date(9998, 1, 1) or (last - first).days > LONGEST:
            raise ValueError(first)
    except (ValueError, OverflowError):
        raise Refused(errors.NO_DAY, field="since", rule="day") from None
    asked = domain.Asked(span_of(port, first)[0], span_of(port, last)[1], way)
    found = await domain.economy(port, who, asked)
    return reply({"since": first.isoformat(), "until": last.isoformat(), "way": way, **found})
