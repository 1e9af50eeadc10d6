"""problem+json (RFC 9457) for every failure, in both languages, with a number that support can find."""

from __future__ import annotations

import logging
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kouan.kernel.database import GONE
from kouan.kernel.errors import Denied, Failure, Problem, Unavailable
from kouan.kernel.ids import uuid7
from kouan.kernel.room import refusal
from kouan.kernel.text import Text

log = logging.getLogger(__name__)
MEDIA = "application/problem+json"
FAULT = Text("平台内部故障，已记录；未受理", "A fault of the platform; it is logged and nothing was accepted")
AWAY = Text("数据库暂不可用，请稍后重试", "The database is away; try again shortly")
SHAPE = Text("请求的结构不符合接口说明", "The request is not of the shape that this door takes")
PATHS = Text("没有这个地址或方法", "There is no such address or method")


class BothLanguages(BaseModel):
    """A sentence in Chinese and English."""

    zh: str
    en: str


class ProblemOut(BaseModel):
    """What went wrong, at which field, by which rule, and why."""

    type: str
    title: str
    status: int
    code: str
    field: str
    rule: str
    reason: BothLanguages
    instance: str
    problems: list[dict[str, Any]] = []


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}}
    for status, text in {
        400: "Unreadable request",
        401: "Not signed in",
        403: "Not entitled",
        404: "Not found",
        409: "Conflict",
        413: "Too large",
        422: "Refused",
        503: "Not now; see Retry-After",
    }.items()
}


def answer(failure: Failure, request: Request | None = None) -> Response:
    """The HTTP answer of a failure; `instance` is the request's number, which logs and audit carry too."""
    number = getattr(request.state, "request_id", "") if request else ""
    body = {**failure.out(), "instance": f"urn:uuid:{number or uuid7()}"}
    headers = {"Retry-After": str(failure.retry_after)} if failure.retry_after is not None else {}
    if failure.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status_code=failure.status, media_type=MEDIA, headers=headers)


class _Shape(Failure):
    status, code = 422, "shape"


class _Plain(Failure):
    code = "http"


async def _failure(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, Failure)
    if isinstance(failure, Denied) and (note := getattr(request.app.state, "note_denial", None)):
        note(request, failure)
    return answer(failure, request)


async def _shape(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems = [
        Problem(
            f"shape.{e['type']}",
            ".".join(str(p) for p in e["loc"]),
            str(e["type"]),
            Text(SHAPE.zh, str(e["msg"]).replace("Input", "The value")),
        )
        for e in error.errors()[:100]
    ]
    return answer(_Shape(SHAPE, problems=problems), request)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    failure = _Plain(PATHS if error.status_code in (404, 405) else SHAPE, code=f"http.{error.status_code}")
    failure.status = error.status_code
    response = answer(failure, request)
    response.headers.update(error.headers or {})
    return response


async def _away(request: Request, error: Exception) -> Response:
    log.warning("the database is away: %s", type(error).__name__)
    return answer(Unavailable(AWAY, retry_after=2), request)


async def _full(request: Request, _error: Exception) -> Response:
    log.error("the database is out of room")
    return answer(refusal(), request)


async def _fault(request: Request, error: Exception) -> Response:
    failure = Failure(FAULT, code="fault")
    failure.status = 500
    response = answer(failure, request)
    # The route's pattern, not the address: an address may carry an identifier.
    route = getattr(request.scope.get("route"), "path", "")
    log.error("fault %s at %s %s", getattr(request.state, "request_id", ""), request.method, route, exc_info=error)
    return response


def install(app: FastAPI) -> None:
    """Answer every failure of an app as problem+json."""
    app.add_exception_handler(Failure, _failure)
    app.add_exception_handler(RequestValidationError, _shape)
    app.add_exception_handler(HTTPException, _http)
    for gone in GONE:
        app.add_exception_handler(gone, _away)
    app.add_exception_handler(asyncpg.DiskFullError, _full)
    app.add_exception_handler(Exception, _fault)
