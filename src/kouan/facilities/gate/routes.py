"""The doors of the gate: a vehicle is presented at a lane and hears the decision at once."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.facilities.gate import service
from kouan.facilities.gate.conductor import conductor_of
from kouan.facilities.gate.lanes import LaneNow, Pending
from kouan.facilities.gate.records import Device, Lane, Passage, VehicleType
from kouan.kernel.clock import stamp
from kouan.kernel.database import scope
from kouan.kernel.dated import Dated
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import ItemOut, business, reply, shown
from kouan.kernel.port import Port
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.ops import Filed

router = APIRouter(prefix="/api/gates", tags=["facilities.gate"], responses=RESPONSES)
Plate = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]*$")]
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[^\x00-\x1f]*$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
OPERATORS = ("terminal", "portoffice")
EXAMPLE: dict[str, Any] = {
    "vehicle": "鲁B12345",
    "trailer": "鲁B1234挂",
    "containers": ["MSKU9070323"],
    "direction": "out",
    "gross_kg": 31500,
    "seals": ["WH104432"],
}


class PassageIn(Dated):
    """What cameras, scale and readers of a lane report of a vehicle. Masses in kilograms, times with their zone."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})
    vehicle: Plate = Field(description="plate of the vehicle, Mainland, Hong Kong or Macao")
    vehicle_type: VehicleType | None = Field(default=None, description="what the camera takes the vehicle for")
    trailer: Plate | None = Field(default=None, description="plate of the trailer")
    containers: list[Plate] = Field(default=[], max_length=4, description="container numbers (ISO 6346)")
    direction: Literal["in", "out"]
    gross_kg: float | None = Field(default=None, ge=0, le=500_000, description="gross mass as weighed, kg")
    tare_kg: float | None = Field(default=None, ge=0, le=100_000, description="mass of the vehicle without load, kg")
    seals: list[Code] = Field(default=[], max_length=8)
    radiation: bool | None = Field(default=None, description="whether the radiation portal alarmed; leave out without a portal")
    radiation_cps: float | None = Field(default=None, ge=0, le=1e9, description="counts a second")
    driver: Code | None = Field(default=None, description="driver's document (kept as a keyed token)")
    driver_name: Name | None = Field(default=None, description="level 3: encrypted, masked by clearance")
    at: AwareDatetime | None = Field(default=None, description="when it happened; now unless stated")


class ReasonOut(BaseModel):
    """What one rule at the gate said."""

    rule: str
    met: bool
    reason: BothLanguages
    owner: str


class ReceiptName(BaseModel):
    """The signed receipt."""

    id: str


class PassageName(BaseModel):
    """The passage that was kept."""

    id: str
    ref: str


class DecisionOut(BaseModel):
    """The decision at the lane with the reasons of every rule that applies; `to`: where a diverted vehicle goes."""

    receipt: ReceiptName
    passage: PassageName
    decision: Literal["open", "divert", "refuse"]
    lane: str
    to: str | None
    business: str
    at: datetime
    reasons: list[ReasonOut]


class DeviceOut(BaseModel):
    """A device of a lane; `device` is empty for one that the lane should have and that was never heard."""

    kind: Device
    device: str
    alive: bool
    at: datetime | None


class CommandedOut(BaseModel):
    """The lane's last command, and which devices confirmed it."""

    barrier: str
    lamp: str
    display: BothLanguages
    sent: datetime
    confirmed: bool
    by: list[str]
    tries: int


class PendingOut(BaseModel):
    """A vehicle that waits for values which no device read: `missing` names their kinds, `read` what is known."""

    id: str
    since: datetime
    missing: list[Device]
    read: dict[str, Any]
    trouble: BothLanguages | None


class NowOut(BaseModel):
    """A lane at this moment; for the gate's own people. `counts`: messages by what was wrong with them."""

    devices: list[DeviceOut]
    queue: int
    pending: list[PendingOut]
    commanded: CommandedOut | None
    counts: dict[str, int]


class LaneOut(BaseModel):
    """A lane with its last passages, as the caller may see them; `now`: null for whoever is not of the gate."""

    code: str
    direction: Literal["in", "out"]
    name: BothLanguages
    place: str | None
    now: NowOut | None
    passages: list[ItemOut]


class LanesOut(BaseModel):
    """The lanes of the gate."""

    lanes: list[LaneOut]


@router.post("/{lane}/passages", response_model=DecisionOut, status_code=201, operation_id="gate_present")
async def present(
    lane: Annotated[str, Path(max_length=64)],
    stated: PassageIn,
    request: Request,
    who: Caller,
    port: ThePort,
    idempotency_key: Annotated[str, Header(max_length=128)] = "",
) -> Response:
    """Present a vehicle: it is let in, diverted or refused by all rules at the gate, and the passage is kept."""
    business(who)
    given = stated.model_dump(exclude_none=True)
    filed = await service.present(port, who, lane, given, body=await request.body(), key=idempotency_key)
    return reply(answer(filed), 201)


@router.get("", response_model=LanesOut, operation_id="gates")
async def lanes(who: Caller, port: ThePort, last: Annotated[int, Query(ge=0, le=20)] = 5) -> Response:
    """The lanes of the gate, each with its last passages that the caller may see."""
    business(who)
    out: list[dict[str, Any]] = []
    known = await service.lanes(port)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        for code, lane in sorted(known.items()):
            rows = await service.last_passages(conn, code, last) if last else []
            moment = _now(port, code, lane) if who.kind in OPERATORS else None
            out.append({**_lane(lane), "now": moment, "passages": await shown(port, who, Passage, rows, conn)})
    return reply({"lanes": out})


def _now(port: Port, code: str, lane: Lane) -> dict[str, Any] | None:
    """What this process knows of a lane's devices; None where it hears none."""
    conductor = conductor_of(port)
    if conductor is None:
        return None
    here = conductor.lanes.get(code) or LaneNow(code)
    return {
        "devices": here.devices(lane), "queue": len(here.visits.open) + len(here.pending),
        "pending": [_pending(one) for one in here.pending], "commanded": here.commanded.out() if here.commanded else None,
        "counts": dict(here.counts),
    }  # fmt: skip


def _pending(one: Pending) -> dict[str, Any]:
    read = {name: value for name, value in one.fused.stated().items() if name not in ("readings", "at")}
    return {"id": one.id, "since": stamp(one.since), "missing": list(one.missing), "read": read, "trouble": one.trouble}


def _lane(lane: Lane) -> dict[str, Any]:
    name = {"zh": lane.name_zh, "en": lane.name_en}
    return {"code": lane.code, "direction": lane.direction, "name": name, "place": lane.place}


def answer(filed: Filed) -> dict[str, Any]:
    """What a lane hears of a kept passage."""
    kept = filed.kept[0]
    passage = kept.data
    assert isinstance(passage, Passage)
    reasons = [
        {"rule": j.rule, "met": j.met, "reason": {"zh": j.zh, "en": j.en}, "owner": j.owner} for j in passage.judgements
    ]
    return {
        "receipt": {"id": filed.receipt},
        "passage": {"id": kept.id, "ref": kept.ref},
        "decision": passage.decision,
        "lane": passage.lane,
        "to": passage.to,
        "business": passage.business or "",
        "at": passage.at,
        "reasons": reasons,
    }
