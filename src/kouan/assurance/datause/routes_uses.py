"""Doors of the record of use: sums, levels, protection; lines and what they show, as a page and as a file; entries of the audit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.assurance.datause import counting, using
from kouan.assurance.datause.doors import looked, only, span
from kouan.assurance.datause.store_uses import By, Kind, Wanted
from kouan.kernel.clock import now
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import reply
from kouan.kernel.port import Port
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/datause", tags=["assurance.datause"], responses=RESPONSES)
DAY = timedelta(days=1)
LONGEST = timedelta(days=3660)
NO_ORG = Text("没有这个机构", "There is no such organisation")
ONE = Text("参考号与记录编号只能填写其一", "Give a reference or a record's number, not both")
MEDIA = {
    "csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
Word = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]
Before = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


class CountsOut(BaseModel):
    """Sums by a key, and all in one sum (without one where nothing was used)."""

    since: str
    until: str
    by: str
    items: list[dict[str, Any]]
    total: dict[str, Any] | None


class LevelsOut(BaseModel):
    """Numbers of fields by level; record types and signals with fields above level 1, who is entitled, how they were read in the span."""

    levels: list[dict[str, Any]]
    records: list[dict[str, Any]]
    signals: list[dict[str, Any]]


class ProtectionOut(BaseModel):
    """The suite of algorithms, keys held and destroyed by kind of subject, tokens and how many stand in more than one record type."""

    suite: dict[str, Any]
    keys: list[dict[str, Any]]
    tokens: list[dict[str, Any]]


class UsesIn(BaseModel):
    """Which uses: a span (the last day unless stated), and what narrows it. References stand here because none may stand in an address."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"org": "trucker", "limit": 20}})
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    ref: str = Field(default="", max_length=300, description="a reference in any spelling: uses of the records that name or mention it")
    id: UUID | None = Field(default=None, description="uses of one record")
    org: str = Field(default="", max_length=120)
    account: str = Field(default="", max_length=120)
    record: str = Field(default="", max_length=120)
    door: str = Field(default="", max_length=300)
    before: int | None = Field(default=None, ge=1, le=2**63 - 1)
    limit: int = Field(default=100, ge=1, le=500)


class UsesFileIn(UsesIn):
    """The same as a file."""

    format: Literal["csv", "xlsx"] = "csv"


class UsesOut(BaseModel):
    """Lines, the newest first (`next` is what to go on before), and counts by day of what was thinned. `meant`: how the reference was
    understood, and how many records name or mention it. `hit` of a line: how many of these it lists, 0 where they are among very many."""

    items: list[dict[str, Any]]
    days: list[dict[str, Any]]
    next: int | None
    meant: dict[str, Any] | None


class WithinOut(BaseModel):
    """The records of a line with their fields of levels 2-4, as declared and as the reader's clearance is now."""

    use: dict[str, Any]
    clearance: int | None
    items: list[dict[str, Any]]
    next: str | None


class TrailOut(BaseModel):
    """Entries of the security audit; `next` is what to go on before."""

    items: list[dict[str, Any]]
    next: int | None


def _org(port: Port, name: str) -> int | None:
    if not name:
        return None
    if (number := port.orgs.named(name)) is None:
        raise Refused(NO_ORG, field="org", rule="organisation", code="org.unknown")
    return number


async def _wanted(
    port: ThePort, since: AwareDatetime | None = None, until: AwareDatetime | None = None,
    org: Word = "", account: Word = "", record: Word = "", door: Word = "",
) -> Wanted:  # fmt: skip
    return _made(port, since, until, org, account, record, door)


def _made(port: Port, since: datetime | None, until: datetime | None, org: str, account: str, record: str, door: str) -> Wanted:
    at = until or now()
    begins, ends = span(since or at - DAY, at)
    return Wanted(max(begins, ends - LONGEST), ends, _org(port, org), account or None, record or None, door or None)


async def _asked(port: Port, asked: UsesIn) -> tuple[Wanted, dict[str, Any] | None]:
    """What is asked for, and how its reference was understood."""
    if asked.ref and asked.id:
        raise Refused(ONE, field="ref", rule="uses.one")
    told = _made(port, asked.since, asked.until, asked.org, asked.account, asked.record, asked.door)
    if asked.id:
        return Wanted(told.since, told.until, told.org, told.account, told.record, told.door, (asked.id,)), None
    if not asked.ref:
        return told, None
    shown, refs, ids = await using.meant(port, asked.ref)
    wanted = Wanted(told.since, told.until, told.org, told.account, told.record, told.door, ids, refs)
    return wanted, {"ref": shown if refs else None, "records": len(ids), "most": using.MOST_RECORDS}


@router.get("/counts", response_model=CountsOut, operation_id="datause_counts", summary="Sums of the use of data")
async def counts(
    request: Request, who: Caller, port: ThePort, wanted: Annotated[Wanted, Depends(_wanted)], by: Annotated[By, Query()] = "hour"
) -> Response:
    """Records shown and masked, restricted reads, denials: by hour or day (of the port's zone), organisation, account, type or door."""
    only(who)
    await looked(port, request, who, "datause.counts", wanted.account or wanted.record or "")
    total = await counting.counts(port, wanted, None)
    items = await counting.counts(port, wanted, by)
    told = {"since": wanted.since.isoformat(), "until": wanted.until.isoformat(), "by": by}
    return reply({**told, "items": items, "total": total[0] if total else None})


@router.get("/levels", response_model=LevelsOut, operation_id="datause_levels", summary="Restricted data by level")
async def levels(request: Request, who: Caller, port: ThePort, hours: Annotated[int, Query(ge=1, le=720)] = 24) -> Response:
    """Which record types hold fields of levels 2-4, who is entitled to them, and how they were read in the last hours."""
    only(who)
    await looked(port, request, who, "datause.levels", "")
    at = now()
    return reply(await counting.levels(port, Wanted(at - timedelta(hours=hours), at)))


@router.get("/protection", response_model=ProtectionOut, operation_id="datause_protection", summary="Suite, keys and tokens in use")
async def protection(request: Request, who: Caller, port: ThePort) -> Response:
    """What protects restricted data: algorithms, keys by kind of subject, tokens that join."""
    only(who)
    await looked(port, request, who, "datause.protection", "")
    return reply(await counting.protection(port))


@router.post("/uses", response_model=UsesOut, operation_id="datause_uses", summary="Lines of the record of use")
async def uses(request: Request, asked: UsesIn, who: Caller, port: ThePort) -> Response:
    """Who was shown how many records of a type, when, at which door; by reference, record, organisation, account, type, door and time."""
    only(who)
    wanted, meant = await _asked(port, asked)
    await looked(port, request, who, "datause.uses", _about(asked, meant))
    return reply({**await using.uses(port, wanted, asked.before, asked.limit), "meant": meant})


@router.post(
    "/uses/file", operation_id="datause_uses_file", summary="The record of use as a file",
    responses={200: {"content": {MEDIA["csv"]: {}, MEDIA["xlsx"]: {}}, "description": "One row for each record that was shown"}},
)  # fmt: skip
async def uses_file(request: Request, asked: UsesFileIn, who: Caller, port: ThePort) -> Response:
    """One row for each record that was shown, the newest first, 100,000 at most."""
    only(who)
    wanted, meant = await _asked(port, asked)
    await looked(port, request, who, "datause.file", _about(asked, meant))
    body = request.app.state.writers[asked.format](list(using.HEADS), await using.table(port, wanted))
    name = {"Content-Disposition": f'attachment; filename="data-use.{asked.format}"'}
    return Response(body, media_type=MEDIA[asked.format], headers=name)


def _about(asked: UsesIn, meant: dict[str, Any] | None) -> str:
    return str((meant or {}).get("ref") or asked.id or asked.account or asked.org or asked.record)


@router.get("/uses/{use}", response_model=WithinOut, operation_id="datause_within", summary="Records and fields of a line")
async def within(
    request: Request, who: Caller, port: ThePort, use: Annotated[int, Path(ge=1, le=2**63 - 1)], after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Response:  # fmt: skip
    """The records that a line lists, each with the fields of levels 2-4 that its reader is shown, open or masked."""
    only(who)
    await looked(port, request, who, "datause.within", str(use))
    return reply(await using.within(port, who, use, after, limit))


@router.get("/trail", response_model=TrailOut, operation_id="datause_trail", summary="Audit entries about restricted data")
async def trail(
    request: Request, who: Caller, port: ThePort, kind: Annotated[Kind, Query()], wanted: Annotated[Wanted, Depends(_wanted)],
    before: Before = None, limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """Reads of levels 3-4, denials, erasures, and who looked at the record of use; the newest first."""
    only(who)
    await looked(port, request, who, "datause.trail", kind)
    return reply(await using.trail(port, who, kind, wanted, before, limit))
