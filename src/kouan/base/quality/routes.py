"""The doors of quality: the open validation service, the rules of a data set, a score on demand (HS/T 82 7.2.5 b) 7))."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from kouan.base.quality import service
from kouan.base.quality.records import STEWARDS
from kouan.kernel.errors import Denied
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/quality", tags=["base.quality"], responses=RESPONSES)
ONLY = Text("仅数据管理部门可以评分", "Only the data stewards' organisations score what is kept")
EXAMPLE: dict[str, Any] = {"record": "base.movement.status", "rows": [{"code": "21", "at": "2026-11-22T03:20:00Z"}]}


class CheckIn(BaseModel):
    """Documents of one record type."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": EXAMPLE})
    record: str = Field(max_length=120)
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=1000)


class FaultOut(BaseModel):
    """One thing that a document does not hold, and how it is put right."""

    row: int
    field: str
    rule: str
    class_: str = Field(alias="class")
    severity: str
    reason: BothLanguages
    fix: BothLanguages


class CheckOut(BaseModel):
    """All faults of some documents; `scores`: of each class the share of documents without a fault of it, in per cent."""

    record: str
    rows: int
    faults: list[FaultOut]
    scores: dict[str, float]


class RulesOut(BaseModel):
    """The checks of a data set: by its fields, by the platform's code, by stewards."""

    of: str
    checks: list[dict[str, Any]]


class MeasureIn(BaseModel):
    """The record type to be scored."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"record": "base.movement.status"}})
    record: str = Field(max_length=120)


class ScoreOut(BaseModel):
    """A score, as it is kept."""

    of: str
    rows: int
    faulty: int
    compliance: float
    completeness: float
    authenticity: float
    timeliness: float
    worst: list[dict[str, Any]]


@router.post("/check", response_model=CheckOut, operation_id="quality_check", summary="Check documents; nothing is kept")
async def check(asked: CheckIn, who: Caller, port: ThePort) -> Response:
    """Field, rule, class, severity and repair of everything that documents of a record type do not hold."""
    business(who)
    return reply(await service.examine(port, who, asked.record, asked.rows))


@router.get("/rules", response_model=RulesOut, operation_id="quality_rules", summary="The checks of a data set")
async def rules(who: Caller, port: ThePort, of: Annotated[str, Query(max_length=120)]) -> Response:
    """What is looked at when documents of a record type are checked."""
    business(who)
    return reply({"of": of, "checks": [check.out() for check in await service.checks(port, of)]})


@router.post("/measure", response_model=ScoreOut, operation_id="quality_measure", summary="Score what is kept now")
async def measure(asked: MeasureIn, who: Caller, port: ThePort) -> Response:
    """Look at all kept records of a type; the score is kept (base.quality.score). For the stewards' organisations."""
    business(who)
    if who.kind not in STEWARDS or not who.writes:
        raise Denied(ONLY, rule="steward")
    return reply(await service.measure(port, asked.record))
