"""The doors of the gate's people: enter what no device read, let a vehicle through against the judgement."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.facilities.gate import service
from kouan.facilities.gate.conductor import Conductor, conductor_of
from kouan.facilities.gate.records import Passage
from kouan.facilities.gate.routes import Code, DecisionOut, Plate, answer
from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply
from kouan.kernel.port import Port
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/gates", tags=["facilities.gate"], responses=RESPONSES)
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
LaneCode = Annotated[str, Path(max_length=64)]
NOT_WAITING = Text("该车道没有这辆待补录的车", "No such vehicle waits at this lane")
ENTERED = {"vehicle": "plate", "containers": "container", "gross_kg": "scale", "seals": "seal", "driver": "card"}


class EnteredIn(BaseModel):
    """What the operator read of a vehicle where devices were silent; what is left out was not to be read."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"vehicle": "鲁B12345"}})
    vehicle: Plate | None = None
    containers: list[Plate] | None = Field(default=None, max_length=4)
    gross_kg: float | None = Field(default=None, ge=0, le=500_000)
    seals: list[Code] | None = Field(default=None, max_length=8)
    driver: Code | None = None


class OverrideIn(BaseModel):
    """Why a vehicle is let through. `step`: `override`; at a radiation alarm `ask`, then `confirm` by another person."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"step": "override", "reason": "plate read by hand, booking checked"}}
    )
    step: Literal["override", "ask", "confirm", "withdraw"] = "override"
    reason: Reason = ""


@router.post("/{lane}/pending/{id}", response_model=DecisionOut, status_code=201, operation_id="gate_complete")
async def complete(
    lane: LaneCode, id: Annotated[str, Path(max_length=64)], entered: EnteredIn, request: Request, who: Caller, port: ThePort
) -> Response:
    """Enter what a silent device did not read: the vehicle is judged with it, and the passage says what was entered by hand."""
    business(who)
    conductor, code = conductor_of(port), lane.strip().lower()
    here = conductor.lanes.get(code) if conductor else None
    waits = next((one for one in here.pending if one.id == id), None) if here else None
    if here is None or waits is None:
        raise NotFound(NOT_WAITING, field="id", code="not_waiting")
    given = {name: value for name, value in entered.model_dump().items() if value not in (None, [])}
    stated = {**waits.fused.stated(), "vehicle": waits.fused.vehicle or "?", **given}
    stated |= {"entered": [ENTERED[name] for name in given], "silent": list(waits.missing)}
    known = (await service.lanes(port)).get(code)
    stated["direction"] = known.direction if known else "in"
    filed = await service.present(port, who, code, stated, body=await request.body(), key=f"pending/{id}")
    if waits in here.pending:
        here.pending.remove(waits)
    _show(port, conductor, filed.kept[0])
    return reply(answer(filed), 201)


@router.post("/passages/{id}/override", response_model=ItemOut, operation_id="gate_override")
async def override(id: Annotated[UUID, Path()], asked: OverrideIn, who: Caller, port: ThePort) -> Response:
    """Let a vehicle through against the judgement, with a reason; what was judged stays beside it. The barrier is told."""
    business(who)
    changes: dict[str, Any] = {"override_reason": asked.reason} if asked.step in ("override", "ask") else {}
    kept = await port.act(who, Passage.facts.name, id, asked.step, changes=changes)
    if asked.step in ("override", "confirm"):
        _show(port, conductor_of(port), kept)
    return reply(await read_one(port, who, Passage, id))


def _show(port: Port, conductor: Conductor | None, kept: Any) -> None:
    if conductor is not None:
        conductor.show(kept)
