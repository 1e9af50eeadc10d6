"""The families of the base with their counts."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.province import service
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.province"], responses=RESPONSES)


class LineOut(BaseModel):
    """A record type of a family. `about`: `count` is an estimate (of more than 100,000); `readable`: rows in the caller's
    scope, counted up to 100,000."""

    name: str
    title: BothLanguages
    count: int
    about: bool
    readable: int
    door: str


class FamilyOut(BaseModel):
    """One family of the basic database (HS/T 82 7.2.1 a) to g))."""

    family: str
    clause: str
    title: BothLanguages
    count: int
    readable: int
    records: list[LineOut]


class FamiliesOut(BaseModel):
    """All seven, in the standard's order."""

    items: list[FamilyOut]


@router.get("/api/base/families", response_model=FamiliesOut, operation_id="base_families", summary="Families of the basic database")
async def families(who: Caller, port: ThePort) -> Response:
    """How many records the base holds, and how many of them the caller may read."""
    business(who)
    return reply({"items": await service.families(port, who)})
