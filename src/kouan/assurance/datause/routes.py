"""Doors of data security: the situation, the records that an account was shown, and who was shown a record."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from kouan.assurance.datause import service
from kouan.assurance.datause.doors import looked, only, span, watches
from kouan.kernel.clock import now
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import reply
from kouan.kernel.records import record_types
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/datause", tags=["assurance.datause"], responses=RESPONSES)
NO_TYPE = Text("没有这种记录类型", "There is no such record type")
Limit = Annotated[int, Query(ge=1, le=1000)]


class SituationOut(BaseModel):
    """What is watched, open alarms, reads (records shown, masked, restricted, denials), who reads most, routine checks."""

    at: str
    hours: int
    watched: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    reads: dict[str, int]
    readers: list[dict[str, Any]]
    denials: list[dict[str, Any]]
    checks: list[dict[str, Any]]


class TouchedOut(BaseModel):
    """Records by their number; `next` is the number to go on behind. `many`, with the first page: types of which a question in SQL went
    through too many to be listed, and how many at most."""

    items: list[dict[str, Any]]
    many: list[dict[str, Any]]
    next: str | None


class ReadersOut(BaseModel):
    """Who was shown a record, and when; `next` is what to go on before. `among`: as one of very many that a question went through."""

    items: list[dict[str, Any]]
    next: int | None


@router.get("/situation", response_model=SituationOut, operation_id="datause_situation", summary="Situation of data security")
async def situation(request: Request, who: Caller, port: ThePort, hours: Annotated[int, Query(ge=1, le=720)] = 24) -> Response:
    """The state of data security over the last hours."""
    only(who)
    await looked(port, request, who, "datause.situation", "")
    return reply(await service.situation(port, hours))


@router.get("/rows", response_model=TouchedOut, operation_id="datause_rows", summary="Records that an account was shown")
async def rows(
    request: Request, who: Caller, port: ThePort, account: Annotated[str, Query(min_length=1, max_length=120, pattern=r"^[^\x00]*$")],
    since: AwareDatetime, until: AwareDatetime | None = None, after: UUID | None = None, limit: Limit = 500,
) -> Response:  # fmt: skip
    """Each record once, by its number, with the doors at which it was shown and when."""
    only(who)
    begins, ends = span(since, until or now())
    await looked(port, request, who, "datause.rows", account)
    return reply(await service.touched(port, account, begins, ends, after, limit))


@router.get("/readers", response_model=ReadersOut, operation_id="datause_readers", summary="Who was shown a record")
async def readers(
    request: Request, who: Caller, port: ThePort, record: Annotated[str, Query(max_length=120)], id: UUID,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None, limit: Limit = 100,
) -> Response:  # fmt: skip
    """Accounts for those who watch over data; to the organisation that filed the record, the organisations that read it."""
    cls = next((one for one in record_types() if one.facts.name == record and one.facts.http), None)
    if cls is None:
        raise Refused(NO_TYPE, field="record", rule="record", code="record.unknown")
    watching = watches(who)
    if not watching:
        await service.own(port, who, cls, id)
    await looked(port, request, who, "datause.readers", f"{record}/{id}")
    return reply(await service.read_by(port, cls, id, before, limit, accounts=watching))
