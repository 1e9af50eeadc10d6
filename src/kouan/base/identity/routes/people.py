"""Whom records name by the number of an account: who approved, who entered, who let through."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from kouan.base.identity.records import AUTHORITIES
from kouan.base.identity.routes.shapes import Title, problems
from kouan.base.identity.service import doors
from kouan.base.identity.service.directory import Caller
from kouan.base.identity.store import accounts
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/identity", tags=["identity"], route_class=doors.AuditedRoute)
MOST = 100


class PersonShape(BaseModel):
    """An account by its title; to callers who may not know the person, by its organisation alone."""

    id: UUID
    org: str
    title: Title


@router.get("/people", responses=problems(401, 422))
async def people(
    who: Annotated[Caller, Depends(doors.calling)],
    request: Request,
    id: Annotated[list[UUID], Query(min_length=1, max_length=MOST, description="accounts, as records name them")],
) -> list[PersonShape]:
    """Titles of accounts. Colleagues and authorities are told the account's own, others that it is somebody of its organisation.

    An account that there is none of is left out.
    """
    directory = doors.directory_of(request)
    mine = who.principal
    orgs = {org.id: org for org in directory.orgs()}
    found = []
    for account in await accounts.several(directory.pool, id):
        org = orgs.get(account.org)
        if org is None:
            continue
        known = mine.kind in AUTHORITIES or account.org == mine.org
        theirs = account.title if known else Text(f"{org.title.zh}人员", f"Somebody of {org.title.en}")
        found.append(PersonShape(id=account.id, org=org.slug, title=Title.of(theirs)))
    return found
