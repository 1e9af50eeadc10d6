"""Warning: an alarm with place, evidence, owner and deadline, and its fate to the end (预警事件; HS/T 82 8.1.5 g))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.base.reference.api import AlertRuleRef, AnyRef, OrgRef, PlaceRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

SEVERITIES: Mapping[str, Text] = {
    "notice": Text("提示", "Notice"), "warning": Text("预警", "Warning"), "serious": Text("严重", "Serious"),
    "critical": Text("紧急", "Critical"),
}  # fmt: skip
"""The levels of handling, the lowest first."""
LEVELS = tuple(SEVERITIES)
VERDICTS: Mapping[str, Text] = {
    "true": Text("属实", "True"), "false": Text("误报", "False alarm"), "undecided": Text("未判定", "Undecided"),
}  # fmt: skip
Severity = Literal["notice", "warning", "serious", "critical"]
Verdict = Literal["true", "false", "undecided"]


class Said(Part):
    """A title or message in both languages, as it was when the alarm was raised."""

    zh: str = field("中文", "Chinese", max_length=600)
    en: str = field("英文", "English", max_length=600)


class Measure(Part):
    """What somebody did about a warning, or why nothing is to be done."""

    at: datetime = field("时间", "At")
    by: str = field("人员", "By", max_length=80, account=True)
    org: str = field("单位", "Organisation", named="org", max_length=40)
    action: str = field("操作", "Action", max_length=24)
    text: str = field("措施或理由", "Measure or reason", default="", max_length=2000)


class Warned(Record):
    """One alarm. Similar alarms fold into it; who did what about it, and whether it was true, is kept with it."""

    facts: ClassVar[Facts] = Facts(
        name="operations.alerts.warning",
        title=Text("预警事件", "Warning"),
        summary=Text("监测预警事件及其处置全过程", "An alarm and all that was done about it, to its end"),
        clause="8.1.5 g)",
        kind="state",
        ref="warning",
        key=("number",),
        parties=(
            Party.filer("platform"),
            Party.field("owner", "owner"),
            Party.field("concerned", "orgs"),
            Party.kind("portoffice"),
        ),
        filers=("platform",),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("预警编号", "Warning number", filter=True, max_length=40, example="WA-20261122-3F9C01")
    alert: str = field("预警类型", "Alert", filter=True, max_length=80, example="operations.alerts.cloned_plate")
    rule: AlertRuleRef | None = field("规则", "Rule", filter=True, default=None)
    revision: int | None = field("规则版本", "Revision of the rule", default=None, ge=1)
    condition: str = field("条件标识", "Condition", filter=True, max_length=200)
    severity: Severity = field("级别", "Severity", filter=True, values=SEVERITIES, example="warning")
    raised_as: Severity = field("初始级别", "Severity when raised", values=SEVERITIES)
    title: Said = field("名称", "Title")
    message: Said = field("内容", "Message")
    at: datetime = field("发生时间", "At", filter=True)
    until: datetime | None = field("解除时间", "Until", filter=True, default=None)
    place: PlaceRef | None = field("地点", "Place", filter=True, default=None)
    lon: float | None = field("经度", "Longitude", unit="deg", default=None, ge=-180, le=180)
    lat: float | None = field("纬度", "Latitude", unit="deg", default=None, ge=-90, le=90)
    subjects: tuple[AnyRef, ...] = field("涉及对象", "Subjects", default=(), filter=True, max_length=50)
    evidence: dict[str, Any] = field("证据", "Evidence", default_factory=dict)
    value: float | None = field("监测值", "Value", default=None)
    threshold: float | None = field("阈值", "Threshold", default=None)
    unit: str = field("单位", "Unit", default="", max_length=20)
    clause: str = field("依据条款", "Clause", default="", max_length=60)
    count: int = field("归并次数", "Alarms folded into it", default=1, ge=1)
    last_at: datetime | None = field("最近一次", "Last alarm", default=None)
    owner: OrgRef = field("处置单位", "Owner", filter=True, example="org:portoffice")
    orgs: tuple[OrgRef, ...] = field("通知单位", "Agencies told", default=(), max_length=20)
    respond_s: int = field("处置时限", "Time to respond", unit="s", default=900, ge=10, le=604_800)
    escalated: int = field("升级次数", "Times escalated", default=0, ge=0)
    measures: tuple[Measure, ...] = field("处置记录", "What was done", default=(), max_length=200)
    verdict: Verdict = field("判定", "Verdict", filter=True, default="undecided", values=VERDICTS)
    simulated: bool = field("模拟数据", "Simulated data", filter=True, default=False)
