"""The doors of joint inspection: call an agency to the goods, see the visits, enter what was found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply, shown
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.supervision.inspection import notices, service, store
from kouan.supervision.inspection.records import InspectionOrder, Outcome

router = APIRouter(prefix="/api/inspections", tags=["supervision.inspection"], responses=RESPONSES)
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00]*$")]
Agency = Literal["customs", "border", "maritime"]


class OrdersOut(BaseModel):
    """Inspection orders as the caller may see them."""

    items: list[ItemOut]


class PartyOut(BaseModel):
    """When a party had the notice: by its own system, or in its inbox. `seconds` from the order to then."""

    org: str
    title: dict[str, str]
    how: Literal["system", "inbox"]
    at: datetime
    seconds: float
    within: bool
    acknowledged: datetime | None
    tries: int
    trouble: str


class WhereOut(BaseModel):
    """Where a box of the visit is now."""

    container: str
    presence: str
    place: str | None
    position: str | None
    since: datetime | None


class MovedOut(BaseModel):
    """A move of a box of the visit. `seconds` from its being told to its being with customs."""

    container: str
    activity: str
    place: str | None
    position: str | None
    at: datetime
    told: datetime
    customs: datetime | None
    seconds: float | None
    within: bool


class NoticesOut(BaseModel):
    """The notices of a visit and the moves of its boxes, with their delays; `agreed_seconds` is what the parties agreed."""

    agreed_seconds: float
    issued: datetime
    parties: list[PartyOut]
    boxes: list[WhereOut]
    moves: list[MovedOut]


class TargetIn(BaseModel):
    """The goods, by their declaration or by a container, and why an agency wants to see them."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"container": "MSKU9070323", "agency": "maritime", "reason": "dangerous goods not declared"}
        },
    )
    declaration: Line = Field(default="", description="reference or declarant's number")
    container: Line = Field(default="", description="container number, in any spelling")
    agency: Agency | None = Field(default=None, description="the caller's own unless it is customs")
    reason: Line = ""


class FindingIn(BaseModel):
    """What one agency found, and the class that it gives the goods."""

    model_config = ConfigDict(extra="forbid")
    agency: Agency
    outcome: Outcome
    note: Words = ""


class FindingsIn(BaseModel):
    """The results of one visit: an agency's own, or all of them entered by customs in the officers' presence."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"findings": [{"agency": "customs", "outcome": "release", "note": "as declared"}]}
        },
    )
    findings: list[FindingIn] = Field(min_length=1, max_length=3)


@router.get("", response_model=OrdersOut, operation_id="inspections")
async def listing(
    who: Caller,
    port: ThePort,
    state: Annotated[Literal["open", "all"], Query()] = "open",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """The visits that wait for somebody (oldest first), or the newest of all."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await (store.open_orders if state == "open" else store.newest_orders)(conn, limit)
        return reply({"items": await shown(port, who, InspectionOrder, rows, conn)})


@router.post("/target", response_model=ItemOut, operation_id="inspections_target")
async def target(asked: TargetIn, who: Caller, port: ThePort) -> Response:
    """Target goods for an agency: it joins the open visit, or one visit is planned for all agencies concerned."""
    business(who)
    order = await service.target(
        port,
        who,
        declaration=asked.declaration,
        container=asked.container,
        agency=asked.agency or "",
        reason=asked.reason,
    )
    return reply(await read_one(port, who, InspectionOrder, UUID(order.id)))


@router.get("/{id}/notices", response_model=NoticesOut, operation_id="inspections_notices")
async def told(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """How fast the visit was known: each party's notice, where its boxes are, and their moves with the delay to customs."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        order = await reading.one(conn, InspectionOrder, id)
    if order is None:
        raise NotFound(MISSING)
    return reply(await notices.notices(port, who, order))


@router.post("/{id}/findings", response_model=ItemOut, operation_id="inspections_findings")
async def findings(id: Annotated[UUID, Path()], asked: FindingsIn, who: Caller, port: ThePort) -> Response:
    """Enter the results of a visit; the worst class decides when all agencies concerned have entered."""
    business(who)
    given: list[dict[str, Any]] = [finding.model_dump() for finding in asked.findings]
    order = await service.enter(port, who, id, given)
    return reply(await read_one(port, who, InspectionOrder, UUID(order.id)))
