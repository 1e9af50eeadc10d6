"""The numbers of an alert that the platform brings, as staff set them: proposed, tried where it can be, approved by a second person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from kouan.kernel.alerts import Alert
from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.alerts.rulebook import AUTHORS, Trial

PROPOSED, TRIED, LIVE, RETIRED = "proposed", "tried", "live", "retired"
KEPT = "kept"
"""The state of a setting that was filed before settings had to be approved: it stands."""
NO_ALERT = Text("平台没有这种预警", "The platform has no such alert")
NO_NUMBER = Text("该预警没有参数“{name}”", "This alert has no number “{name}”")
BOUNDS = Text("“{name}”应在 {lowest} 至 {highest} 之间", "“{name}” lies between {lowest} and {highest}")
BY_HAND = Text("试运行结果和批准人由平台记录，不能填写", "Trial and approval are recorded by the platform and cannot be stated")


class AlertSetting(Record):
    """The numbers of one kind of alert as staff propose or set them; what is not named keeps its default. A change is a new revision."""

    facts: ClassVar[Facts] = Facts(
        name="operations.alerts.setting",
        title=Text("预警参数", "Alert setting"),
        summary=Text("业务人员设定的预警阈值：提出、试运行、双人批准", "Thresholds of an alert as port staff set them: proposed, tried, approved by two"),
        clause="8.1.5",
        kind="state",
        ref="alertsetting",
        key=("alert", "revision"),
        parties=(Party.filer("author"), Party.everyone()),
        filers=("portoffice",),
        retention=10,
        label="alert",
        amendable=False,
    )
    alert: str = field("预警类型", "Alert", filter=True, max_length=80, example="operations.alerts.backlog")
    revision: int = field("版本", "Revision", default=1, ge=1, le=1_000_000)
    values: dict[str, float] = field("阈值", "Values", example={"line": 85})
    enabled: bool = field("启用", "In use", default=True)
    reason: str = field("理由", "Reason", min_length=1, max_length=400, example="旺季下调警戒线")
    author: str | None = field("提出人", "Proposed by", default=None, max_length=80, read_only=True, account=True)
    trial: Trial | None = field("试运行", "Trial", default=None, read_only=True)
    approved_by: str | None = field("批准人", "Approved by", default=None, max_length=80, read_only=True, account=True)
    approved_at: datetime | None = field("批准时间", "Approved at", default=None, read_only=True)


SETTING = AlertSetting.facts.name
TRACK = Track(
    name="setting", title=Text("预警参数", "Setting"), owner="portoffice", start=PROPOSED, final=(RETIRED,),
    states={
        PROPOSED: Text("待批准", "Proposed"), TRIED: Text("已试运行，待批准", "Tried, to be approved"),
        LIVE: Text("已生效", "In force"), RETIRED: Text("已停用", "Retired"),
    },
    actions=(
        # The platform takes these after it tried, or knows who asks (see the doors): nobody approves what he wrote.
        Action(name="try", title=Text("试运行", "Try on the past"), frm=(PROPOSED, TRIED), to=TRIED, by=("platform",),
               sets=("trial", "author")),
        Action(name="approve", title=Text("批准", "Approve"), frm=(PROPOSED, TRIED), to=LIVE, by=("platform",),
               sets=("author", "approved_by", "approved_at")),
        Action(name="withdraw", title=Text("撤回", "Withdraw"), frm=(PROPOSED, TRIED), to=RETIRED, by=AUTHORS),
        Action(name="replace", title=Text("被新版本替代", "Replaced"), frm=(LIVE,), to=RETIRED, by=("platform",)),
    ),
)  # fmt: skip


class SettingLife(Lifecycle):
    """A proposal waits for a second person; the newest revision that was approved is in force."""

    code = SETTING
    tracks = (TRACK,)


class FitSetting(Rule):
    """Numbers that the alert does not have, or beyond their bounds, are refused when they are proposed."""

    code = "ALERT-SETTING-FIT"
    at = "filing"
    of = SETTING
    title = Text("参数可用", "The numbers are the alert's")
    clause = "HS/T 82 8.1.5"
    severity = "refuse"
    owner = "portoffice"

    def judge(self, record: AlertSetting, found: Found) -> Unmet | None:
        """Refuses an unknown alert or number, a number beyond its bounds, stated approvals."""
        if any((record.author, record.trial, record.approved_by, record.approved_at)):
            return Unmet(BY_HAND, "trial")
        word = word_of(record.alert)
        if word is None:
            return Unmet(NO_ALERT, "alert")
        for name, value in record.values.items():
            known = word.parameters.get(name)
            if known is None:
                return Unmet(NO_NUMBER.fill(name=name[:40]), f"values.{name[:40]}")
            if not known.lowest <= value <= known.highest:
                limits = {"lowest": f"{known.lowest:g}", "highest": f"{known.highest:g}"}
                return Unmet(Text(BOUNDS.zh.format(name=known.title.zh, **limits), BOUNDS.en.format(name=known.title.en, **limits)),
                             f"values.{name}")  # fmt: skip
        return None


def word_of(alert: str) -> type[Alert] | None:
    """The alert of that code."""
    return next((word for word in every(Alert) if word.code == alert), None)


def newest(docs: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The newest revision of each alert's setting."""
    found: dict[str, Mapping[str, Any]] = {}
    for doc in docs:
        known = found.get(doc["alert"])
        if known is None or known.get("revision", 1) < doc.get("revision", 1):
            found[doc["alert"]] = doc
    return [dict(doc) for doc in found.values()]
