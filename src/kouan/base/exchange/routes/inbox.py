"""The inbox of an organisation and the once-only meter."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.exchange import errors
from kouan.base.exchange.service import inbox
from kouan.base.exchange.service import meter as metering
from kouan.base.receipt.api import Code
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text

router = APIRouter(tags=["base.exchange"], responses=RESPONSES)
State = Literal["", "waiting", "delivered", "answered"]


class AnswerReceipt(BaseModel):
    """One of the organisation's own answers about what it was told."""

    id: UUID
    code: str
    at: str
    reference: str
    title: BothLanguages
    reason: dict[str, str | None]


class DeliveryOut(BaseModel):
    """What the organisation was told, in its own part.

    `asks`: whether it owes an answer. `dead`: its system refused it; it is answered here or retried.
    """

    id: UUID
    record: str
    record_id: UUID
    ref: str
    version: int
    connector: str
    at: str
    state: str
    dead: bool
    attempts: int
    next_try: str | None
    error: str | None
    reference: str | None
    data: dict[str, Any]
    masked: list[str]
    asks: bool
    receipts: list[AnswerReceipt]


class Reason(BaseModel):
    """A reason in both languages."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    zh: str = Field(min_length=1, max_length=400)
    en: str = Field(min_length=1, max_length=400)


class AnswerIn(BaseModel):
    """An answer by hand."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    code: Code
    reason: Reason | Annotated[str, Field(max_length=400)] | None = None


class AnsweredOut(BaseModel):
    """The receipt of the answer."""

    receipt: dict[str, UUID]
    ref: str


class MeterOut(BaseModel):
    """Port calls with what was typed and what each party was told, and the totals."""

    calls: list[dict[str, Any]]
    totals: dict[str, Any]


@router.get("/api/inbox", response_model=list[DeliveryOut], summary="What this organisation was told")
async def listed(
    who: Caller,
    port: ThePort,
    state: Annotated[State, Query()] = "",
    before: Annotated[UUID | None, Query(description="Continue behind this delivery")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    asking: Annotated[bool, Query(description="Only what still waits for an answer of the organisation")] = False,
) -> Response:
    """Deliveries to the caller's organisation, newest first, each in its own part."""
    business(who)
    return reply(await inbox.listed(port, who, inbox.Look(state, before, limit, asking)))


@router.post(
    "/api/inbox/{id}/answer", status_code=201, response_model=AnsweredOut, summary="Answer a delivery by hand"
)
async def answer(
    id: Annotated[UUID, Path()],
    asked: AnswerIn,
    request: Request,
    who: Caller,
    port: ThePort,
    idempotency_key: Annotated[str | None, Header(description="1 to 128 printable ASCII characters")] = None,
) -> Response:
    """Files the organisation's answer about what the delivery told."""
    business(who)
    key = errors.checked_key(idempotency_key)
    said = inbox.Answer(asked.code, _reason(asked.reason), await request.body(), key)
    filed = await inbox.answer(port, who, id, said)
    return reply({"receipt": {"id": filed.receipt}, "ref": filed.kept[0].ref}, 201)


def _reason(given: Reason | str | None) -> Text | None:
    if isinstance(given, Reason):
        return Text(given.zh, given.en)
    return Text(given, given) if given else None


@router.post("/api/inbox/{id}/retry", status_code=204, response_class=Response, summary="Try a delivery again now")
async def retry(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """A dead letter, or one that waits for its next try, is due now."""
    business(who)
    await inbox.retry(port, who, id)
    return Response(status_code=204)


@router.get("/api/meter", response_model=MeterOut, summary="The once-only meter")
async def meter(who: Caller, port: ThePort) -> Response:
    """For each port call: fields typed once against fields that five parties were told (W04)."""
    business(who)
    return reply(await metering.meter(port, who))
