"""Signing in with an account of the single window (OpenID Connect).

The cookie that binds the answer to the browser must come back with a navigation from the provider's site and is
therefore SameSite=Lax. The session's cookie is Strict and would not be sent after a redirect from there; so the answer
is a small page of ours that goes on by itself, and what it opens is a call from our own site.
"""

from __future__ import annotations

import html
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from kouan.base.identity.routes.shapes import SingleSignOn, Title, problems
from kouan.base.identity.service import doors, federation
from kouan.base.identity.service.provider import Provider
from kouan.kernel.errors import Denied, Failure

router = APIRouter(prefix="/api/session/oidc", tags=["session"], route_class=doors.AuditedRoute)
COOKIE = "kouan_signin"
PATH = "/api/session/oidc"
_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_PAGES: dict[int | str, dict[str, Any]] = {
    status: {"content": {"text/html": {}}, "description": "A page that says why"} for status in (401, 403, 404, 503)
}
_PAGE = """<!doctype html><html lang="zh"><head><meta charset="utf-8">{refresh}<title>{title}</title></head>
<body><p>{zh}</p><p lang="en">{en}</p><p><a href="{to}">继续 / Continue</a></p></body></html>"""


def _provider(request: Request) -> Provider:
    directory = doors.directory_of(request)
    return federation.find_provider(directory, directory.providers)


def _page(status: int, zh: str, en: str, to: str, *, go: bool) -> HTMLResponse:
    target = html.escape(to, quote=True)
    refresh = f'<meta http-equiv="refresh" content="0;url={target}">' if go else ""
    body = _PAGE.format(refresh=refresh, title=html.escape(zh), zh=html.escape(zh), en=html.escape(en), to=target)
    return HTMLResponse(body, status, headers=_HEADERS)


@router.get("", responses=problems(404, 503))
async def offered(request: Request) -> SingleSignOn:
    """The single window's sign-in of this site; NotFound when it has none."""
    title = _provider(request).config.title
    return SingleSignOn(title=Title(zh=title.zh, en=title.en), href=f"{PATH}/start")


@router.get("/start", status_code=302, response_class=RedirectResponse, responses=problems(401, 404, 422, 503))
async def start(request: Request, following: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
    """Go to the single window to sign in; `next` is the page of ours to open afterwards."""
    party = _provider(request)
    begun = await federation.start(doors.directory_of(request), party, following)
    response = RedirectResponse(begun.address, 302, headers=_HEADERS)
    response.set_cookie(
        COOKIE,
        begun.secret,
        max_age=int(federation.LASTS.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/callback", response_class=HTMLResponse, responses=_PAGES)
async def callback(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Come back from the single window; opens the session and goes on to the page that was wanted."""
    directory, secret = doors.directory_of(request), request.cookies.get(COOKIE, "")
    number = doors.request_id(request)
    try:
        party = _provider(request)
        opened, following = await federation.finish(
            directory, party, secret=secret, state=state, code=code, request=number
        )
    except Failure as failure:
        if isinstance(failure, Denied):
            doors.note_denial(request, failure)
        response = _page(failure.status, failure.reason.zh, failure.reason.en, "/", go=False)
    else:
        response = _page(200, "已登录", "Signed in", following, go=True)
        doors.give_session(response, request, opened.secret)
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return response
