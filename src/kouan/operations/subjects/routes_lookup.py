"""The doors of the conveyance domain (运输工具业务域) and the logistics domain (物流业务域)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, StringConstraints
from starlette.responses import Response

from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.references import make
from kouan.operations.subjects import errors, lookup

router = APIRouter(prefix="/api/subjects", tags=["operations.subjects"], responses=RESPONSES)
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


class FactOut(BaseModel):
    """One thing that the papers say of a conveyance."""

    name: str
    title: BothLanguages
    value: str


class TripOut(BaseModel):
    """A call or journey as it was declared; `entered_at`: when it was told to have come, None while nobody has."""

    record: str
    id: UUID
    ref: str
    number: str | None
    direction: str | None
    port: str | None
    at: datetime | None
    entered_at: datetime | None
    last: str | None
    next: str | None
    state: str | None


class VisitOut(BaseModel):
    """A stay at a berth or anchorage as its positions show it."""

    ref: str
    id: UUID
    place: str | None
    arrived: datetime | None
    left: datetime | None
    simulated: bool


class ConveyanceOut(BaseModel):
    """A conveyance: identity, trips (the newest first), how many were declared, how often it came in. `more`: there are more."""

    ref: str
    mode: Literal["water", "air", "road", "rail"] | None
    identity: list[FactOut]
    declared: int
    entries: int
    more: bool
    trips: list[TripOut]
    visits: list[VisitOut]


class LastOut(BaseModel):
    """The last event that stands."""

    record: str
    id: UUID
    ref: str
    activity: str
    title: BothLanguages
    at: datetime
    place: str | None
    position: str | None


class PlannedOut(BaseModel):
    """A planned move that is still to come."""

    record: str
    id: UUID
    ref: str
    title: BothLanguages
    since: datetime | None
    until: datetime | None


class ContainerOut(BaseModel):
    """Where a container is, what happened to it last, what is planned next."""

    container: str
    where: Literal["aboard", "port", "away", "unknown"]
    whereabouts: BothLanguages
    last: LastOut | None
    next: PlannedOut | None
    planned: list[PlannedOut]
    events: int


@router.get("/conveyance", response_model=ConveyanceOut, operation_id="subject_conveyance", summary="A conveyance and its trips")
async def conveyance(who: Caller, port: ThePort, of: Annotated[Number, Query(examples=["9321483"])]) -> Response:
    """A ship by IMO number, a flight, train or vehicle by number: flag and identity, past calls, number of entries."""
    business(who)
    try:
        return reply(await lookup.conveyance(port, who, of))
    except ValueError:
        raise Refused(errors.NO_NUMBER, field="of", rule="reference") from None


@router.get("/container", response_model=ContainerOut, operation_id="subject_container", summary="Where a container is")
async def container(who: Caller, port: ThePort, of: Annotated[Number, Query(examples=["MSKU9070323"])]) -> Response:
    """The last event of a container, its place, and the next planned move."""
    business(who)
    try:
        ref = make("container", of.removeprefix("container:"))
    except ValueError:
        raise Refused(errors.NO_NUMBER, field="of", rule="reference") from None
    return reply(await lookup.container(port, who, ref))
