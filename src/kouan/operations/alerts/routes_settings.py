"""The doors of settings: propose other numbers for an alert, try them on past days, approve them as a second person."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.formats import Draft
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply
from kouan.kernel.principal import PLATFORM
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.operations.alerts import errors
from kouan.operations.alerts.past import heard, history_of
from kouan.operations.alerts.rehearsal import rehearsed
from kouan.operations.alerts.routes_rules import TrialIn, author, written_by
from kouan.operations.alerts.rulelife import person
from kouan.operations.alerts.thresholds import PROPOSED, SETTING, TRIED, AlertSetting, word_of

router = APIRouter(prefix="/api/alert-settings", tags=["operations.alerts"], responses=RESPONSES)
Alert = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9_.]+$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"^[^\x00]*$")]


class ProposalIn(BaseModel):
    """Numbers for an alert; what is not named keeps its default."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"alert": "operations.alerts.backlog", "values": {"line": 80}, "reason": "旺季"}}
    )
    alert: Alert
    values: dict[str, float] = {}
    enabled: bool = True
    reason: Words


@router.post("", response_model=ItemOut, status_code=201, operation_id="alert_settings_propose")
async def propose(given: ProposalIn, who: Caller, port: ThePort) -> Response:
    """Propose numbers for an alert as its next revision; what is in force goes on until they are approved."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await equal(conn, AlertSetting, {"alert": given.alert}, newest=True, limit=1000)
    revision = max((int(row.doc.get("revision", 1)) for row in rows), default=0) + 1
    filed = await port.file(who, [Draft(SETTING, {**given.model_dump(), "revision": revision})])
    return reply(await read_one(port, who, AlertSetting, UUID(filed.kept[0].id)), 201)


@router.post("/{id}/trial", response_model=ItemOut, operation_id="alert_settings_trial")
async def trial(id: Annotated[UUID, Path()], asked: TrialIn, who: Caller, port: ThePort) -> Response:
    """Run the alert itself over a span of the past with the numbers proposed; what it would have raised is kept with them.

    Refused for an alert that judges what is not kept in history. It reads for a minute at most (`trial.until`).
    """
    business(who)
    author(who)
    asked.check()
    kept = await port.get(who, SETTING, id)
    assert isinstance(kept.data, AlertSetting)
    if kept.state not in (PROPOSED, TRIED):
        raise errors.not_triable()
    word = word_of(kept.data.alert)
    if word is None or word.past is None:
        raise errors.no_past()
    past, history = word.past(), history_of(port)
    await past.start(port)
    parts = heard(history, past.signals, asked.since, asked.until)
    outcome = await rehearsed(word, past, kept.data.values, parts, asked.since, asked.until)
    me = person(who.slug, who.user)
    changes = {"trial": asked.said(outcome, me), "author": await written_by(port, id)}
    await port.act(PLATFORM, SETTING, id, "try", changes=changes, note=me)
    return reply(await read_one(port, who, AlertSetting, id))


@router.post("/{id}/approve", response_model=ItemOut, operation_id="alert_settings_approve")
async def approve(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """Put proposed numbers in force. Denied to who proposed or tried them; what can be tried must have been."""
    business(who)
    author(who)
    if who.service or not who.user:
        raise errors.a_person()
    kept = await port.get(who, SETTING, id)
    assert isinstance(kept.data, AlertSetting)
    me, wrote, tried = person(who.slug, who.user), await written_by(port, id), kept.data.trial
    if me in (wrote, tried.by if tried else ""):
        raise errors.same_person()
    word = word_of(kept.data.alert)
    if word is not None and word.past is not None and tried is None:
        raise errors.untried()
    changes: dict[str, Any] = {"author": wrote, "approved_by": me, "approved_at": stamp(now())}
    await port.act(PLATFORM, SETTING, id, "approve", changes=changes, note=me)
    return reply(await read_one(port, who, AlertSetting, id))
