"""Deliveries on their way: lists without content, every hop of one, sending again, skipping."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.exchange.service import undelivered
from kouan.base.exchange.store.deliveries import Page
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(prefix="/api/deliveries", tags=["base.exchange"], responses=RESPONSES)
Box = Literal["in", "out", "both"]
State = Literal["undelivered", "", "waiting", "delivered", "answered", "dead", "skipped"]
DeliveryId = Annotated[UUID, Path()]


class LineOut(BaseModel):
    """One delivery. `away`: the receiver's system is away, so that it waits for the next probe; `error` is shown to the
    receiver alone; `yours`: whether the caller may send it again or skip it.
    """

    id: UUID
    connector: str
    org: str
    filer: str
    record: str
    record_id: UUID
    ref: str
    version: int
    what: str
    at: str
    state: str
    attempts: int
    away: bool
    next_try: str | None
    error: str | None
    yours: bool


class HopOut(BaseModel):
    """One hop: accepted, kept, queued, away, refused, dead, resent, skipped, delivered, answered. Equal failures in a row
    are one hop with `times`, from `at` to `last`.
    """

    hop: str
    title: BothLanguages
    at: str
    last: str
    times: int
    by: str
    why: str | None


class TrailOut(BaseModel):
    """A delivery and all its hops in order."""

    id: UUID
    event: UUID
    ref: str
    record: str
    version: int
    connector: str
    org: str
    filer: str
    state: str
    attempts: int
    hops: list[HopOut]


class NoteIn(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    note: str = Field(default="", max_length=undelivered.LONGEST, pattern=r"^[^\x00]*$")


class ResentOut(BaseModel):
    """How many dead letters are tried again, and how many were left because a later version was delivered since."""

    resent: int
    overtaken: int


@router.get("", response_model=list[LineOut], operation_id="deliveries", summary="Messages on their way")
async def listed(
    who: Caller,
    port: ThePort,
    box: Annotated[Box, Query(description="to the own organisation, from it, or both")] = "both",
    state: Annotated[State, Query()] = "undelivered",
    before: Annotated[UUID | None, Query(description="Continue behind this delivery")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Newest first; undelivered ones unless another state is asked for."""
    business(who)
    page = Page(box in ("in", "both"), box in ("out", "both"), state, before, limit)
    return reply(await undelivered.listed(port, who, page))


@router.get("/{id}/hops", response_model=TrailOut, operation_id="deliveries_hops", summary="Every hop of a message")
async def trail(id: DeliveryId, who: Caller, port: ThePort) -> Response:
    """From acceptance to the answer, for the organisation that gets it and the one that filed it."""
    business(who)
    return reply(await undelivered.trail(port, who, id))


@router.post("/resend", response_model=ResentOut, operation_id="deliveries_resend_dead", summary="Send dead letters again")
async def resend_dead(who: Caller, port: ThePort, asked: NoteIn | None = None) -> Response:
    """All dead letters of the own organisation, in their order."""
    business(who)
    sent, overtaken = await undelivered.resend_dead(port, who, (asked or NoteIn()).note)
    return reply({"resent": sent, "overtaken": overtaken})


@router.post(
    "/{id}/resend", status_code=204, response_class=Response, operation_id="deliveries_resend", summary="Send one again now"
)
async def resend(id: DeliveryId, who: Caller, port: ThePort, asked: NoteIn | None = None) -> Response:
    """One that waits or is dead is due now, under the same event. 409 when a later version was delivered since."""
    business(who)
    await undelivered.resend(port, who, id, (asked or NoteIn()).note)
    return Response(status_code=204)


@router.post("/{id}/skip", status_code=204, response_class=Response, operation_id="deliveries_skip", summary="Skip one")
async def skip(id: DeliveryId, asked: NoteIn, who: Caller, port: ThePort) -> Response:
    """It is not tried any more; the note says why."""
    business(who)
    await undelivered.skip(port, who, id, asked.note)
    return Response(status_code=204)
