"""The doors of tags: the library of the auxiliary domain, and computing a tag on demand."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, read_one, reply
from kouan.operations.tags import service
from kouan.operations.tags.errors import not_an_author
from kouan.operations.tags.records import AUTHORS, Tag

router = APIRouter(prefix="/api/tags", tags=["operations.tags"], responses=RESPONSES)
Kind = Literal["", "indicator", "model", "tag"]


class EntryOut(BaseModel):
    """An indicator, data model (record type) or tag. `owner`: kinds of organisations, of a tag the organisation.

    `version`: of an indicator its revision, of a model the fingerprint of its fields, of a tag the record's version. `records`: how
    many records carry a tag, as far as the caller sees; None while it is not in force.
    """

    kind: Literal["indicator", "model", "tag"]
    code: str
    title: BothLanguages
    definition: BothLanguages
    formula: BothLanguages
    owner: list[str]
    version: str
    state: str | None
    computed_at: datetime | None
    records: int | None
    href: str


class LibraryOut(BaseModel):
    """The library."""

    items: list[EntryOut]


class RunOut(BaseModel):
    """What a computing came to: records that carry the tag, simulated ones among them, how many came and went."""

    at: datetime
    records: int
    simulated: int
    came: int
    went: int


@router.get("/library", response_model=LibraryOut, operation_id="tags_library", summary="Indicators, data models and tags")
async def library(who: Caller, port: ThePort, kind: Annotated[Kind, Query(description="only these")] = "") -> Response:
    """Definition, formula, owner and version of every indicator and data model, and of the tags that the caller may read."""
    business(who)
    return reply({"items": await service.library(port, who, kind)})


@router.post("/{id}/compute", response_model=RunOut, operation_id="tags_compute", summary="Compute a tag now")
async def compute(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """Find the tag's records anew, as the daily job does. Lists take `tag=<code>` in every record type's own list."""
    business(who)
    if who.kind not in AUTHORS or not who.writes:
        raise not_an_author()
    await read_one(port, who, Tag, id)
    return reply(await service.compute_now(port, id))
