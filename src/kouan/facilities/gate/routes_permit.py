"""The doors of offline permits: a booking's holder fetches one, lanes fetch key and list, and report what they did alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.facilities.gate import offline, permits
from kouan.facilities.gate.permit import OfflinePermit
from kouan.facilities.gate.records import Passage
from kouan.facilities.gate.routes import Plate
from kouan.facilities.gate.tokens import LONGEST
from kouan.kernel.clock import now, stamp
from kouan.kernel.dated import Dated
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import may_file

router = APIRouter(prefix="/api/gates", tags=["facilities.gate"], responses=RESPONSES)
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
EntryId = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_-]*$")]
Token = Annotated[str, StringConstraints(max_length=LONGEST, pattern=r"^[\x20-\x7e]*$")]
MOST_ENTRIES = 500


class PermitIn(BaseModel):
    """The booking, by its number or reference."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"booking": "BK-2611-001"}})
    booking: Number


class PermitOut(BaseModel):
    """A permit. `token`: what the lane reads as a QR code and verifies by the public key alone."""

    id: str
    number: str
    ref: str
    token: str
    vehicle: str
    containers: list[str]
    direction: Literal["in", "out"]
    opens: datetime
    closes: datetime


class KeysOut(BaseModel):
    """The public keys (Ed25519 or SM2, hex by name) and the signed list of permits revoked that are not past."""

    site: str
    at: datetime
    keys: dict[str, str]
    revoked: str


class EntryIn(Dated):
    """One line of a lane agent's log; `at` is when it happened, with its zone."""

    model_config = ConfigDict(extra="forbid")
    id: EntryId
    token: Token
    vehicle: Plate
    containers: list[Plate] = Field(default=[], max_length=4)
    direction: Literal["in", "out"]
    at: AwareDatetime
    decision: Literal["open", "refuse"]


class OfflineIn(BaseModel):
    """What a lane decided while the platform was away; told again, nothing is kept twice."""

    model_config = ConfigDict(extra="forbid")
    entries: list[EntryIn] = Field(min_length=1, max_length=MOST_ENTRIES)


class ContradictionOut(BaseModel):
    """What the records say against a passage that a lane decided alone."""

    rule: str
    reason: BothLanguages


class EntryOut(BaseModel):
    """What became of an entry: `kept`, `repeated` (known before) or `refused` with the reason."""

    id: str
    outcome: Literal["kept", "repeated", "refused"]
    ref: str
    contradictions: list[ContradictionOut]
    reason: BothLanguages | None


class OfflineOut(BaseModel):
    """Each entry's outcome, in order of event time."""

    entries: list[EntryOut]


@router.post("/permits", response_model=PermitOut, status_code=201, operation_id="gate_permit")
async def permit(asked: PermitIn, who: Caller, port: ThePort) -> Response:
    """Fetch the offline permit of an own booking; issued when the gate's rules hold now, the same one when asked again."""
    business(who)
    kept = await permits.issue(port, who, asked.booking)
    data = kept.data
    assert isinstance(data, OfflinePermit)
    shape = {
        "id": kept.id, "number": data.number, "ref": kept.ref, "token": data.token, "vehicle": data.vehicle,
        "containers": list(data.containers), "direction": data.direction, "opens": stamp(data.opens), "closes": stamp(data.closes),
    }  # fmt: skip
    return reply(shape, 201)


@router.get("/permits/keys", response_model=KeysOut, operation_id="gate_permit_keys")
async def keys(who: Caller, port: ThePort) -> Response:
    """What a lane caches for the time when the platform is away."""
    business(who)
    public = {name: key.hex() for name, key in (await permits.keys(port)).items()}
    return reply({"site": port.site.code, "at": stamp(now()), "keys": public, "revoked": await permits.revocations(port)})


@router.post("/{lane}/offline", response_model=OfflineOut, operation_id="gate_offline")
async def report(lane: Annotated[str, Path(max_length=64)], told: OfflineIn, who: Caller, port: ThePort) -> Response:
    """Reconcile a lane's log: each passage is kept at its own time, and what contradicts the records is flagged."""
    business(who)
    may_file(Passage, who)
    entries = [
        offline.Entry(one.id, one.token, one.vehicle, tuple(one.containers), one.direction, one.at, one.decision) for one in told.entries
    ]
    found = await offline.reconcile(port, who, lane, entries)
    return reply({"entries": [_shape(one) for one in found]})


def _shape(one: offline.Reconciled) -> dict[str, object]:
    return {
        "id": one.id, "outcome": "refused" if one.failure else "repeated" if one.repeated else "kept", "ref": one.ref,
        "contradictions": [{"rule": said.rule, "reason": {"zh": said.zh, "en": said.en}} for said in one.contradictions],
        "reason": one.failure.reason.out() if one.failure else None,
    }  # fmt: skip
