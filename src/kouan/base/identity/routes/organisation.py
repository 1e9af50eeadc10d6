"""Organisations, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from kouan.base.identity.routes.shapes import NewOrganisation, OrganisationChange, OrganisationShape, problems
from kouan.base.identity.routes.working import administrator
from kouan.base.identity.service import administration, doors
from kouan.base.identity.service.administration import Admin
from kouan.kernel.principal import ADMINS

router = APIRouter(prefix="/api/identity", tags=["identity"], route_class=doors.AuditedRoute)
OrgNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/organisations", responses=problems(401, 403))
async def list_organisations(
    admin: Annotated[Admin, Depends(administrator(*ADMINS))],
) -> list[OrganisationShape]:
    """The organisations that one administers, by number."""
    known = admin.directory.orgs()
    return [OrganisationShape.of(org) for org in known if admin.reach in (None, org.id)]


@router.post("/organisations", status_code=201, responses=problems(401, 403, 409, 422))
async def make_organisation(
    body: NewOrganisation, admin: Annotated[Admin, Depends(administrator("system-admin"))]
) -> OrganisationShape:
    """A new organisation, with the service account that its automation acts under."""
    made = await administration.make_organisation(admin, body.slug, body.kind, body.title.text(), body.code)
    return OrganisationShape.of(made)


@router.patch("/organisations/{id}", responses=problems(401, 403, 404, 409, 422))
async def change_organisation(
    id: OrgNumber,
    body: OrganisationChange,
    admin: Annotated[Admin, Depends(administrator("system-admin"))],
) -> OrganisationShape:
    """Change an organisation; one switched off loses the access of all its accounts at their next call."""
    title = body.title.text() if body.title else None
    changed = await administration.change_organisation(admin, id, title=title, code=body.code, active=body.active)
    return OrganisationShape.of(changed)
