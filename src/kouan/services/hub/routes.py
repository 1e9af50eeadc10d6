"""The door of the hub."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.services.hub import service

router = APIRouter(prefix="/api/hub", tags=["services.hub"], responses=RESPONSES)


class HubIn(BaseModel):
    """Which shipment, by any key in any spelling; empty for everything. It stands in no address, so that no log holds it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"ref": "container:MSKU9070323"}})
    ref: str = Field(default="", max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")


class DocumentOut(BaseModel):
    """A document of the shipment."""

    ref: str
    id: str
    title: BothLanguages
    state: BothLanguages | str | None


class FunctionOut(BaseModel):
    """One function: a page, or a record type with how many records the caller sees (an estimate where they are many)."""

    title: BothLanguages
    page: str | None
    record: str | None
    files: bool
    count: int | None
    records: list[DocumentOut]


class GroupOut(BaseModel):
    """One of the four groups."""

    name: str
    title: BothLanguages
    summary: BothLanguages
    functions: list[FunctionOut]


class SubjectOut(BaseModel):
    """The shipment that is looked at."""

    ref: str
    title: BothLanguages


class HubOut(BaseModel):
    """The hub as its caller may see it."""

    subject: SubjectOut | None
    groups: list[GroupOut]


@router.post("", response_model=HubOut, operation_id="hub")
async def hub(asked: HubIn, who: Caller, port: ThePort) -> Response:
    """The four groups of functions, over everything that the caller may see or over one shipment."""
    business(who)
    return reply(await service.hub(port, who, asked.ref.strip()))
