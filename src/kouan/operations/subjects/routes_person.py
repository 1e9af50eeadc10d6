"""The door of the person domain (人员业务域). A document never stands in an address: it is asked for in a body."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.operations.subjects import person as domain

router = APIRouter(prefix="/api/subjects", tags=["operations.subjects"], responses=RESPONSES)
PLAIN = r"^[^\x00-\x1f\x7f]*$"
Document = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120, pattern=PLAIN)]
Purpose = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)]


class PersonIn(BaseModel):
    """A document (kind/issuer/number), or the token that a masked answer gave. `full`: the whole record, for a stated purpose."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"document": "P/CN/E00000001", "full": True, "purpose": "核查离船未归船员"}}
    )
    document: Document
    full: bool = Field(default=False)
    purpose: Purpose = ""


class SaidOut(BaseModel):
    """One thing that the papers say of a person, its level, and whether it is masked."""

    name: str
    title: BothLanguages
    value: str
    level: int
    masked: bool


class PersonTripOut(BaseModel):
    """An entry or exit. `at`: when it was told to have happened, None while nobody has; `listed`: not removed from the list."""

    record: str
    id: UUID
    ref: str
    role: str | None
    listed: bool
    bags: int | None
    mode: Literal["water", "air", "rail", "road"] | None
    number: str | None
    name: str | None
    port: str | None
    direction: Literal["entry", "exit", "transit"] | None
    at: datetime | None
    planned: datetime | None


class ArticleOut(BaseModel):
    """An article that was declared for the person."""

    record: str
    id: UUID
    ref: str
    call: str | None
    article: str | None
    quantity: float | None
    unit: str | None


class AreaOut(BaseModel):
    """A passage of a restricted area."""

    record: str
    id: UUID
    ref: str
    direction: Literal["in", "out"] | None
    at: datetime | None
    area: str | None


class CountsOut(BaseModel):
    """How many; entries and exits that were told to have happened."""

    trips: int
    entries: int
    exits: int
    articles: int
    passages: int


class KindOut(BaseModel):
    """How many records of a type name the person."""

    record: str
    title: BothLanguages
    count: int


class PersonOut(BaseModel):
    """A person. `person`: the token that stands for the document everywhere; `more`: there are more records than were read."""

    person: str
    full: bool
    purpose: str | None
    identity: list[SaidOut]
    trips: list[PersonTripOut]
    articles: list[ArticleOut]
    passages: list[AreaOut]
    counts: CountsOut
    records: list[KindOut]
    more: bool


@router.post("/person", response_model=PersonOut, operation_id="subject_person", summary="A person by document")
async def person(asked: PersonIn, who: Caller, port: ThePort) -> Response:
    """Identity, entries and exits, carried articles, counts: masked, or in full for a purpose that is kept on the audit trail."""
    business(who)
    return reply(await domain.person(port, who, domain.Asked(asked.document, asked.full, asked.purpose)))
