"""The security audit, for audit administrators alone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from kouan.base.identity.routes.shapes import TrailEntry, TrailPage, problems
from kouan.base.identity.routes.working import administrator
from kouan.base.identity.service import administration, doors
from kouan.base.identity.service.administration import Admin
from kouan.base.identity.store.trail import Wanted

router = APIRouter(prefix="/api/identity", tags=["identity"], route_class=doors.AuditedRoute)
Word = Annotated[str | None, Query(max_length=300, pattern=r"^[^\x00]*$")]


def _wanted(
    after: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
    org: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    account: Word = None,
    action: Word = None,
    outcome: Literal["allowed", "denied"] | None = None,
    ref: Word = None,
    level: Annotated[int | None, Query(ge=1, le=4, description="this level or a higher one")] = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Wanted:
    return Wanted(after, org, account, action, outcome, ref, level, _kept(since), _kept(until))


def _kept(moment: datetime | None) -> datetime | None:
    # PostgreSQL's calendar is as wide as ours, but a zone may push the first and last days out of ours.
    return moment if moment is None or 1 < moment.year < 9999 else moment.replace(year=min(max(moment.year, 2), 9998))


@router.get("/audit", responses=problems(401, 403, 404, 422, 503))
async def read_trail(
    admin: Annotated[Admin, Depends(administrator("audit-admin"))],
    wanted: Annotated[Wanted, Depends(_wanted)],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> TrailPage:
    """Entries of the security audit, newest first; reading them is itself audited."""
    found = await administration.read_trail(admin, wanted, limit)
    items = [TrailEntry(**dict(row)) for row in found]
    return TrailPage(items=items, next=items[-1].id if len(items) == limit else None)
