"""GET /api/receipts/{id} and its proof."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.receipt import service
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.receipt"], responses=RESPONSES)


class LedgerOut(BaseModel):
    """Where the receipt stands in the ledger: pending (a second or two), included, or refused at the door; and by which suite of
    algorithms the ledger is hashed and signed."""

    index: int | None
    status: str
    suite: str


class ReceiptOut(BaseModel):
    """What was filed, by whom, when."""

    id: UUID
    at: str
    record: str
    ref: str
    format: str
    org: str
    ledger: LedgerOut
    records: list[dict[str, Any]]


class StepOut(BaseModel):
    """One link of the chain: who said what, when, and why."""

    seq: int
    at: str
    code: str
    agency: str
    title: BothLanguages
    reason: BothLanguages | None
    ref: str
    status: str


class ChainOut(BaseModel):
    """A receipt and its chain in order."""

    receipt: ReceiptOut
    chain: list[StepOut]


@router.get("/api/receipts/{id}", response_model=ChainOut, summary="A receipt and its chain")
async def one(
    id: Annotated[UUID, Path()],
    who: Caller,
    port: ThePort,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="Replay from behind this step")] = 0,
) -> Response:
    """Submission, answers and steps in the order of the ledger."""
    business(who)
    return reply(await service.receipt(port, who, id, after))


@router.get("/api/receipts/{id}/proof", response_model=dict[str, Any], summary="The proof of a receipt")
async def proof(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """A proof that a stranger verifies offline (`kouan verify`); 503 with Retry-After while the ledger has not taken
    the receipt up."""
    business(who)
    return reply(await service.proof(port, who, id))
