"""Staff's rule: a condition over what is measured or where movers are, written by port staff without code (8.1.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.base.reference.api import AlertRuleRef, OrgRef, PlaceRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text
from kouan.operations.alerts.records import SEVERITIES, Severity

SIGNALS: Mapping[str, Text] = {"reading": Text("设备读数", "Readings of devices"), "position": Text("位置", "Positions of movers")}
AUTHORS = ("portoffice", "terminal", "customs", "border", "maritime", "transport")


class Hit(Part):
    """One alarm that a rule would have raised."""

    at: datetime = field("开始", "Began")
    until: datetime | None = field("结束", "Ended", default=None)
    subject: str = field("对象", "Subject", max_length=160)
    value: float | None = field("监测值", "Value", default=None)
    lon: float | None = field("经度", "Longitude", unit="deg", default=None)
    lat: float | None = field("纬度", "Latitude", unit="deg", default=None)
    simulated: bool = field("模拟数据", "Simulated data", default=False)


class Trial(Part):
    """What would have been raised in a span of the past: counted, and the first of them shown. `until`: as far as was read."""

    since: datetime = field("起", "Since")
    until: datetime = field("止", "Until")
    partial: bool = field("未读完全段", "Ended before the end of its span", default=False)
    rows: int = field("读数条数", "Observations read", ge=0)
    alarms: int = field("预警次数", "Alarms", ge=0)
    hits: tuple[Hit, ...] = field("预警", "Alarms shown", default=(), max_length=50)
    by: str = field("试运行人", "Tried by", max_length=80, account=True)
    at: datetime = field("试运行时间", "Tried at")


class StaffRule(Record):
    """A rule as staff wrote it. Tried on the past, approved by a second person, then live; a change is a new revision."""

    facts: ClassVar[Facts] = Facts(
        name="operations.alerts.rule",
        title=Text("预警规则", "Alert rule"),
        summary=Text("业务人员编写的预警规则：试运行、双人批准、版本管理", "Alert rules that port staff write: tried, approved by two, versioned"),
        clause="8.1.5",
        kind="state",
        ref="alertrule",
        key=("code", "revision"),
        parties=(Party.filer("author"), Party.field("owner", "owner"), *(Party.kind(kind) for kind in AUTHORS)),
        filers=AUTHORS,
        retention=10,
        label="name_zh",
        amendable=False,
    )
    code: str = field("规则代码", "Code", filter=True, example="waiting-hall-full", pattern=r"^[a-z0-9][a-z0-9-]{1,47}$")
    revision: int = field("版本", "Revision", default=1, ge=1, le=9999)
    replaces: AlertRuleRef | None = field("替代的版本", "Replaces", default=None)
    name_zh: str = field("中文名称", "Name in Chinese", example="候检大厅客流高峰", min_length=1, max_length=80)
    name_en: str = field("英文名称", "Name in English", example="Passenger peak in the waiting hall", min_length=1, max_length=80)
    signal: Literal["reading", "position"] = field("数据", "Data", filter=True, example="reading", values=SIGNALS)
    metric: str | None = field("指标", "Metric", default=None, example="head_count", max_length=80)
    devices: tuple[str, ...] = field("设备（可用*结尾）", "Devices (may end in *)", default=(), max_length=200, example=["hall-1"])
    kinds: tuple[str, ...] = field("对象种类", "Kinds of mover", default=(), max_length=12)
    condition: dict[str, Any] = field("条件", "Condition", example={"field": "value", "op": ">", "value": 300, "clear": 270})
    for_s: float = field("持续时间", "It must hold for", unit="s", default=0, ge=0, le=86_400)
    count: int = field("次数", "Times", default=1, ge=1, le=1000)
    within_s: float = field("时间窗", "Within", unit="s", default=0, ge=0, le=86_400)
    absent_s: float = field("无数据时长", "Without a word for", unit="s", default=0, ge=0, le=604_800)
    clears_after_s: float = field("解除前持续", "Gone for, to clear", unit="s", default=30, ge=0, le=86_400)
    severity: Severity = field("级别", "Severity", filter=True, default="warning", values=SEVERITIES)
    message_zh: str = field(
        "预警内容（中文）", "Message in Chinese", example="{device} {value}，警戒线 {threshold}", min_length=1, max_length=300
    )
    message_en: str = field(
        "预警内容（英文）", "Message in English", example="{device} at {value}, line {threshold}", min_length=1, max_length=300
    )
    place: PlaceRef | None = field("地点", "Place", filter=True, default=None)
    owner: OrgRef = field("处置单位", "Owner", filter=True, example="org:portoffice")
    orgs: tuple[OrgRef, ...] = field("通知单位", "Agencies told", default=(), max_length=20)
    respond_s: int = field("处置时限", "Time to respond", unit="s", default=900, ge=10, le=604_800)
    clause: str = field("依据条款", "Clause", default="HS/T 82 8.1.5", max_length=60)
    author: str | None = field("编写人", "Written by", default=None, max_length=80, read_only=True, account=True)
    trial: Trial | None = field("试运行", "Trial", default=None, read_only=True)
    problem: str | None = field("暂停原因", "Why it rests", default=None, max_length=200, read_only=True)
    approved_by: str | None = field("批准人", "Approved by", default=None, max_length=80, read_only=True, account=True)
    approved_at: datetime | None = field("批准时间", "Approved at", default=None, read_only=True)
