"""One's own tokens and sessions."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from kouan.base.identity.routes.shapes import MadeToken, NewToken, SessionShape, TokenShape, problems
from kouan.base.identity.service import doors, tokens
from kouan.base.identity.service.directory import Caller

router = APIRouter(prefix="/api/identity", tags=["identity"], route_class=doors.AuditedRoute)
Calling = Annotated[Caller, Depends(doors.calling)]


@router.get("/tokens", responses=problems(401))
async def list_tokens(who: Calling, request: Request) -> list[TokenShape]:
    """One's own tokens, without secrets, newest first."""
    return [TokenShape.of(token) for token in await tokens.list_tokens(doors.directory_of(request), who)]


@router.post("/tokens", status_code=201, responses=problems(401, 403, 422))
async def issue_token(body: NewToken, who: Calling, request: Request) -> MadeToken:
    """A token for one's own account; its secret is shown this once. Needs a session: a token makes no tokens."""
    order = tokens.Order(body.name, body.days, body.roles, body.scopes)
    made, secret = await tokens.issue_own(doors.directory_of(request), who, order, doors.request_id(request))
    return MadeToken(token=TokenShape.of(made), secret=secret)


@router.delete("/tokens/{id}", status_code=204, responses=problems(401, 403, 404))
async def revoke_token(id: UUID, who: Calling, request: Request) -> None:
    """Revoke a token of one's own, or as security administrator any within reach; it ends at its next call."""
    await tokens.revoke_token(doors.directory_of(request), who, id, doors.request_id(request))


@router.get("/sessions", responses=problems(401))
async def list_sessions(who: Calling, request: Request) -> list[SessionShape]:
    """Where one is signed in."""
    return [SessionShape.of(session) for session in await tokens.list_sessions(doors.directory_of(request), who)]


@router.delete("/sessions/{id}", status_code=204, responses=problems(401, 403, 404))
async def end_session(id: UUID, who: Calling, request: Request) -> None:
    """Sign one of one's own sessions out."""
    await tokens.end_session(doors.directory_of(request), who, id, doors.request_id(request))
