"""The doors of the catalogue: search, an entry, its samples, an application for it; editions of data elements; DCAT."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.base.catalogue import dcat, service, store
from kouan.base.grant.api import Grant
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply

router = APIRouter(prefix="/api/catalogue", tags=["base.catalogue"], responses=RESPONSES)
EntryId = Annotated[
    str, Path(min_length=1, max_length=160, pattern=r"^[a-z]+:[A-Za-z0-9._:-]+$", examples=["record:base.declaration.declaration"])
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]
Kind = Literal["", "record", "signal", "indicator", "codes", "dataset", "element"]


class FoundOut(BaseModel):
    """Entries that fit, best first. `found`: how many do; of very many, so many as were put in order."""

    items: list[dict[str, Any]]
    found: int
    more: bool


class EntryOut(BaseModel):
    """An entry: titles, meaning, owner, level, fields, lineage, freshness, quality, doors."""

    model_config = ConfigDict(extra="allow")
    id: str
    kind: str
    name: str
    title: dict[str, str]
    summary: dict[str, str]
    owner: list[str]
    level: int
    applied_for: bool


class SamplesOut(BaseModel):
    """The newest few records as the caller may see them."""

    items: list[ItemOut]


class ElementOut(BaseModel):
    """A published edition of a data element, its other editions, and the tables that hold it."""

    id: UUID
    code: str
    state: str
    edition: int
    definition: dict[str, Any]
    editions: list[dict[str, Any]]
    lineage: dict[str, Any]


class ConditionIn(BaseModel):
    """A condition that narrows what is applied for, written as lists are filtered."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(max_length=80)]
    value: Line


class ApplyIn(BaseModel):
    """What the data are wanted for, which of them, until when. `grantor`: whose (short name), where several own them."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"purpose": "credit check", "valid_until": "2027-01-31T16:00:00Z"}}
    )
    purpose: Annotated[Line, Field(min_length=2)]
    valid_until: AwareDatetime
    valid_from: AwareDatetime | None = None
    grantor: Annotated[str, Field(max_length=60, pattern=r"^[a-z0-9-]*$")] = ""
    where: Annotated[list[ConditionIn], Field(max_length=20)] = []
    shows: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=200)] = []


@router.get("", response_model=FoundOut, operation_id="catalogue", summary="Search the catalogue")
async def search(
    who: Caller, port: ThePort,
    q: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="words in Chinese or English")] = "",
    kind: Annotated[Kind, Query(description="only entries of this kind")] = "",
    skip: Annotated[int, Query(ge=0, le=store.FOUND)] = 0, limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:  # fmt: skip
    """Entries by title, meaning, field or unit, in Chinese (any part) or English (beginnings of words); all without a text."""
    business(who)
    return reply(await service.find(port, q, kind, skip, limit))


@router.get("/dcat", operation_id="catalogue_dcat", summary="The catalogue as DCAT", response_class=Response)
async def as_dcat(
    request: Request, who: Caller, port: ThePort,
    after: Annotated[str, Query(max_length=160, pattern=r"^[^\x00]*$")] = "", limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Response:  # fmt: skip
    """Entries as JSON-LD; the header `Link` leads to those that follow."""
    business(who)
    await service.sync(port)
    async with port.pool.acquire() as conn:
        rows = await store.after(conn, after, limit)
    base = str(request.base_url).rstrip("/")
    headers = {}
    if len(rows) == limit:
        headers["Link"] = f'<{request.url.include_query_params(after=rows[-1]["id"])}>; rel="next"'
    body = orjson.dumps(dcat.catalog(base, rows, port.site.code))
    return Response(body, media_type=dcat.MEDIA, headers=headers)


@router.get("/entries/{id}", response_model=EntryOut, operation_id="catalogue_entry", summary="An entry of the catalogue")
async def entry(id: EntryId, who: Caller, port: ThePort) -> Response:
    """All that is known of an entry. That records exist is told to everyone; what they hold, to their readers alone."""
    business(who)
    return reply(await service.entry(port, who, id))


@router.get("/entries/{id}/samples", response_model=SamplesOut, operation_id="catalogue_samples", summary="Samples")
async def samples(id: EntryId, who: Caller, port: ThePort) -> Response:
    """The newest few records of a type, as the caller may see them in its list; none where there is none to see."""
    business(who)
    return reply({"items": await service.samples(port, who, id)})


@router.post("/entries/{id}/apply", response_model=ItemOut, status_code=201, operation_id="catalogue_apply", summary="Apply for data")
async def apply(id: EntryId, asked: ApplyIn, who: Caller, port: ThePort) -> Response:
    """Apply to the owner for leave to read; the owner approves, and the data are read at `/api/shared/…`."""
    business(who)
    said = asked.model_dump()
    said |= {name: _moment(said[name]) for name in ("valid_from", "valid_until")}
    made = await service.apply(port, who, id, said)
    return reply(await read_one(port, who, Grant, UUID(made)), 201)


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@router.get("/elements/{code}", response_model=ElementOut, operation_id="catalogue_element", summary="A data element")
async def element(
    code: Annotated[str, Path(max_length=60, pattern=r"^[A-Za-z0-9._-]+$")], who: Caller, port: ThePort,
    edition: Annotated[int, Query(ge=0, le=1_000_000, description="0: the latest")] = 0,
) -> Response:  # fmt: skip
    """A published edition of a data element with its lineage; an edition stays readable when the next is published."""
    business(who)
    return reply(await service.element(port, who, code, edition))
