"""Signing in and out, and who one is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from kouan.base.identity import errors
from kouan.base.identity.routes.shapes import DemoAccount, DemoSignIn, Me, PasswordChange, SignIn, Title, problems
from kouan.base.identity.service import demo, doors, signin
from kouan.base.identity.service.cast import cast
from kouan.base.identity.service.directory import Caller
from kouan.kernel.text import Text

router = APIRouter(prefix="/api", tags=["session"], route_class=doors.AuditedRoute)


def _signed_in(request: Request, response: Response, opened: signin.Opened) -> Me:
    doors.give_session(response, request, opened.secret)
    response.headers["cache-control"] = "no-store"
    return Me.of(opened.caller, demo=doors.directory_of(request).settings.demo)


@router.post("/session", responses=problems(401, 403, 422, 503))
async def sign_in(body: SignIn, request: Request, response: Response) -> Me:
    """Sign in by organisation, name and password; sets the session's cookie."""
    doors.same_site(request)
    attempt = signin.Attempt(body.org, body.user, body.password, body.new_password)
    opened = await signin.sign_in(doors.directory_of(request), attempt, doors.request_id(request))
    return _signed_in(request, response, opened)


@router.delete("/session", status_code=204, responses=problems(401, 403))
async def sign_out(who: Annotated[Caller, Depends(doors.signed_in)], request: Request, response: Response) -> None:
    """End this session; a token is not changed by it."""
    await signin.sign_out(doors.directory_of(request), who, doors.request_id(request))
    doors.drop_session(response, request)


@router.put("/session/password", status_code=204, responses=problems(401, 403, 422))
async def change_password(
    body: PasswordChange, who: Annotated[Caller, Depends(doors.signed_in)], request: Request
) -> None:
    """Replace one's own password; ends one's other sessions."""
    if who.credential.kind != "session":
        raise errors.session_needed()
    directory = doors.directory_of(request)
    await signin.change_password(directory, who, body.password, body.new_password, doors.request_id(request))


@router.get("/me", responses=problems(401))
async def me(who: Annotated[Caller, Depends(doors.signed_in)], request: Request, response: Response) -> Me:
    """Who calls."""
    response.headers["cache-control"] = "no-store"
    return Me.of(who, demo=doors.directory_of(request).settings.demo)


def _demo_only(request: Request) -> None:
    if not doors.directory_of(request).settings.demo or not doors.by_loopback(request):
        raise errors.unknown(Text("演示登录", "demo sign-in"))


@router.get("/session/demo", responses=problems(404))
async def demo_accounts(request: Request) -> list[DemoAccount]:
    """The demo accounts; only in a demo data folder on loopback."""
    _demo_only(request)
    return [DemoAccount(org=one.part.slug, user=one.user, role=one.role, title=Title.of(one.title)) for one in cast()]


@router.post("/session/demo", responses=problems(403, 404, 422))
async def sign_in_demo(body: DemoSignIn, request: Request, response: Response) -> Me:
    """Sign in to a demo account without a password, by role or by name; only in a demo data folder on loopback."""
    _demo_only(request)
    doors.same_site(request)
    opened = await demo.sign_in_demo(doors.directory_of(request), body.org, body.user or body.role, doors.request_id(request))
    return _signed_in(request, response, opened)
