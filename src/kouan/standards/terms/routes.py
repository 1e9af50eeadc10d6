"""The doors of terms: search, one term, the classification, and all of it as a file (HS/T 82 12.2)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import reply
from kouan.kernel.text import Text
from kouan.standards.clauses import api as clauses
from kouan.standards.codes import api as codes
from kouan.standards.terms import store
from kouan.standards.terms.model import SOURCE

router = APIRouter(tags=["standards.terms"], responses=RESPONSES)
NO_TERM = Text("没有这个术语", "There is no such term")


class TermsOut(BaseModel):
    """Terms that fit, best first, and how many there are in all."""

    items: list[dict[str, Any]]
    found: int
    total: int


class TermOut(BaseModel):
    """A term with its definition, source clause, standards, and the terms beside it."""

    id: str
    category: str
    name: dict[str, str]
    definition: dict[str, str]
    source: dict[str, str]
    standards: list[str]
    related: list[dict[str, Any]]


class ClassesOut(BaseModel):
    """The classification: boards of the standard with their topics and number of terms; the code lists that are carried."""

    standard: str
    boards: list[dict[str, Any]]
    codes: list[dict[str, Any]]


@router.get("/api/terms", response_model=TermsOut, operation_id="terms", summary="Search terms")
async def terms(
    who: Caller,
    q: Annotated[str, Query(max_length=200, description="in either language")] = "",
    category: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Response:
    """Terms by name, identifier, standard or definition, in Chinese or English; all of them without a text."""
    found = store.find(q, category)
    return reply({"items": [term.out() for term in found[:limit]], "found": len(found), "total": len(store.terms())})


@router.get("/api/terms/{id}", response_model=TermOut, operation_id="term", summary="One term")
async def term(id: Annotated[str, Path(min_length=1, max_length=80)], who: Caller) -> Response:
    """A term by its identifier, or by its exact name in either language."""
    known = store.terms()
    wanted = id.strip().casefold()
    found = known.get(wanted) or next((t for t in known.values() if wanted in (t.name.zh.casefold(), t.name.en.casefold())), None)
    if found is None:
        raise NotFound(NO_TERM, field="id", rule="term", code="term_unknown")
    beside = [{"id": other, "name": known[other].name.out()} for other in found.related if other in known]
    return reply({**found.out(), "related": beside})


@router.get("/api/classification", response_model=ClassesOut, operation_id="classification", summary="Classification of the standard")
async def classification(who: Caller) -> Response:
    """Boards and topics after figure 1 of the standard, with the number of terms of each board, and the code lists."""
    return reply({
        "standard": SOURCE,
        "boards": [
            {
                "id": board,
                "terms": len(store.find("", board)),
                "topics": [{"clause": topic.clause, "title": topic.title.out()} for topic in clauses.topics(board)],
            }
            for board in clauses.BOARDS
        ],
        "codes": [
            {"list": one.name, "title": one.title.out(), "edition": one.edition, "source": one.source, "count": one.count}
            for one in codes.lists()
        ],
    })  # fmt: skip
