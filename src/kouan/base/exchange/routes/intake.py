"""POST /api/intake/{format}, the sender's quarantine, and samples to download."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kouan.base.exchange import errors
from kouan.base.exchange.routes.answers import in_edifact, language_of
from kouan.base.exchange.service import answering, quarantine, samples
from kouan.base.exchange.service.intake import Asked, answer, format_of, take_in
from kouan.kernel.errors import Conflict, Failure, Refused
from kouan.kernel.formats import MOST_BYTES
from kouan.kernel.http.deps import Caller, ThePort, caller, the_port
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import Port
from kouan.kernel.text import Text

MOST_FORMAT, MOST_RECORD = 32, 120
HOOK = "intake:"
"""Doors of signals: the process keeps who takes a format's bodies under this name and the format's."""
GONE = Text("发送方在报文发完之前断开", "The sender went away before the body was complete")
Stream = Callable[[Any, bytes], Any | Awaitable[Any]]


router = APIRouter(tags=["base.exchange"], responses=RESPONSES)


class ReceiptId(BaseModel):
    """The signed receipt; see /api/receipts/{id}."""

    id: UUID


class TakenRecord(BaseModel):
    """A record that a body became."""

    ref: str
    record: str
    id: UUID
    warnings: list[dict[str, Any]]


class TakenOut(BaseModel):
    """One submission, accepted."""

    receipt: ReceiptId
    records: list[TakenRecord]


class AcceptedPart(BaseModel):
    """A part of a batch that was accepted."""

    index: int
    receipt: ReceiptId
    ref: str
    warnings: list[dict[str, Any]]


class RefusedPart(BaseModel):
    """A part of a batch that was refused, and why."""

    index: int
    code: str
    field: str
    rule: str
    reason: BothLanguages
    position: str
    problems: list[dict[str, Any]]


class BatchOut(BaseModel):
    """A batch, answered part by part; `kept` names the copy in the sender's quarantine when a part was refused."""

    accepted: list[AcceptedPart]
    refused: list[RefusedPart]
    kept: UUID | None = None


class HeldOut(BaseModel):
    """A refused body in quarantine; `erased`: its content was destroyed, since it told of an erased person."""

    id: UUID
    at: str
    format: str
    size: int
    problem: dict[str, Any]
    expires: str
    erased: bool


class QuarantineOut(BaseModel):
    """The sender's quarantine, newest first."""

    items: list[HeldOut]


class SampleOut(BaseModel):
    """A sample message to download."""

    name: str
    format: str
    record: str
    title: BothLanguages
    href: str


_BODY = {
    "requestBody": {
        "required": True,
        "description": "The message as it is, at most 16 MiB",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/api/intake/{format}", status_code=201, response_model=TakenOut, openapi_extra=_BODY,
    responses={
        200: {"model": BatchOut, "description": "A batch, part by part"},
        201: {"content": {answering.MEDIA: {}}, "description": "Accepted; what came as EDIFACT is answered by CONTRL and APERAK"},
    },
    summary="File a message: edifact, wco-dec, imo-fal, csv, xlsx or json; send signals: nmea, readings, positions",
)  # fmt: skip
async def intake(
    request: Request,
    format: Annotated[str, Path(max_length=MOST_FORMAT)],
    who: Caller,
    port: ThePort,
    record: Annotated[str, Query(max_length=MOST_RECORD, description="board.module.record, for csv, xlsx and json")] = "",
    idempotency_key: Annotated[str | None, Header(description="1 to 128 printable ASCII characters")] = None,
) -> Response:
    """Accepted is durable, signed and provable; refused says why and keeps a copy for the sender.

    What is sent as EDIFACT is answered by CONTRL and APERAK, unless `Accept` prefers application/json.
    """
    business(who)
    stream: Stream | None = port.extras.get(f"{HOOK}{format}")
    if stream is None:
        format_of(format)
    key = errors.checked_key(idempotency_key)
    body = await read_body(request)
    if stream is not None:
        found = stream(who, body)
        return reply(await found if inspect.isawaitable(found) else found)
    asked = Asked(who, format, body, record, key)
    if format == answering.CODE:
        return await _in_edifact(port, asked, request.headers)
    status, out = answer(await take_in(port, asked))
    return reply(out, status)


async def _in_edifact(port: Port, asked: Asked, headers: Headers) -> Response:
    """An interchange is answered by CONTRL and APERAK, which are kept whatever the sender asked for."""
    own, language = in_edifact(headers, asked.body), language_of(headers.get("accept-language", ""))
    try:
        taken = await take_in(port, asked)
    except (Refused, Conflict) as failure:
        said = await answering.answered(port, asked, failure, language)
        if said is None or not own:
            raise
        return Response(said, status_code=failure.status, media_type=answering.MEDIA)
    said = await answering.answered(port, asked, taken, language)
    status, out = answer(taken)
    if said is None or not own:
        return reply(out, status)
    return Response(said, status_code=status, media_type=answering.MEDIA)


class Straight:
    """The door by which most comes in, without the layers that find out what a route wants: this one's wants are known.

    A call that those layers would refuse is left to them, and so are failures: to whoever answers all failures.
    """

    def __init__(self) -> None:
        self._usual = next(route for route in router.routes if isinstance(route, APIRoute) and route.endpoint is intake)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One message."""
        request = Request(scope, receive)
        format, record = request.path_params["format"], request.query_params.get("record", "")
        if len(format) > MOST_FORMAT or len(record) > MOST_RECORD:
            await self._usual.app(scope, receive, send)
            return
        scope["route"] = self._usual
        key = request.headers.get("idempotency-key")
        response = await intake(request, format, await caller(request), await the_port(request), record, key)
        await response(scope, receive, send)

    def route(self) -> Route:
        """Its place among the routes of an application: before all others."""
        return Route(self._usual.path, self, methods=["POST"], include_in_schema=False)


async def read_body(request: Request) -> bytes:
    """The raw body. TooLarge as soon as it is known to be over the limit, before the rest is read."""
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise errors.encoded(encoding)
    stated = request.headers.get("content-length", "0")
    if stated.isdecimal() and int(stated) > MOST_BYTES:
        raise errors.too_large()
    parts: list[bytes] = []
    size = 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MOST_BYTES:
                raise errors.too_large()
            parts.append(part)
    except ClientDisconnect:
        raise Failure(GONE, code="body.cut_off") from None
    return b"".join(parts)


@router.get("/api/intake/quarantine", response_model=QuarantineOut, summary="Refused bodies of this organisation")
async def held(who: Caller, port: ThePort) -> Response:
    """What was refused and is kept for its sender, newest first."""
    business(who)
    return reply({"items": await quarantine.held(port, who)})


@router.get(
    "/api/intake/quarantine/{id}/body", response_class=Response, summary="A refused body as it was posted",
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The body"}},
)  # fmt: skip
async def body(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """The body itself, for its sender only."""
    business(who)
    format_, found = await quarantine.body_of(port, who, id)
    headers = {"Content-Disposition": f'attachment; filename="{id}.{format_}.bin"', "Cache-Control": "no-store"}
    return Response(found, media_type="application/octet-stream", headers=headers)


@router.delete("/api/intake/quarantine/{id}", status_code=204, response_class=Response, summary="Forget a refused body")
async def drop(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """Drop a refused body and its key."""
    business(who)
    await quarantine.drop(port, who, id)
    return Response(status_code=204)


@router.get("/api/samples", response_model=list[SampleOut], summary="Samples of every format")
async def listed(who: Caller) -> Response:
    """Small messages of our own, to look at and to try with."""
    return Response(orjson.dumps(samples.listed()), media_type="application/json")


@router.get("/api/samples/{name}", response_class=Response, summary="Download a sample")
async def download(name: Annotated[str, Path(max_length=120)], who: Caller) -> Response:
    """A sample as a file."""
    found, media = samples.named(name)
    headers = {"Content-Disposition": f'attachment; filename="{found.name}"'}
    return Response(found.body, media_type=media, headers=headers)
