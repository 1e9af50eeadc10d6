"""The doors of extraction: infer and try on a sample, run, stop, go on, see what was changed and set aside."""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from kouan.base.ingest import asides, checking, overview, places, service
from kouan.base.ingest.readers import FORMATS, Options
from kouan.base.ingest.shapes import (
    AllAllowedOut,
    AllowIn,
    AsidesOut,
    CheckOut,
    CredentialIn,
    InferOut,
    LookIn,
    LookOut,
    RowsOut,
    RunsOut,
    RunToldOut,
    SettledOut,
    SettleIn,
    SourcesOut,
    StagedOut,
    TryIn,
    TryOut,
    UploadOut,
)  # fmt: skip
from kouan.base.ingest.staging import incoming
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.ids import uuid7
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/ingest", tags=["base.ingest"], responses=RESPONSES)
Id = Annotated[UUID, Path()]
After = Annotated[int, Query(ge=0, le=2**40)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Short = Annotated[str, Query(max_length=200)]
NO_FORMAT = Text("格式只能是：{known}", "The format is one of: {known}")
NO_UPLOAD = Text("没有这份上传", "There is no such upload")
SAMPLE = Text("样本应为文本或 base64", "The sample is text, or base64")
_FILE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


def _options(format: str, element: str) -> Options:
    if format not in FORMATS:
        raise Refused(NO_FORMAT.fill(known=", ".join(FORMATS)), field="format", rule="format")
    return Options(format, element)


@router.post("/infer", response_model=InferOut, openapi_extra=_FILE, operation_id="ingest_infer", summary="What a sample holds")
async def infer(
    request: Request, who: Caller, target: Annotated[str, Query(max_length=120)] = "", name: Short = "", format: Short = "auto",
    element: Short = "",
) -> Response:  # fmt: skip
    """Types, identifiers and a suggested mapping of a sample (the body: a file, or its first part). Nothing is kept."""
    business(who)
    service.working(who)
    options = _options(format, element)
    return reply(await service.infer(await request.body(), name, options, target))


@router.post("/try", response_model=TryOut, operation_id="ingest_try", summary="Try a source on a sample")
async def attempt(asked: TryIn, who: Caller, port: ThePort) -> Response:
    """Rows as they would be kept, changes, rows that would be set aside and why. Nothing is kept."""
    business(who)
    service.working(who)
    try:
        sample = base64.b64decode(asked.sample_base64 or "", validate=True) if asked.sample is None else asked.sample.encode()
    except ValueError:  # no base64, no ASCII, or half a character
        raise Refused(SAMPLE, field="sample", rule="sample") from None
    return reply(await service.trial(port, who, asked.definition, sample, asked.name))


@router.post("/uploads", status_code=201, response_model=UploadOut, operation_id="ingest_upload", summary="Begin an upload in parts")
async def upload(
    who: Caller, port: ThePort,
    key: Annotated[str, Query(max_length=200, description="with the same key again, the same upload, as far as it came")] = "",
) -> Response:
    """For files beyond 16 MiB: put its parts one after another, then begin a run with `upload`."""
    business(who)
    service.working(who)
    made = service.upload_named(who, key) if key else uuid7()
    place = incoming(port, service.upload_key(who, made))
    await asyncio.to_thread(place.begin)
    return reply({"id": str(made), "size": await asyncio.to_thread(place.size)}, 201)


@router.put(
    "/uploads/{id}", response_model=UploadOut, openapi_extra=_FILE, operation_id="ingest_upload_part", summary="A part of an upload"
)
async def part(
    request: Request, id: Id, who: Caller, port: ThePort, offset: Annotated[int, Query(ge=0, le=2**40)]
) -> Response:
    """The bytes from `offset` on; 409 tells how many have come, so that a broken upload goes on from there."""
    business(who)
    service.working(who)
    key = service.upload_key(who, id)
    if not incoming(port, key).exists():
        raise NotFound(NO_UPLOAD)
    return reply({"id": str(id), "size": await service.received(port, key, request.stream(), offset)})


@router.post(
    "/sources/{id}/runs", status_code=202, response_model=RunToldOut, openapi_extra=_FILE, operation_id="ingest_run", summary="Begin a run"
)
async def begin(
    request: Request, id: Id, who: Caller, port: ThePort, name: Short = "", upload: Annotated[UUID | None, Query()] = None
) -> Response:
    """With the file as the body, or named by `upload`, for sources of kind upload; without either for all others."""
    business(who)
    service.working(who)
    key = service.upload_key(who, upload or uuid7())
    if upload is None:
        body = await request.body()
        if not body:
            return reply(await service.start(port, who, id), 202)
        await asyncio.to_thread(service.held, incoming(port, key), body)
    elif not incoming(port, key).exists():
        raise NotFound(NO_UPLOAD, field="upload")
    try:
        return reply(await service.start(port, who, id, upload=incoming(port, key), name=name), 202)
    finally:
        if upload is None:
            incoming(port, key).remove()


@router.post("/sources/{id}/check", response_model=CheckOut, operation_id="ingest_check", summary="Try to reach a source")
async def reached(id: Id, who: Caller, port: ThePort) -> Response:
    """Whether it can be entered and read as it is set up; nothing is kept, and nothing is told as taken. Half a minute at most."""
    business(who)
    return reply(await checking.check(port, who, id))


@router.post("/look", response_model=LookOut, operation_id="ingest_look", summary="Look at a source before it is kept")
async def look(asked: LookIn, who: Caller, port: ThePort) -> Response:
    """Reach it, read its first rows, suggest a mapping, and try the one that is stated. Neither rows nor credential are kept."""
    business(who)
    return reply(await checking.look(port, who, asked.definition, asked.source, asked.user, asked.password))


@router.get("/sources", response_model=SourcesOut, operation_id="ingest_sources", summary="Sources with their last and next run")
async def sources(who: Caller, port: ThePort) -> Response:
    """Those of the caller's organisation (500 at most), newest first."""
    business(who)
    return reply({"items": await overview.sources(port, who)})


@router.get("/aside", response_model=AsidesOut, operation_id="ingest_aside", summary="Runs with rows set aside")
async def set_aside(who: Caller, port: ThePort) -> Response:
    """The latest hundred that the caller's organisation owns, or whose data it sent."""
    business(who)
    return reply({"items": await overview.aside(port, who)})


@router.get("/sources/{id}/runs", response_model=RunsOut, operation_id="ingest_runs", summary="Runs of a source")
async def runs(id: Id, who: Caller, port: ThePort) -> Response:
    """The latest fifty, newest first."""
    business(who)
    return reply({"items": await service.runs(port, who, id)})


@router.put(
    "/sources/{id}/credential", status_code=204, response_class=Response, operation_id="ingest_credential",
    summary="How a source is entered",
)  # fmt: skip
async def credential(id: Id, asked: CredentialIn, who: Caller, port: ThePort) -> Response:
    """Kept sealed under the port's key for this source alone; no door shows it."""
    business(who)
    await service.enter(port, who, id, asked.user, asked.password)
    return Response(status_code=204)


@router.get("/runs/{id}", response_model=RunToldOut, operation_id="ingest_run_state", summary="How a run does")
async def state(id: Id, who: Caller, port: ThePort) -> Response:
    """Counts, scores, causes in words, and what became of rows set aside; for its owner and the sender of its data."""
    business(who)
    return reply(await service.state(port, who, id))


@router.post("/runs/{id}/{what}", response_model=RunToldOut, operation_id="ingest_run_turn", summary="Stop a run, or let it go on")
async def turn(id: Id, what: Literal["stop", "resume"], who: Caller, port: ThePort) -> Response:
    """A run that goes on does so behind what it has taken."""
    business(who)
    return reply(await service.turn(port, who, id, what))


@router.get("/runs/{id}/staging", response_model=StagedOut, operation_id="ingest_staging", summary="What a run took in")
async def staging(id: Id, who: Caller, port: ThePort) -> Response:
    """For each piece its source, item, time and count."""
    business(who)
    return reply({"items": await service.staged(port, who, id)})


@router.get("/runs/{id}/rows", response_model=RowsOut, operation_id="ingest_rows", summary="Rows of a run")
async def rows(
    id: Id, who: Caller, port: ThePort, part: Annotated[Literal["raw", "clean"], Query()] = "raw", after: After = 0, limit: Limit = 100
) -> Response:
    """As they came (`raw`), or as they became (`clean`, of data sets)."""
    business(who)
    return reply({"items": await service.rows(port, who, id, part, after, limit)})


@router.get("/runs/{id}/changes", response_model=RowsOut, operation_id="ingest_changes", summary="What a run changed")
async def changes(
    id: Id, who: Caller, port: ThePort, piece: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    row: Annotated[int | None, Query(ge=0, le=2**40)] = None, field: Short = "", after: After = 0, limit: Limit = 100,
) -> Response:  # fmt: skip
    """Every value that was changed: row, field, before, after and the conversion."""
    business(who)
    wanted = {name: value for name, value in (("piece", piece), ("row", row), ("field", field or None)) if value is not None}
    return reply({"items": await service.changes(port, who, id, wanted, after, limit)})


@router.get("/runs/{id}/refused", response_model=RowsOut, operation_id="ingest_refused", summary="Rows that were set aside")
async def refused(
    id: Id, who: Caller, port: ThePort, after: After = 0, limit: Limit = 100,
    state: Annotated[str, Query(pattern="^(held|repaired|released|returned|dropped)?$")] = "",
) -> Response:  # fmt: skip
    """With what is wrong (field, rule, class, severity, repair); for the run's owner and the sender of its data."""
    business(who)
    return reply({"items": await asides.listed(port, who, id, after, limit, state)})


@router.get(
    "/runs/{id}/refused/download", response_class=Response, operation_id="ingest_refused_sheet", summary="Rows set aside, as CSV",
    responses={200: {"content": {"text/csv": {}}, "description": "A sheet"}},
)  # fmt: skip
async def sheet(id: Id, who: Caller, port: ThePort) -> Response:
    """For the sender, who puts them right and sends them anew."""
    business(who)
    body = await asides.as_sheet(port, who, id)
    headers = {"Content-Disposition": f'attachment; filename="refused-{id}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@router.post(
    "/runs/{id}/refused/{piece}/{row}", response_model=SettledOut, operation_id="ingest_settle", summary="Repair, release, return or drop"
)
async def settle(
    id: Id, piece: Annotated[int, Path(ge=0, le=2**31 - 1)], row: Annotated[int, Path(ge=0, le=2**62)], asked: SettleIn, who: Caller,
    port: ThePort,
) -> Response:  # fmt: skip
    """A repaired row is checked again; a released one is filed as it is, and the record's own rules still decide."""
    business(who)
    return reply(await asides.settle(port, who, id, piece, row, asked.action, asked.data, asked.note))


@router.get("/allowed", response_model=AllAllowedOut, operation_id="ingest_allowed", summary="Places that sources may reach")
async def allowed(who: Caller, port: ThePort) -> Response:
    """For the system administrator."""
    return reply({"items": await places.listed(port, who)})


@router.put("/allowed", status_code=204, response_class=Response, operation_id="ingest_allow", summary="Allow a place")
async def allow(request: Request, asked: AllowIn, who: Caller, port: ThePort) -> Response:
    """No source reaches what a system administrator has not allowed; the audit trail tells who did."""
    await places.allow(port, who, asked.place, asked.reason, demo=request.app.state.settings.demo)
    return Response(status_code=204)


@router.delete("/allowed", status_code=204, response_class=Response, operation_id="ingest_forbid", summary="Allow a place no longer")
async def forbid(place: Annotated[str, Query(max_length=300)], who: Caller, port: ThePort) -> Response:
    """From now on; a run that is under way ends as it began."""
    await places.forbid(port, who, place)
    return Response(status_code=204)
