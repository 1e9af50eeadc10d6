"""The doors of reports: make one now, take one as a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from kouan.kernel.clock import now
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text
from kouan.operations.reports import errors, service
from kouan.operations.reports.printing import printed, tabled
from kouan.operations.reports.records import Report

router = APIRouter(prefix="/api/reports", tags=["operations.reports"], responses=RESPONSES)
MEDIA = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Id = Annotated[UUID, Path()]


class RunIn(BaseModel):
    """The last day of the period; empty for the newest whole one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"until": None}})
    until: date | None = None


class RunOut(BaseModel):
    """What was made: the caller's own report, and to how many recipients it was delivered."""

    id: str | None
    delivered: int


@router.post("/definitions/{id}/run", response_model=RunOut, status_code=201, operation_id="report_run", summary="Make a report now")
async def run(id: Id, asked: RunIn, who: Caller, port: ThePort) -> Response:
    """Make a report now: its owner for all recipients, a recipient for itself. The same figures as on schedule."""
    business(who)
    definition = await port.get(who, service.DEFINITION, id)
    today = now().astimezone(ZoneInfo(port.site.zone)).date()
    if asked.until is not None and not today - timedelta(days=3660) <= asked.until < today:
        raise Refused(errors.FUTURE, field="until", rule="day")
    kept = await service.run(port, who, definition, asked.until)
    mine = next((one for one in kept if isinstance(one.data, Report) and one.data.recipient == f"org:{who.slug}"), None)
    return reply({"id": mine.id if mine else None, "delivered": len(kept)}, status=201)


@router.get("/{id}/file", operation_id="report_file", summary="A report as a file", response_class=Response)
async def file(
    id: Id, who: Caller, port: ThePort, format: Annotated[Literal["pdf", "xlsx"], Query()] = "pdf",
    lang: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:  # fmt: skip
    """The report as it was made, in Chinese or English."""
    business(who)
    kept = await port.get(who, service.REPORT, id)
    report = kept.data
    assert isinstance(report, Report)
    if format not in report.formats:
        raise NotFound(errors.NO_FORMAT, field="format")
    site = Text(f"口岸 {port.site.code}", f"Port {port.site.code}")
    body = printed(report, site, port.orgs.title(report.recipient), port.site.zone, lang) if format == "pdf" else tabled(report, lang)
    name = f"report-{report.until.isoformat()}-{str(id)[-6:]}.{format}"
    headers: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=MEDIA[format], headers=headers)
