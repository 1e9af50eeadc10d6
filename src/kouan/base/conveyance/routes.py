"""Doors over all modes: the list of conveyances, and the persons on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.responses import Response

from kouan.base.conveyance import service
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, reply

router = APIRouter(prefix="/api/conveyances", tags=["base.conveyance"], responses=RESPONSES)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]
Moment = Annotated[datetime | None, Query(description="ISO 8601 with zone")]


class ConveyanceOut(BaseModel):
    """A ship's call or another conveyance; `at`: when it is expected at the port. Nothing stands for what one may not see."""

    ref: str
    record: str
    id: str
    mode: str | None
    direction: str | None
    number: str | None
    name: str | None
    port: str | None
    at: str | None
    last: str | None
    next: str | None
    crew: int | None
    passengers: int | None
    state: str


class ConveyancesOut(BaseModel):
    """Conveyances of all modes."""

    items: list[ConveyanceOut]


class PersonsIn(BaseModel):
    """Whom to look for: by document number, booking, or all on one conveyance (a reference of a call or conveyance)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"document": "E00000001"}})
    document: Number = ""
    booking: Number = ""
    on: Line = Field(default="", description="portcall:… or conveyance:…")

    @model_validator(mode="after")
    def _something(self) -> PersonsIn:
        if not (self.document or self.booking or self.on):
            raise ValueError("document, booking or on")
        return self


class PersonsOut(BaseModel):
    """Persons, masked by the caller's clearance; at most 200 of each kind of record."""

    items: list[ItemOut]


@router.get("", response_model=ConveyancesOut, operation_id="conveyances")
async def listing(
    who: Caller,
    port: ThePort,
    mode: Annotated[Literal["", "sea", "air", "rail", "road"], Query()] = "",
    direction: Annotated[Literal["", "entry", "exit", "transit"], Query()] = "",
    since: Moment = None,
    until: Moment = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:
    """Ships, aircraft, trains and vehicles in one list, by the time at which they are expected."""
    business(who)
    asked = service.Asked(mode, direction, _text(since), _text(until), limit)
    return reply({"items": await service.conveyances(port, who, asked)})


@router.post("/persons", response_model=PersonsOut, operation_id="conveyances_persons")
async def persons(asked: PersonsIn, who: Caller, port: ThePort) -> Response:
    """Crew and passengers of every mode by document number, booking or conveyance; the look-up is on the audit trail."""
    business(who)
    found: list[dict[str, Any]] = await service.persons(
        port, who, document=asked.document, booking=asked.booking, on=asked.on
    )
    return reply({"items": found})


def _text(at: datetime | None) -> str:
    return at.astimezone().isoformat() if at else ""
