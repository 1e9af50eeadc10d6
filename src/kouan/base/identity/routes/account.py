"""Accounts: made by the system administrator, given rights and ended by the security administrator."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from kouan.base.identity import errors
from kouan.base.identity.routes.shapes import (
    AccountPage,
    AccountShape,
    Grant,
    MadeAccount,
    MadeToken,
    NewAccount,
    NewToken,
    OneTime,
    Switch,
    TokenShape,
    problems,
)
from kouan.base.identity.routes.working import administrator
from kouan.base.identity.service import administration, doors, tokens
from kouan.base.identity.service.administration import Admin
from kouan.base.identity.service.directory import Caller
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/identity/accounts", tags=["identity"], route_class=doors.AuditedRoute)

System = Annotated[Admin, Depends(administrator("system-admin"))]
Security = Annotated[Admin, Depends(administrator("security-admin"))]
Either = Annotated[Admin, Depends(administrator("system-admin", "security-admin"))]
Calling = Annotated[Caller, Depends(doors.calling)]


def _after(cursor: str | None) -> tuple[int, str] | None:
    if cursor is None:
        return None
    org, _, name = cursor.partition("/")
    if not org.isascii() or not org.isdecimal() or len(org) > 9 or "\0" in name:
        raise errors.refused("after", "identity.cursor", Text("不是有效的游标", "Not a cursor of this list"))
    return int(org), name


@router.get("", responses=problems(401, 403, 404, 422))
async def list_accounts(
    admin: Either,
    org: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AccountPage:
    """Accounts within one's reach, by organisation and name."""
    found = await administration.list_accounts(admin, org, _after(after), limit)
    last = f"{found[-1].org}/{found[-1].name}" if len(found) == limit else None
    return AccountPage(items=[AccountShape.of(account) for account in found], next=last)


@router.post("", status_code=201, responses=problems(401, 403, 404, 409, 422))
async def make_account(body: NewAccount, admin: System) -> MadeAccount:
    """A new account without roles; a person's one-time password is shown this once."""
    made, password = await administration.make_account(admin, body.org, body.name, body.title.text(), body.kind)
    return MadeAccount(account=AccountShape.of(made), password=password)


@router.put("/{id}/roles", responses=problems(401, 403, 404, 422))
async def grant(id: UUID, body: Grant, admin: Security) -> AccountShape:
    """Replace roles and clearance of another's account; what it lost is gone at its next call."""
    return AccountShape.of(await administration.grant(admin, id, body.roles, body.clearance))


@router.put("/{id}/active", responses=problems(401, 403, 404, 422))
async def switch(id: UUID, body: Switch, admin: Either) -> AccountShape:
    """Switch another's account off (its sessions and tokens end) or on."""
    return AccountShape.of(await administration.switch(admin, id, active=body.active))


@router.post("/{id}/revoke", status_code=204, responses=problems(401, 403, 404))
async def revoke(id: UUID, admin: Security) -> None:
    """End all sessions and tokens of an account."""
    await administration.revoke(admin, id)


@router.post("/{id}/password", responses=problems(401, 403, 404, 422))
async def reset_password(id: UUID, admin: Security) -> OneTime:
    """A one-time password for a person who lost theirs."""
    return OneTime(password=await administration.reset_password(admin, id))


@router.delete("/{id}", status_code=204, responses=problems(401, 403, 404, 422))
async def erase(id: UUID, admin: Security) -> None:
    """Erase the person behind another's account for good."""
    await administration.erase(admin, id)


@router.get("/{id}/tokens", responses=problems(401, 403, 404))
async def account_tokens(id: UUID, who: Calling, request: Request) -> list[TokenShape]:
    """The tokens of an account, without secrets."""
    return [TokenShape.of(token) for token in await tokens.list_tokens(doors.directory_of(request), who, id)]


@router.post("/{id}/tokens", status_code=201, responses=problems(401, 403, 404, 422))
async def issue_for_service(id: UUID, body: NewToken, who: Calling, request: Request) -> MadeToken:
    """A token for a service account; its secret is shown this once."""
    order = tokens.Order(body.name, body.days, body.roles, body.scopes)
    directory = doors.directory_of(request)
    made, secret = await tokens.issue_for_service(directory, who, id, order, doors.request_id(request))
    return MadeToken(token=TokenShape.of(made), secret=secret)
