"""Hazard notice: what threatens the port from outside, with the area that it holds for (风险信息; HS/T 82 8.4.1 c))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from kouan.kernel.lifecycles import Action, Lifecycle, Track
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CLASSES: Mapping[str, Text] = {
    "natural": Text("自然灾害", "Natural disaster"), "accident": Text("事故灾难", "Accident"),
    "health": Text("公共卫生", "Public health"), "security": Text("社会安全", "Social security"),
}  # fmt: skip
"""The four kinds of emergency of the Emergency Response Law, which HS/T 82 8.4.1 c) names."""
CATEGORIES: Mapping[str, str] = {
    "Geo": "natural", "Met": "natural", "Env": "natural", "Fire": "accident", "Safety": "accident", "Rescue": "accident",
    "Transport": "accident", "Infra": "accident", "CBRNE": "accident", "Health": "health", "Security": "security",
    "Other": "accident",
}  # fmt: skip
"""CAP 1.2 3.2.2 `category` by the kind that the port takes it for."""
SEVERITY: Mapping[str, Text] = {
    "Extreme": Text("特别重大", "Extreme"), "Severe": Text("重大", "Severe"), "Moderate": Text("较大", "Moderate"),
    "Minor": Text("一般", "Minor"), "Unknown": Text("未知", "Unknown"),
}  # fmt: skip
STATUS: Mapping[str, Text] = {
    "Actual": Text("实际", "Actual"), "Exercise": Text("演练", "Exercise"), "System": Text("系统", "System"),
    "Test": Text("测试", "Test"), "Draft": Text("草稿", "Draft"),
}  # fmt: skip
TYPES: Mapping[str, Text] = {"Alert": Text("首发", "First notice"), "Update": Text("更新", "Update"), "Cancel": Text("解除", "Cancelled")}


class Area(Part):
    """An area of a notice in its own words, drawn (GeoJSON geometry, WGS 84) where it was drawn."""

    description: str = field("区域", "Area", max_length=400)
    geometry: dict[str, Any] | None = field("图形", "Geometry", default=None)


class Saying(Part):
    """What a notice says in one language (RFC 5646 code)."""

    language: str = field("语种", "Language", max_length=20)
    event: str = field("事件", "Event", max_length=200)
    headline: str = field("标题", "Headline", default="", max_length=400)
    description: str = field("描述", "Description", default="", max_length=4000)
    instruction: str = field("防御指引", "Instruction", default="", max_length=4000)


class Hazard(Record):
    """One notice of an authority: what threatens, how severe, where and until when."""

    facts: ClassVar[Facts] = Facts(
        name="operations.alerts.hazard",
        title=Text("风险信息", "Hazard notice"),
        summary=Text("自然灾害、事故灾难、公共卫生、社会安全风险信息", "Natural disasters, accidents, public health and social security"),
        clause="8.4.1 c)",
        kind="report",
        ref="hazard",
        key=("sender", "identifier"),
        parties=(Party.filer("source"), Party.everyone()),
        filers=("portoffice", "maritime", "transport", "customs", "border"),
        retention=10,
        label="identifier",
        amendable=False,
    )
    identifier: str = field("预警标识", "Identifier", filter=True, max_length=200, example="WH-MET-20261122-01")
    sender: str = field("发布单位", "Sender", filter=True, max_length=200, example="weather@wanghai.example")
    sent: datetime = field("发布时间", "Sent", filter=True)
    status: Literal["Actual", "Exercise", "System", "Test", "Draft"] = field("状态", "Status", filter=True, default="Actual", values=STATUS)
    type: Literal["Alert", "Update", "Cancel"] = field("消息类型", "Type of message", filter=True, default="Alert", values=TYPES)
    replaces: tuple[str, ...] = field("所替代的消息", "Messages that it replaces", default=(), max_length=50)
    kind: Literal["natural", "accident", "health", "security"] = field("风险类别", "Kind", filter=True, example="natural", values=CLASSES)
    categories: tuple[str, ...] = field("CAP类别", "CAP categories", default=(), max_length=12)
    severity: Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"] = field("严重程度", "Severity", filter=True, values=SEVERITY)
    urgency: str = field("紧急程度", "Urgency", default="Unknown", max_length=20)
    certainty: str = field("确定性", "Certainty", default="Unknown", max_length=20)
    onset: datetime | None = field("开始时间", "Onset", default=None)
    expires: datetime | None = field("失效时间", "Expires", filter=True, default=None)
    sayings: tuple[Saying, ...] = field("内容", "What it says", min_length=1, max_length=10)
    areas: tuple[Area, ...] = field("影响区域", "Areas", default=(), max_length=200)
    track: dict[str, Any] | None = field("移动路径", "Track", default=None)
    web: str | None = field("网址", "Web address", default=None, max_length=400)


class HazardLife(Lifecycle):
    """A notice holds until another of its sender replaces or cancels it; when it expires, its own time says."""

    code = Hazard.facts.name
    tracks = (
        Track(
            name="validity", title=Text("效力", "Validity"), owner="platform", start="holds", final=("replaced", "cancelled"),
            states={"holds": Text("有效", "Holds"), "replaced": Text("已被替代", "Replaced"), "cancelled": Text("已解除", "Cancelled")},
            actions=(
                Action(name="replace", title=Text("被替代", "Replaced"), frm=("holds",), to="replaced", by=("platform",)),
                Action(name="cancel", title=Text("被解除", "Cancelled"), frm=("holds",), to="cancelled", by=("platform",)),
            ),
        ),
    )  # fmt: skip

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """A cancellation holds for nothing itself."""
        assert isinstance(record, Hazard)
        return {"validity": "cancelled" if record.type == "Cancel" else "holds"}
