"""FastAPI dependencies: who calls, and whether by a way that is safe.

A bearer token counts before a cookie. A change by cookie carries the session's CSRF token, which is derived from the
session's secret and so needs no storage. No secret is ever taken from a URL.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response, Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from kouan.base.identity import errors
from kouan.base.identity.service.credential import Credential, session_credential, token_credential
from kouan.base.identity.service.directory import SESSION_LASTS, Caller, Directory
from kouan.kernel.audit import Entry
from kouan.kernel.errors import Denied, NotSignedIn, Unavailable
from kouan.kernel.meters import measured
from kouan.kernel.principal import Principal

COOKIE = "kouan_session"
CSRF_HEADER = "X-CSRF-Token"
RECORDS = "/api/records/"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{20,200}")

_log = logging.getLogger(__name__)
_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="An API token")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="A signed-in browser")


def credential_of(request: HTTPConnection) -> Credential | None:
    """What a call shows of itself, or None; NotSignedIn for an Authorization header that is no bearer token."""
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer" or not _TOKEN.fullmatch(secret.strip()):
            raise errors.no_longer_valid()
        return token_credential(secret.strip(), directory_of(request).suite)
    secret = request.cookies.get(COOKIE, "")
    return session_credential(secret, directory_of(request).suite) if _TOKEN.fullmatch(secret) else None


def directory_of(request: HTTPConnection) -> Directory:
    """The directory of the application."""
    found: Directory = request.app.state.directory
    return found


def bearer(request: HTTPConnection, text: str) -> Credential | None:
    """What a token amounts to that came in a message, where no header could carry it; None when it cannot be one."""
    return token_credential(text, directory_of(request).suite) if _TOKEN.fullmatch(text) else None


async def _resolve(request: Request, credential: Credential) -> Caller:
    async with measured("identity"):
        known = await directory_of(request).resolve(credential)
    request.state.caller = known
    if credential.kind == "session" and request.method not in SAFE:
        stated = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(stated.encode(), credential.csrf.encode()):
            raise errors.csrf()
    return known


async def signed_in(
    request: Request,
    _token: Annotated[Any, Security(_bearer)] = None,
    _session: Annotated[Any, Security(_cookie)] = None,
) -> Caller:
    """Who calls, also without any role; NotSignedIn without credentials that hold, Denied for a forged change."""
    credential = credential_of(request)
    if credential is None:
        raise errors.not_signed_in()
    return await _resolve(request, credential)


async def calling(
    request: Request,
    _token: Annotated[Any, Security(_bearer)] = None,
    _session: Annotated[Any, Security(_cookie)] = None,
) -> Caller:
    """Who calls, with name and credential.

    NotSignedIn without credentials that hold; Denied for an account without any role, whose access has ended with its
    last one, for a change by cookie without CSRF token, and for a token at a door outside its scopes.
    """
    who = await signed_in(request)
    if not who.principal.roles:
        raise errors.no_role()
    if who.principal.scopes:
        route = request.scope.get("route")
        names = _named(getattr(route, "path", ""), getattr(route, "tags", None) or ())
        if not covered(who.principal.scopes, names, reads=request.method in SAFE or request.url.path.endswith("/search")):
            raise errors.out_of_scope()
    return who


def covered(scopes: Iterable[str], names: Collection[str], *, reads: bool) -> bool:
    """Whether a token's scopes let it through a door. `names`: the record type or module of the door; `reads`: it changes nothing.

    A scope is a board, module or record type; behind a colon `read` (look and search) or `write` (all else), without one both.
    """
    wanted = ("", "read" if reads else "write")
    stated = (scope.partition(":") for scope in scopes)
    return any(verb in wanted and any(f"{name}.".startswith(f"{of}.") for name in names) for of, _, verb in stated)


def _named(path: str, tags: Iterable[Any]) -> set[str]:
    parts = path.removeprefix(RECORDS).split("/") if path.startswith(RECORDS) else []
    return {".".join(parts[:3])} if len(parts) >= 3 else {str(tag) for tag in tags}


async def caller(who: Annotated[Caller, Depends(calling)]) -> Principal:
    """Who calls, as the kernel knows it; fails as `calling` does."""
    return who.principal


async def optional(request: Request) -> Principal | None:
    """Who calls, or None without credentials or with a session that has ended. A bad token fails as in `calling`."""
    credential = credential_of(request)
    if credential is None:
        return None
    try:
        return (await calling(request)).principal
    except NotSignedIn:
        if credential.kind == "token":
            raise
        return None


def holding(*roles: str) -> Callable[[Principal], Awaitable[Principal]]:
    """A dependency: the caller, who must hold one of these roles (Denied otherwise)."""

    async def held(who: Annotated[Principal, Depends(caller)]) -> Principal:
        if not who.roles.intersection(roles):
            raise errors.role_needed(roles)
        return who

    return held


def request_id(request: Request) -> str:
    """The number that the application gave to this call, or an empty text."""
    return str(getattr(request.state, "request_id", ""))


def note_denial(request: Request, failure: Denied) -> None:
    """Put a denial into the audit, once a call. It stays a denial when the audit takes nothing, and the log says so."""
    if getattr(request.state, "denial_noted", False):
        return
    request.state.denial_noted = True
    who: Caller | None = getattr(request.state, "caller", None)
    route = getattr(request.scope.get("route"), "path", "")
    number = request.path_params.get("id", "")
    entry = Entry.of(
        who.principal if who else None, f"{request.method} {route}", "denied", ref=str(number), reason=failure.code,
        request=request_id(request),
    )  # fmt: skip
    try:
        directory_of(request).audit.offer(entry)
    except Unavailable:
        _log.error("a denial at %s could not be audited", route)


class AuditedRoute(APIRoute):
    """A route whose denials are audited. Use it as `route_class` of a router."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with the audit around it."""
        inner = super().get_route_handler()

        async def audited(request: Request) -> Response:
            try:
                return await inner(request)
            except Denied as failure:
                note_denial(request, failure)
                raise

        return audited


def same_site(request: HTTPConnection) -> None:
    """Refuse a call without credentials of its own (a sign-in, a WebSocket) that another site's page sent."""
    origin = request.headers.get("origin")
    strange = origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")
    if strange or request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise errors.other_origin()


def by_loopback(request: Request) -> bool:
    """Whether a call names this machine as its host, so that no foreign name that points here reaches the demo."""
    return request.url.hostname in LOOPBACK


def give_session(response: Response, request: Request, secret: str) -> None:
    """Set the session's cookie."""
    response.set_cookie(
        COOKIE, secret, max_age=int(SESSION_LASTS.total_seconds()), path="/", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip


def drop_session(response: Response, request: Request) -> None:
    """Take the session's cookie back."""
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=request.url.scheme == "https")
