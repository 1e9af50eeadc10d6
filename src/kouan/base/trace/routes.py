"""One key in any spelling: everything about it that the caller may know. References travel in bodies, not in addresses."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.base.trace import service
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply

router = APIRouter(tags=["base.trace"], responses=RESPONSES)
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class TraceIn(BaseModel):
    """A typed reference (`container:MSKU9070323`) or free text: number, name, plate, receipt."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"ref": "MSKU 907032-3"}})
    ref: Key


class CardOut(BaseModel):
    """The face of the thing traced: what it is, its state, since when, by whom, what next, until when."""

    kind: str
    title: BothLanguages
    state: BothLanguages | None
    record: str | None
    since: str | None
    by: str | None
    next: BothLanguages | None
    until: str | None


class DocumentOut(BaseModel):
    """A document as the caller may see it; `links` are the references in it."""

    ref: str
    record: str
    id: str
    title: BothLanguages
    state: str
    tracks: dict[str, Any]
    at: str
    by: str
    data: dict[str, Any]
    masked: list[str]
    receipt: str
    links: list[str]


class EventOut(BaseModel):
    """Something that happened: `at` when, `recorded_at` when it was accepted; `late` when told over 15 minutes after."""

    at: str
    recorded_at: str
    kind: str
    title: BothLanguages
    ref: str
    record: str
    place: str | None
    by: str
    late: bool


class OwnerOut(BaseModel):
    """Whose it is."""

    org: str
    title: BothLanguages


class MissingOut(BaseModel):
    """An unmet condition, its owner and its deadline."""

    rule: str
    reason: BothLanguages
    owner: OwnerOut
    deadline: str | None
    record: str
    ref: str
    since: str


class TraceOut(BaseModel):
    """Everything about one key that the caller may know."""

    ref: str
    card: CardOut
    documents: list[DocumentOut]
    events: list[EventOut]
    missing: list[MissingOut]


class HitOut(BaseModel):
    """Something that the typed text may mean."""

    ref: str
    title: BothLanguages
    record: str
    state: str | None


class HitsOut(BaseModel):
    """What the typed text may mean, the likeliest first."""

    hits: list[HitOut] = Field(max_length=service.HITS)


@router.post("/api/trace", response_model=TraceOut, operation_id="trace")
async def trace(asked: TraceIn, who: Caller, port: ThePort) -> Response:
    """Follow a box, bill, declaration, ship, truck, order or receipt, and learn why it is not released."""
    business(who)
    return reply(await service.trace(port, who, asked.ref))


@router.get("/api/search", response_model=HitsOut, operation_id="search")
async def search(who: Caller, port: ThePort, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """What a few typed characters may mean."""
    business(who)
    text = "".join(char for char in q if char.isprintable()).strip()
    return reply({"hits": await service.search(port, who, text) if text else []})
