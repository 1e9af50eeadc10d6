"""The doors of staff's rules: what a rule can watch, try one on the past, begin a new revision."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.responses import Response

from kouan.facilities.telemetry.api import KIND_NAMES, KINDS
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.formats import Draft
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import ItemOut, business, read_one, reply
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.store import reading
from kouan.kernel.store.acting import MISSING
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.operations.alerts import errors, store
from kouan.operations.alerts.conditions import COMPARE, DIRECTIONS, FIELDS, ZONES, Group, Unfit, leaves, parse
from kouan.operations.alerts.past import source_of
from kouan.operations.alerts.rulebook import AUTHORS, StaffRule
from kouan.operations.alerts.rulelife import DRAFT, RULE, TRIED, person
from kouan.operations.alerts.trial import Outcome, tried
from kouan.operations.alerts.wording import in_words

router = APIRouter(prefix="/api/alert-rules", tags=["operations.alerts"], responses=RESPONSES)
LONGEST = timedelta(days=7)
KEPT_OUT = ("author", "trial", "problem", "approved_by", "approved_at")


class TrialIn(BaseModel):
    """The span of the past to try the rule on, of at most seven days."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"since": "2026-11-20T00:00:00Z", "until": "2026-11-21T00:00:00Z"}}
    )
    since: AwareDatetime
    until: AwareDatetime

    def check(self) -> None:
        """Raises Refused unless the span lies in the past and is short enough."""
        if not self.since < self.until <= now() + timedelta(minutes=1) or self.until - self.since > LONGEST:
            raise errors.bad_span()

    def said(self, outcome: Outcome, by: str) -> dict[str, Any]:
        """An outcome as it is kept."""
        return {
            "since": stamp(self.since), "until": stamp(outcome.until), "partial": outcome.until < self.until, "rows": outcome.rows,
            "alarms": outcome.alarms, "hits": outcome.hits, "by": by, "at": stamp(now()),
        }  # fmt: skip


class NameOut(BaseModel):
    """A value and its words."""

    value: str
    title: BothLanguages


class MetricOut(BaseModel):
    """A metric that devices of the caller's reach report, and which ones."""

    metric: str
    unit: str
    devices: list[str]


class ScopeOut(BaseModel):
    """What rules can be written about: fields by signal, operators, zones, metrics with their devices, kinds of mover."""

    fields: dict[str, list[NameOut]]
    compare: list[str]
    zones: list[NameOut]
    directions: list[NameOut]
    kinds: list[NameOut]
    metrics: list[MetricOut]


@router.get("/scope", response_model=ScopeOut, operation_id="alert_rules_scope")
async def what(who: Caller, port: ThePort) -> Response:
    """What a rule can watch."""
    business(who)
    author(who)
    metrics: dict[tuple[str, str], list[str]] = {}
    for row in await store.metrics(port.pool, who.slug, who.clearance):
        metrics.setdefault((row["metric"], row["unit"]), []).append(row["device"])
    return reply({
        "fields": {signal: [_name(name, text) for name, text in fields.items()] for signal, fields in FIELDS.items()},
        "compare": list(COMPARE),
        "zones": [_name(*pair) for pair in ZONES.items()],
        "directions": [_name(*pair) for pair in DIRECTIONS.items()],
        "kinds": [_name(kind, KIND_NAMES[kind]) for kind in KINDS],
        "metrics": [{"metric": m, "unit": u, "devices": devices[:200]} for (m, u), devices in sorted(metrics.items())],
    })  # fmt: skip


class WordsOut(BaseModel):
    """A rule's conditions as a person says them, in order; `how`: whether all or any of them have to hold, where it is that plain."""

    how: Literal["all", "any", "mixed"]
    conditions: list[BothLanguages]


@router.get("/{id}/words", response_model=WordsOut, operation_id="alert_rules_words")
async def words(id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """A rule's conditions in words."""
    business(who)
    kept = await port.get(who, RULE, id)
    assert isinstance(kept.data, StaffRule)
    tree = parse(kept.data.condition, kept.data.signal)
    plain = isinstance(tree, Group) and not any(isinstance(part, Group) for part in tree.parts) and tree.how in ("all", "any")
    how = tree.how if plain and isinstance(tree, Group) else "mixed" if isinstance(tree, Group) else "all"
    return reply({"how": how, "conditions": [in_words(leaf).out() for leaf in leaves(tree)]})


@router.post("/{id}/trial", response_model=ItemOut, operation_id="alert_rules_trial")
async def trial(id: Annotated[UUID, Path()], asked: TrialIn, who: Caller, port: ThePort) -> Response:
    """Run the rule over a span of the past with the live engine; what it would have raised is kept with the rule.

    It reads for a minute at most; where that does not do for the whole span, `trial.until` says how far it came.
    """
    business(who)
    author(who)
    asked.check()
    kept = await port.get(who, RULE, id)
    assert isinstance(kept.data, StaffRule)
    if kept.state not in (DRAFT, TRIED):
        raise errors.not_triable()
    outcome = await _try(port, kept.data, asked)
    me = person(who.slug, who.user)
    changes = {"trial": asked.said(outcome, me), "author": await written_by(port, id)}
    await port.act(PLATFORM, RULE, id, "try", changes=changes, note=me)
    return reply(await read_one(port, who, StaffRule, id))


@router.post("/{id}/revise", response_model=ItemOut, status_code=201, operation_id="alert_rules_revise")
async def revise(id: Annotated[UUID, Path()], changed: dict[str, Any], who: Caller, port: ThePort) -> Response:
    """A new revision of a rule as a draft, with some fields changed; the live one goes on until the new one starts."""
    business(who)
    author(who)
    kept = await port.get(who, RULE, id)
    assert isinstance(kept.data, StaffRule)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await equal(conn, StaffRule, {"code": kept.data.code}, newest=True, limit=1000)
    newest = max(int(row.doc["revision"]) for row in rows)
    if newest > kept.data.revision:
        raise errors.newer()
    data = kept.data.model_dump(mode="json", exclude=set(KEPT_OUT), exclude_none=True)
    fixed = {"code": kept.data.code, "revision": newest + 1, "replaces": kept.ref}
    filed = await port.file(who, [Draft(RULE, {**data, **changed, **fixed})])
    return reply(await read_one(port, who, StaffRule, UUID(filed.kept[0].id)), 201)


def author(who: Principal) -> None:
    """Raises Denied unless the caller's organisation and role write rules."""
    if who.kind not in AUTHORS or not who.writes:
        raise errors.not_an_author()


async def _try(port: Port, rule: StaffRule, asked: TrialIn) -> Outcome:
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        outlines = await store.outlines(conn)
    try:
        return await tried(rule, outlines, source_of(port, rule), asked.since, asked.until, port.site.zone)
    except Unfit as unfit:
        raise Refused(unfit.reason, field=unfit.path, rule="ALERT-RULE-FIT", code="unfit") from None


async def written_by(port: Port, id_: UUID) -> str:
    """Who wrote a rule or setting: the account that filed its first version."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        versions = await reading.history(conn, id_)
    if not versions:
        raise NotFound(MISSING)
    return person(port.orgs.slug(versions[0]["org"]), versions[0]["account"])


def _name(value: str, title: Any) -> dict[str, Any]:
    return {"value": value, "title": title.out()}
