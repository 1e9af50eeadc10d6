"""The doors of the targeting desk, open to customs alone: trials, hit rates, targeted declarations, what conditions may say."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Denied
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply
from kouan.kernel.principal import Principal
from kouan.kernel.text import Text
from kouan.supervision.targeting import listing, trying
from kouan.supervision.targeting.fields import COUNTS, FIELDS, OPERATORS, SCOPES, fits
from kouan.supervision.targeting.profiles import MOST_VALUES, Profile, Trial
from kouan.supervision.targeting.service import desk

router = APIRouter(prefix="/api/targeting", tags=["supervision.targeting"], responses=RESPONSES)
PROFILE = Profile.facts.name
ONLY_CUSTOMS = Text("布控台只对海关开放", "The targeting desk is open to customs alone")
ONLY_OFFICERS = Text("您的角色不能试运行模板", "Your role does not try profiles")
MOST_TRIED = 10_000
SHEETS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
HEADS = (
    "类别 / Kind", "代码 / Code", "名称（中文） / Name in Chinese", "名称（英文） / Name in English", "选取 / Selected", "查验 / Inspected",
    "查获 / With findings", "查获率 / Hit rate", "区间下限（95%）/ Interval from (95 %)", "区间上限（95%）/ Interval to (95 %)",
)  # fmt: skip
Days = Annotated[int, Query(ge=1, le=3660, description="how many days back")]


class BothOut(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class RateOut(BaseModel):
    """What selects, how often, how often inspections of it found something; `low` to `high`: Wilson's interval at 95 %."""

    kind: Literal["all", "rule", "profile", "random", "officer"]
    code: str
    title: BothOut
    selected: int
    inspected: int
    hits: int
    rate: float | None
    low: float | None
    high: float | None


class RatesOut(BaseModel):
    """Hit rates since a moment. `share`: the share of all declarations that chance chooses (0 to 1)."""

    since: datetime
    share: float
    rows: list[RateOut]


class ReasonOut(BaseModel):
    """Why a declaration was selected."""

    rule: str
    reason: BothOut
    score: float
    agency: str


class TargetedOut(BaseModel):
    """A targeted declaration, and the one thing to do next with the page where it is done."""

    id: UUID
    ref: str
    number: str
    declarant: str | None
    containers: list[str]
    state: str
    since: str
    score: float
    chosen: Literal["rules", "random", "officer"]
    reasons: list[ReasonOut]
    order: str | None
    action: BothOut
    href: str


class WorklistOut(BaseModel):
    """Targeted declarations, the highest score first."""

    items: list[TargetedOut]


class FieldOut(BaseModel):
    """A field that conditions may name, and the operators that fit it."""

    name: str
    scope: str
    title: BothOut
    shape: str
    operators: list[str]


class OperatorOut(BaseModel):
    """An operator, and how many values it takes."""

    name: str
    title: BothOut
    least: int
    most: int


class FieldsOut(BaseModel):
    """The words of conditions. Values that are not stated meet `missing` alone."""

    scopes: dict[str, BothOut]
    fields: list[FieldOut]
    operators: list[OperatorOut]


class TrialOut(BaseModel):
    """The trial of a profile exactly as it stands; null when it was not tried so."""

    trial: ItemOut | None


class TryIn(BaseModel):
    """How far back, and on how many declarations at most (the newest of them)."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"days": 90, "most": 2000}})
    days: int = Field(default=90, ge=1, le=3660)
    most: int = Field(default=2000, ge=1, le=MOST_TRIED)


@router.get("/fields", response_model=FieldsOut, operation_id="targeting_fields")
async def fields(who: Caller) -> Response:
    """What conditions of profiles may speak of."""
    _customs(who)
    return reply({
        "scopes": {name: title.out() for name, title in SCOPES.items()},
        "fields": [
            {"name": name, "scope": info.scope, "title": info.title.out(), "shape": info.shape,
             "operators": [operator for operator in OPERATORS if fits(name, operator)]}
            for name, info in FIELDS.items()
        ],
        "operators": [
            {"name": name, "title": title.out(), **dict(zip(("least", "most"), COUNTS.get(name, (1, MOST_VALUES)), strict=True))}
            for name, title in OPERATORS.items()
        ],
    })  # fmt: skip


@router.get("/worklist", response_model=WorklistOut, operation_id="targeting_worklist")
async def worklist(who: Caller, port: ThePort, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> Response:
    """The declarations that stand as targeted, inspected or held, with their reasons and one thing to do next."""
    _customs(who)
    return reply({"items": await listing.worklist(port, who, limit)})


@router.get("/rates", response_model=RatesOut, operation_id="targeting_rates")
async def rates(who: Caller, port: ThePort, days: Days = 90) -> Response:
    """How often inspections found something: of all selections, of chance, of officers, of each rule and profile."""
    _customs(who)
    since, rows = await listing.rates(port, who, days)
    return reply({"since": stamp(since), "share": desk(port).share, "rows": [listing.row_out(one) for one in rows]})


@router.get("/rates/export", operation_id="targeting_rates_export", response_class=Response)
async def export(
    request: Request, who: Caller, port: ThePort, days: Days = 90, format: Annotated[Literal["csv", "xlsx"], Query()] = "csv"
) -> Response:
    """The hit rates as a sheet."""
    _customs(who)
    _, rows = await listing.rates(port, who, days)
    table = [_cells(listing.row_out(one)) for one in rows]
    body = request.app.state.writers[format](list(HEADS), table)
    headers = {"Content-Disposition": f'attachment; filename="targeting-rates.{format}"'}
    return Response(body, media_type=SHEETS[format], headers=headers)


@router.get("/profiles/{id}/trial", response_model=TrialOut, operation_id="targeting_trial")
async def trial(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """What the trial of a profile, as it stands, has shown."""
    _customs(who)
    found = await trying.trial_of(port, who, await port.get(who, PROFILE, id))
    return reply({"trial": await read_one(port, who, Trial, UUID(found.id)) if found else None})


@router.post("/profiles/{id}/try", response_model=ItemOut, operation_id="targeting_try")
async def attempt(id: Annotated[UUID, Path()], asked: TryIn, who: Caller, port: ThePort) -> Response:
    """Try a profile, as it stands, on past declarations of this office; the outcome is kept and answered."""
    _customs(who)
    if not who.writes:
        raise Denied(ONLY_OFFICERS, rule="targeting.try")
    profile = await port.get(who, PROFILE, id)
    trial = await trying.try_on(port, who, profile, asked.days, asked.most)
    return reply(await read_one(port, who, Trial, UUID(trial.id)))


def _customs(who: Principal) -> None:
    business(who)
    if who.kind != "customs":
        raise Denied(ONLY_CUSTOMS, rule="targeting.desk")


def _cells(row: dict[str, Any]) -> list[Any]:
    return [
        row["kind"], row["code"], row["title"]["zh"], row["title"]["en"],
        *(row[name] for name in ("selected", "inspected", "hits", "rate", "low", "high")),
    ]  # fmt: skip
