"""The doors of approval cases: decide, book, and what a case's process took and won."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.kernel.dated import Dated
from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply
from kouan.kernel.store.acting import MISSING
from kouan.supervision.process import service
from kouan.supervision.process.flow import timing
from kouan.supervision.process.records import KEY, Case

router = APIRouter(prefix="/api/processes", tags=["supervision.process"], responses=RESPONSES)
Key = Annotated[str, StringConstraints(pattern=KEY)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000, pattern=r"^[^\x00]*$")]


class DecisionIn(BaseModel):
    """An agency's decision on its step."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"step": "maritime", "outcome": "granted", "note": "as applied for"}}
    )
    step: Key
    outcome: Literal["granted", "refused"]
    note: Words = ""


class VisitIn(Dated):
    """When the applicant expects the agency on site."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"step": "portoffice", "at": "2026-11-23T02:00:00Z"}})
    step: Key
    at: AwareDatetime


class StepTimeOut(BaseModel):
    """A step of a case: seconds from its being ready to its decision; whether it decided how long the case took."""

    step: str
    agency: str
    ready_at: datetime | None
    decided_at: datetime | None
    seconds: float | None
    decisive: bool


class TimingOut(BaseModel):
    """What a case took, in seconds: elapsed from the application, its longest branch, all steps one after another, time won."""

    applied_at: datetime
    elapsed_seconds: float
    longest_branch_seconds: float
    serial_seconds: float
    won_seconds: float
    branch: list[str] = Field(description="the steps of the longest branch, in order")
    complete: bool
    steps: list[StepTimeOut]


@router.post("/cases/{id}/decide", response_model=ItemOut, operation_id="processes_decide")
async def decide(id: Annotated[UUID, Path()], asked: DecisionIn, who: Caller, port: ThePort) -> Response:
    """Decide a step of a case; the steps that waited for it become ready."""
    business(who)
    step = {"key": asked.step, "state": asked.outcome, "note": asked.note}
    await service.decide(port, who, str(id), step)
    return reply(await read_one(port, who, Case, id))


@router.post("/cases/{id}/visit", response_model=ItemOut, operation_id="processes_visit")
async def visit(id: Annotated[UUID, Path()], asked: VisitIn, who: Caller, port: ThePort) -> Response:
    """Book the visit that a step needs."""
    business(who)
    await service.book(port, who, str(id), asked.step, asked.at)
    return reply(await read_one(port, who, Case, id))


@router.get("/cases/{id}/timing", response_model=TimingOut, operation_id="processes_timing")
async def took(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """How long the decided steps took, beside each other and one after another."""
    business(who)
    kept = await port.get(who, Case.facts.name, id)
    if not isinstance(kept.data, Case):
        raise NotFound(MISSING)
    steps = kept.data.steps
    found = timing(steps, kept.filed_at)
    lines = [
        {
            "step": s.key, "agency": s.agency, "ready_at": s.ready_at, "decided_at": s.decided_at, "decisive": s.key in found.branch,
            "seconds": (s.decided_at - s.ready_at).total_seconds() if s.decided_at and s.ready_at else None,
        } for s in steps
    ]  # fmt: skip
    complete = bool(steps) and all(s.decided_at for s in steps)
    return reply({
        "applied_at": kept.filed_at, "elapsed_seconds": found.elapsed, "longest_branch_seconds": found.longest,
        "serial_seconds": found.serial, "won_seconds": found.won, "branch": list(found.branch), "complete": complete, "steps": lines,
    })  # fmt: skip
