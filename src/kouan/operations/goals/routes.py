"""The door of goals: each port of entry with how its goals stand."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text
from kouan.operations.goals import service

router = APIRouter(prefix="/api/goals", tags=["operations.goals"], responses=RESPONSES)
NO_PORT = Text("没有这个口岸的画像", "There is no profile of that port")


class NamedOut(BaseModel):
    """A value of a closed set and what it is called."""

    value: str
    title: BothLanguages


class GoalOut(BaseModel):
    """A goal and how it stands. `value`: the indicator's figure over `days` days up to now; None where there is none."""

    title: BothLanguages
    horizon: str
    stage: BothLanguages
    indicator: str
    named: BothLanguages | None
    unit: BothLanguages | None
    digits: int
    version: int | None
    days: int
    way: NamedOut
    target: float
    due: date
    owner: str | None
    value: float | None
    status: Literal["reached", "underway", "late", "unmeasured", "closed"]
    status_title: BothLanguages
    simulated: bool
    whose: BothLanguages | None


class LeftOut(BaseModel):
    """A module that the port does not use, and why."""

    module: str
    title: BothLanguages
    why: BothLanguages


class PortOut(BaseModel):
    """A port of entry: what it is, how its goals stand, what it leaves out. `mine`: the caller's organisation works there."""

    id: str
    port: str
    name: BothLanguages
    mine: bool
    mode: NamedOut
    also: list[NamedOut]
    tier: NamedOut
    organisations: list[str]
    goals: list[GoalOut]
    count: dict[str, int]
    left_out: list[LeftOut]


class PortsOut(BaseModel):
    """All ports of entry that have a profile."""

    items: list[PortOut]


@router.get("", response_model=PortsOut, operation_id="goals", summary="Goals of the ports of entry")
async def goals(
    who: Caller, port: ThePort, code: Annotated[str, Query(max_length=10, pattern=r"^[A-Z0-9]*$")] = ""
) -> Response:
    """Each port's profile with how its dated goals stand now: reached, on the way, late, or not yet measured."""
    business(who)
    found = await service.boards(port, who, code)
    if code and not found:
        raise NotFound(NO_PORT, field="code")
    return reply({"items": found})
