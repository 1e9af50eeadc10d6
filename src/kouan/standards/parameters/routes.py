"""The doors of the parameter service: query, call, download, versions (HS/T 82 7.2.5 b) 1))."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.standards.parameters import service

router = APIRouter(prefix="/api/parameters", tags=["standards.parameters"], responses=RESPONSES)
SetName = Annotated[str, Path(alias="set", min_length=1, max_length=40, description="hs, currency, port …")]
At = Annotated[date | None, Query(description="the day, today at the port unless stated")]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SetsOut(BaseModel):
    """All code sets."""

    items: list[dict[str, Any]]


class PageOut(BaseModel):
    """Codes of a set on a day."""

    set: str
    title: dict[str, str]
    source: str
    edition: str
    version: str
    count: int
    at: str
    items: list[dict[str, Any]]
    next: str | None


class OneOut(BaseModel):
    """A code on a day: `verdict` is stands, expired or not_yet; the port's amendments of it beside."""

    set: str
    version: str
    at: str
    item: dict[str, Any]
    amendments: list[dict[str, Any]]


class VersionsOut(BaseModel):
    """The versions of a set, the oldest first."""

    set: str
    version: str
    versions: list[dict[str, Any]]


@router.get("", response_model=SetsOut, operation_id="parameter_sets", summary="Code sets")
async def sets(who: Caller, port: ThePort) -> Response:
    """The code sets with edition, version and number of codes."""
    business(who)
    return reply({"items": await service.overview(port, who)})


@router.get("/{set}", response_model=PageOut, operation_id="parameter_set", summary="Codes of a set on a day")
async def one_set(
    name: SetName, who: Caller, port: ThePort, at: At = None, q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=40)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 50,
    code: Annotated[list[Annotated[str, Query(max_length=40)]] | None, Query(max_length=100, description="only these codes")] = None,
) -> Response:  # fmt: skip
    """Codes that stand on a day, page by page; with `q` those whose code or name fits, best first, ended ones included.

    With `code` those codes as far as the set ever held them, each as it was `asked`: of a national commodity code the subheading
    to which it belongs.
    """
    business(who)
    if code:
        return reply(await service.some(port, who, name, code, at or service.today(port)))
    return reply(await service.listing(port, who, name, at or service.today(port), q, after, limit))


@router.get("/{set}/versions", response_model=VersionsOut, operation_id="parameter_versions", summary="Versions of a set")
async def versions(name: SetName, who: Caller, port: ThePort) -> Response:
    """The carried edition and every amendment since."""
    business(who)
    return reply(await service.versions(port, who, name))


@router.get("/{set}/download", response_model=None, operation_id="parameter_download", summary="A whole set on a day")
async def download(
    name: SetName, request: Request, who: Caller, port: ThePort,
    format: Annotated[Literal["csv", "json", "xlsx"], Query()] = "csv", at: At = None,
) -> Response:  # fmt: skip
    """The set as a file; its version stands in the file's name and as ETag."""
    business(who)
    day = at or service.today(port)
    own, version, rows = await service.table(port, who, name, day)
    etag = f'"{own.name}/{version}/{day}"'
    headers = {"ETag": etag, "Content-Disposition": f'attachment; filename="{own.name}-{day}.{format}"'}
    if request.headers.get("If-None-Match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(_written, request, format, rows), media_type=MEDIA[format], headers=headers)


@router.get("/{set}/{code}", response_model=OneOut, operation_id="parameter_code", summary="A code on a day")
async def one(
    name: SetName, code: Annotated[str, Path(min_length=1, max_length=40)], who: Caller, port: ThePort, at: At = None
) -> Response:
    """Whether a code stands on a day, since when and until when; 404 when the set never held it."""
    business(who)
    return reply(await service.one(port, who, name, code, at or service.today(port)))


def _written(request: Request, kind: str, rows: list[list[Any]]) -> bytes:
    if kind == "json":
        return orjson.dumps([dict(zip(service.COLUMNS, row, strict=True)) for row in rows])
    body: bytes = request.app.state.writers[kind](list(service.COLUMNS), rows)
    return body
