"""The doors of shared data: what is shared with me, its records, and what was read under a grant."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.grant import service, store
from kouan.base.grant.records import Grant
from kouan.base.identity.api import request_id
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Denied
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.reads import list_query
from kouan.kernel.http.records import business, read_one, reply

router = APIRouter(tags=["base.grant"], responses=RESPONSES)
RESERVED = frozenset({"grantor", "after", "limit", "sort", "format"})
TypeName = Annotated[str, Path(max_length=120, examples=["base.declaration.declaration"])]


class SharedItemOut(BaseModel):
    """A shared record, as far as the grants reach under which it is read. `ref` and `state`: none outside them."""

    id: UUID
    record: str
    ref: str | None
    version: int
    state: str | None
    filed_at: str
    filed_by: str
    updated_at: str
    data: dict[str, Any]
    masked: list[str]
    grants: list[str]


class SharedOut(BaseModel):
    """A page of shared records, the newest first; `next` is the cursor of the following one."""

    items: list[SharedItemOut]
    next: str | None


class MineOut(BaseModel):
    """The grants in force of the caller's organisation."""

    items: list[dict[str, Any]]


class UsesOut(BaseModel):
    """What the audit says was read under a grant, newest first."""

    items: list[dict[str, Any]]
    next: int | None


@router.get("/api/shared", response_model=MineOut, operation_id="shared_with_me", summary="What is shared with me")
async def with_me(who: Caller, port: ThePort) -> Response:
    """The grants that the caller's organisation holds now, each with the door at which it reads (500 at most)."""
    business(who)
    return reply({"items": await service.mine(port, who)})


@router.get("/api/shared/{record}", response_model=SharedOut, operation_id="shared_list", summary="Shared records")
async def listing(
    record: TypeName, request: Request, who: Caller, port: ThePort,
    grantor: Annotated[str, Query(max_length=60, description="only what this organisation shares (its short name)")] = "",
    after: Annotated[str, Query(max_length=400)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:  # fmt: skip
    """Records of a type that others share with the caller; filters as in the type's list, by fields that are shared."""
    business(who)
    cls = service.type_named(record)
    where = {name: text for name, text in list_query(cls, request, who, "", after, limit).where.items() if name not in RESERVED}
    asked = service.Asked(where, grantor.removeprefix("org:"), after, limit)
    try:
        return reply(await service.page(port, who, cls, asked, request_id(request)))
    except Denied:
        request.state.denial_noted = True  # The service wrote it into the audit with the record type that was asked for.
        raise


@router.get("/api/shared/{record}/{id}", response_model=SharedItemOut, operation_id="shared_read", summary="A shared record")
async def reading(record: TypeName, id: Annotated[UUID, Path()], request: Request, who: Caller, port: ThePort) -> Response:
    """One record that others share with the caller."""
    business(who)
    cls = service.type_named(record)
    try:
        return reply(await service.one(port, who, cls, id, request_id(request)))
    except Denied:
        request.state.denial_noted = True
        raise


@router.get("/api/grants/{id}/uses", response_model=UsesOut, operation_id="grant_uses", summary="Use of a grant")
async def uses(
    id: Annotated[UUID, Path()], who: Caller, port: ThePort,
    after: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None, limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """When what was read under a grant, for its owner and its user."""
    business(who)
    grant = await read_one(port, who, Grant, id)
    rows = await store.uses(port.pool, grant["ref"], after, limit)
    items = [
        {"id": row["id"], "at": stamp(row["at"]), "by": port.orgs.slug(row["org"]), "level": row["level"], "what": row["reason"]}
        for row in rows
    ]
    return reply({"items": items, "next": rows[-1]["id"] if len(rows) == limit else None})
