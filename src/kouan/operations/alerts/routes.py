"""The doors of warnings: what is open, one with its timeline, the steps of handling, how precise each rule has been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from kouan.kernel.alerts import Alert
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import ItemOut, business, read_one, reply, shown
from kouan.kernel.port import Port
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.words import every
from kouan.operations.alerts import errors, store
from kouan.operations.alerts.lifecycle import CONDITION, HANDLING, STAFF
from kouan.operations.alerts.records import Verdict, Warned

router = APIRouter(prefix="/api/warnings", tags=["operations.alerts"], responses=RESPONSES)
WARNING = Warned.facts.name
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^[^\x00]*$")]
Code = Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9_.:\-]*$")]


class LiveOut(BaseModel):
    """How often an alarm was met, when last, and its value then."""

    count: int
    last: datetime
    value: float | None


class WarningOut(ItemOut):
    """A warning, with what is counted of it live (null before its first repetition)."""

    live: LiveOut | None


class WarningsOut(BaseModel):
    """Warnings as the caller may see them, the newest first."""

    items: list[WarningOut]
    now: datetime


class StepOut(BaseModel):
    """One line of a warning's timeline: what happened, when, by whom, with which measure or reason."""

    at: str
    action: str
    title: BothLanguages
    state: str
    condition: str
    severity: str
    by: str
    org: str
    text: str
    version: int


class TimelineOut(BaseModel):
    """A warning from its beginning to now."""

    item: WarningOut
    steps: list[StepOut]


class HandleIn(BaseModel):
    """What was done, or why nothing is to be done; `verdict` only when closing."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "现场已疏导，人数回落"}})
    reason: Words = ""
    verdict: Verdict | None = None


class WeekOut(BaseModel):
    """The fates of one alert's or rule's warnings raised in one week (it begins on Monday, UTC)."""

    alert: str
    rule: str | None
    week: datetime
    genuine: int
    wrong: int
    undecided: int
    precision: float | None
    handled_s: float | None


class PrecisionOut(BaseModel):
    """Precision by week: true ones among those decided; null where none was decided."""

    weeks: list[WeekOut]


class ParameterOut(BaseModel):
    """A number of an alert that staff may set."""

    name: str
    title: BothLanguages
    value: float
    default: float
    unit: str
    lowest: float
    highest: float


class KindOut(BaseModel):
    """One kind of alert: its clause, who owns it, its numbers; `triable`: whether other numbers can be tried on past days."""

    code: str
    title: BothLanguages
    clause: str
    severity: str
    owner: str
    respond_s: float
    enabled: bool
    triable: bool
    parameters: list[ParameterOut]


class KindsOut(BaseModel):
    """All kinds of alert of this platform."""

    kinds: list[KindOut]


class EngineOut(BaseModel):
    """How the engine, each word and each rule does; `at`: when it was told last."""

    at: datetime | None
    alive: bool
    parts: list[dict[str, Any]]


@router.get("", response_model=WarningsOut, operation_id="warnings")
async def listing(
    who: Caller,
    port: ThePort,
    state: Annotated[Literal["open", "all"], Query()] = "open",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Response:
    """The warnings that wait for somebody, or the newest of all; with `since` and `until` those whose condition held in that span."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        if since or until:
            rows = await store.held(conn, max(since or LONG_AGO, LONG_AGO), min(until or now(), now()), limit, open_only=state == "open")
        else:
            rows = await store.current(conn, limit, open_only=state == "open")
        items = await shown(port, who, Warned, rows, conn)
        live = await store.live(conn, [row.id for row in rows])
    return reply({"items": [_with(item, live) for item in items], "now": now()})


@router.get("/precision", response_model=PrecisionOut, operation_id="warnings_precision")
async def precision(
    who: Caller, port: ThePort, alert: Code = "", rule: Code = "", weeks: Annotated[int, Query(ge=1, le=260)] = 26
) -> Response:
    """How often each alert and rule was right, by week, out of the fates of the warnings that the caller may see.

    `rule`: the code of a staff's rule, over all its revisions.
    """
    business(who)
    since = now() - timedelta(weeks=weeks)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.weeks(conn, since, alert, f"alertrule:{rule.upper()}" if rule else "")
    return reply({"weeks": [_week(row) for row in rows]})


@router.get("/kinds", response_model=KindsOut, operation_id="warnings_kinds")
async def kinds(who: Caller, port: ThePort) -> Response:
    """Every kind of alert with its clause, owner and numbers, as they are set now."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        stated = {doc["alert"]: doc for doc in await store.settings(conn)}
    return reply({"kinds": [_kind(word, stated.get(word.code)) for word in every(Alert)]})


@router.get("/engine", response_model=EngineOut, operation_id="warnings_engine")
async def engine(who: Caller, port: ThePort) -> Response:
    """Whether the engine lives, and how each word and rule does; for those who write rules."""
    business(who)
    if who.kind not in STAFF:
        raise errors.not_an_author()
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.engine(conn)
    at = max((row["at"] for row in rows), default=None)
    alive = at is not None and now() - at < timedelta(seconds=10)
    return reply({"at": at, "alive": alive, "parts": [row["doc"] for row in rows]})


@router.get("/{id}", response_model=TimelineOut, operation_id="warning")
async def one(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """A warning and all that happened to it, in order."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        row = await reading.one(conn, Warned, id)
        if row is None:
            raise NotFound(MISSING)
        item = (await shown(port, who, Warned, [row], conn))[0]
        live, history = await store.live(conn, [id]), await reading.history(conn, id)
    return reply({"item": _with(item, live), "steps": _steps(port, history)})


@router.post("/{id}/{action}", response_model=ItemOut, operation_id="warning_handle")
async def handle(
    id: Annotated[UUID, Path()],
    action: Annotated[Literal["acknowledge", "act", "close", "dismiss", "escalate"], Path()],
    given: HandleIn,
    who: Caller,
    port: ThePort,
) -> Response:
    """Take a step of handling, with its reason or measure: acknowledge, act, close, dismiss as false, escalate."""
    business(who)
    kept = await port.get(who, WARNING, id)
    name = ("press" if kept.state == "acknowledged" else "raise") if action == "escalate" else action
    changes: dict[str, Any] = {"measures": given.reason}
    if given.verdict and action == "close":
        changes["verdict"] = given.verdict
    await port.act(who, WARNING, id, name, changes=changes, note=given.reason[:400])
    return reply(await read_one(port, who, Warned, id))


def _with(item: dict[str, Any], live: dict[UUID, Any]) -> dict[str, Any]:
    found = live.get(UUID(str(item["id"])))
    counted = {"count": found["count"], "last": found["last"], "value": found["value"]} if found else None
    return {**item, "live": counted}


def _steps(port: Port, history: list[Any]) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    for version in history:
        doc = version["doc"]
        name = version["action"]
        lines = doc.get("measures", [])
        fresh = lines[-1] if len(lines) > len(before.get("measures", [])) else {}
        steps.append({
            "at": stamp(version["at"]), "action": name, "title": _titled(name), "state": version["state"],
            "condition": "cleared" if doc.get("until") else "holds", "severity": doc["severity"], "by": version["account"],
            "org": port.orgs.slug(version["org"]), "text": fresh.get("text", ""), "version": version["version"],
        })  # fmt: skip
        before = doc
    return steps


def _titled(action: str) -> dict[str, str]:
    for track in (HANDLING, CONDITION):
        found = track.action(action)
        if found:
            return found.title.out()
    return Warned.facts.title.out()


def _week(row: Any) -> dict[str, Any]:
    decided = row["genuine"] + row["wrong"]
    share = round(row["genuine"] / decided, 4) if decided else None
    return {**dict(row), "precision": share}


def _kind(word: type[Alert], stated: Any) -> dict[str, Any]:
    values = stated["values"] if stated else {}
    parameters = [
        {"name": name, "title": one.title.out(), "value": values.get(name, one.default), "default": one.default, "unit": one.unit,
         "lowest": one.lowest, "highest": one.highest}
        for name, one in word.parameters.items()
    ]  # fmt: skip
    return {
        "code": word.code, "title": word.title.out(), "clause": word.clause, "severity": word.severity, "owner": word.owner,
        "respond_s": word.respond.total_seconds(), "enabled": stated["enabled"] if stated else True, "triable": word.past is not None,
        "parameters": parameters,
    }  # fmt: skip
