"""The life of a staff's rule: drafted, tried on the past, approved by a second person, live, retired (四眼原则)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import Action, Lifecycle, Step, Track
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.operations.alerts.conditions import Unfit, parse
from kouan.operations.alerts.rulebook import AUTHORS, StaffRule

RULE = StaffRule.facts.name
DRAFT, TRIED, APPROVED, LIVE, RESTING, RETIRED = "draft", "tried", "approved", "live", "resting", "retired"
TRACK = Track(
    name="rule", title=Text("预警规则", "Rule"), owner="portoffice", start=DRAFT, final=(RETIRED,),
    states={
        DRAFT: Text("草稿", "Draft"), TRIED: Text("已试运行", "Tried"), APPROVED: Text("已批准", "Approved"),
        LIVE: Text("运行中", "Live"), RESTING: Text("已暂停", "Resting"), RETIRED: Text("已停用", "Retired"),
    },
    actions=(
        # The platform tries it (POST /api/alert-rules/{id}/trial): nobody states by hand what it would have raised.
        Action(name="try", title=Text("试运行", "Try on the past"), frm=(DRAFT, TRIED), to=TRIED, by=("platform",),
               sets=("trial", "author")),
        Action(name="approve", title=Text("批准", "Approve"), frm=(TRIED,), to=APPROVED, by=AUTHORS),
        Action(name="return", title=Text("退回", "Return"), frm=(TRIED, APPROVED), to=DRAFT, by=AUTHORS),
        Action(name="start", title=Text("投入运行", "Go live"), frm=(APPROVED, RESTING), to=LIVE, by=AUTHORS),
        # A rule that fails, or takes more than its share of the engine's time, is put to rest, and its owner is told.
        Action(name="rest", title=Text("暂停运行", "Put to rest"), frm=(LIVE,), to=RESTING, by=("platform",), sets=("problem",)),
        Action(name="retire", title=Text("停用", "Retire"), frm=(DRAFT, TRIED, APPROVED, LIVE, RESTING), to=RETIRED, by=AUTHORS),
    ),
)  # fmt: skip
SAME_PERSON = Text("编写或试运行规则的人不能批准，须由另一人批准", "Who wrote or tried a rule cannot approve it; a second person has to")
A_PERSON = Text("只有人员账户可以批准规则", "Rules are approved by persons, not by services")
HOLDERS = ("device", "metric", "value", "threshold", "name", "place", "unit")
TEMPLATE = Text("模板只能使用：{names}", "The template may only use: {names}")
BY_HAND = Text("试运行结果和批准人由平台记录，不能填写", "Trial and approval are recorded by the platform and cannot be stated")
WINDOW = Text("次数大于1时须给出时间窗", "With more than one time, state the window")
METRIC = Text("读数规则须指明指标", "A rule over readings names its metric")


class RuleLife(Lifecycle):
    """Who approved, and when, is the platform's word."""

    code = RULE
    tracks = (TRACK,)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """Denied to services, and to author and tryer when it comes to approving."""
        given = super().change(track, action, step)
        if action.name == "approve":
            return _approved(step)
        if action.name == "return":
            return {"approved_by": None, "approved_at": None}
        if action.name == "start":
            return {"problem": None}
        return given


def _approved(step: Step) -> Mapping[str, Any]:
    if step.who.service or not step.who.user:
        raise Denied(A_PERSON, rule="approve")
    trial = step.before.get("trial") or {}
    me = person(step.who.slug, step.who.user)
    if me in (step.before.get("author"), trial.get("by")):
        raise Denied(SAME_PERSON, rule="approve.second_person")
    return {"approved_by": me, "approved_at": stamp(step.at)}


def person(org: str, user: str) -> str:
    """A person's name as rules keep it: account and organisation, since accounts of several are named alike."""
    return f"{org}/{user}"[:80]


class FitRule(Rule):
    """A rule that cannot be watched is refused when it is written, not when it should have fired."""

    code = "ALERT-RULE-FIT"
    at = "filing"
    of = RULE
    title = Text("规则可执行", "The rule can be watched")
    clause = "HS/T 82 8.1.5"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: StaffRule, found: Found) -> Unmet | None:
        """Refuses a condition with a fault (named by its place), a template with unknown names, stated approvals."""
        try:
            parse(record.condition, record.signal)
        except Unfit as unfit:
            return Unmet(unfit.reason, unfit.path)
        for name in ("message_zh", "message_en"):
            if not _fills(getattr(record, name)):
                return Unmet(TEMPLATE.fill(names=", ".join(f"{{{one}}}" for one in HOLDERS)), name)
        if record.signal == "reading" and not record.metric:
            return Unmet(METRIC, "metric")
        if record.count > 1 and not record.within_s:
            return Unmet(WINDOW, "within_s")
        stated = (record.author, record.trial, record.problem, record.approved_by, record.approved_at)
        return Unmet(BY_HAND, "trial") if any(stated) else None


def _fills(template: str) -> bool:
    rest = template
    for name in HOLDERS:
        rest = rest.replace("{" + name + "}", "")
    return "{" not in rest and "}" not in rest
