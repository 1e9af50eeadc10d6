"""Incidents on site, the rules by which they rise, and how an instruction from above is carried out (HS/T 82 7.2.5 a) 3))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.exchange.api import OUTCOMES
from kouan.base.reference.api import AnyRef, OrgRef
from kouan.cooperation.link.api import LEVELS
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.references import reference_kind
from kouan.kernel.text import Text

reference_kind("incident", Text("现场事件", "Incident"), trail=True)
reference_kind("levelrule", Text("逐级上报规则", "Level rule"))
reference_kind("progress", Text("指令办理回报", "Progress of an instruction"))
AUTHORITIES = ("portoffice", "customs", "border", "maritime", "transport")
Kind = Literal["fire", "spill", "collision", "intrusion", "contraband", "health", "equipment", "other"]
KINDS: dict[str, Text] = {
    "fire": Text("火灾爆炸", "Fire or explosion"),
    "spill": Text("危险货物泄漏", "Spill of dangerous goods"),
    "collision": Text("碰撞", "Collision"),
    "intrusion": Text("闯入限定区域", "Intrusion into a restricted area"),
    "contraband": Text("查获违禁品", "Contraband found"),
    "health": Text("公共卫生事件", "Public health"),
    "equipment": Text("设备设施故障", "Failure of equipment"),
    "other": Text("其他", "Other"),
}
Severity = Literal["general", "serious", "grave", "gravest"]
SEVERITIES: dict[str, Text] = {
    "general": Text("一般（IV级）", "General (IV)"),
    "serious": Text("较大（III级）", "Serious (III)"),
    "grave": Text("重大（II级）", "Grave (II)"),
    "gravest": Text("特别重大（I级）", "Gravest (I)"),
}
"""The four levels of the Emergency Response Law (突发事件应对法), the graver the later."""
Up = Literal["province", "centre"]
UPWARD: dict[str, Text] = {name: LEVELS[name] for name in ("province", "centre")}
State = Literal["received", "acknowledged", "replied", "declined"]
STATES: dict[str, Text] = {
    "received": Text("已收到", "Received"),
    "acknowledged": Text("已签收", "Acknowledged"),
    "replied": Text("已答复", "Replied to"),
    "declined": Text("不予办理", "Declined"),
}


class Incident(Record):
    """Something that happened on site. The platform says by the rules of its level how far up it rises, and under which case.

    What comes from a platform below is an incident here too: it rises on by the rules of this level, or as far as it was
    to rise from below, whichever is further.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.levels.incident",
        title=Text("现场事件", "Incident"),
        summary=Text("现场上报的突发事件，按级别规则逐级上报", "What happened on site, reported upward by level rules"),
        clause="7.2.5 a) 3)",
        kind="report",
        ref="incident",
        key=("@filer", "number"),
        parties=(Party.filer("reporter"), *(Party.kind(kind) for kind in AUTHORITIES)),
        filers=(*AUTHORITIES, "terminal"),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("事件编号", "Number", filter=True, min_length=1, max_length=80, pattern=r"^[^\s|]+$", example="SJ-2611-001")
    kind: Kind = field("类别", "Kind", filter=True, example="spill", values=KINDS)
    severity: Severity = field("级别", "Severity", filter=True, example="grave", values=SEVERITIES)
    at: datetime = field("发生时间", "Happened at", filter=True, example="2026-11-22T03:20:00Z")
    spot: str | None = field("发生地点", "Where", default=None, max_length=200, example="Yard B, row 12")
    about: AnyRef | None = field("关于", "About", filter=True, default=None, example="container:MSKU9070323")
    subject: str = field("事由", "Subject", min_length=1, max_length=200, example="Leaking tank container")
    text: str | None = field("经过", "Text", level=2, default=None, max_length=4000)
    case: str | None = field("事件统一编号", "Case", filter=True, read_only=True, default=None, max_length=40)
    rises_to: tuple[Up, ...] = field("上报至", "Rises to", filter=True, read_only=True, default=(), max_length=2, values=UPWARD)
    from_platform: OrgRef | None = field("上报平台", "Told by the platform", filter=True, read_only=True, default=None)


class LevelRule(Record):
    """Incidents of a kind, from a severity on, rise to a level. All rules count; the highest level stands."""

    facts: ClassVar[Facts] = Facts(
        name="cooperation.levels.rule",
        title=Text("逐级上报规则", "Level rule"),
        summary=Text("何种类别、级别的事件上报至哪一级", "Which incidents rise to which level"),
        clause="7.2.5 a) 3)",
        kind="filing",
        ref="levelrule",
        key=("code",),
        parties=(Party.everyone(),),
        filers=("portoffice",),
        retention=10,
        label="code",
    )
    code: str = field("规则编号", "Code", filter=True, min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$", example="SB-01")
    kind: Literal[Kind, "any"] = field(
        "事件类别", "Kind of incident", filter=True, default="any", values={**KINDS, "any": Text("不限", "Any")}
    )
    severity: Severity = field("级别（及以上）", "From severity", example="serious", values=SEVERITIES)
    to: Up = field("上报至", "Rises to", filter=True, example="province", values=UPWARD)
    active: bool = field("启用", "Active", filter=True, default=True)
    note: str | None = field("说明", "Note", default=None, max_length=400)


class Progress(Record):
    """How far an instruction from above has come: one record for each place that received, acknowledged or answered it.

    `place` is the way down as seen from here: `port-b/terminal` is the terminal at port B; empty is this platform itself.
    """

    facts: ClassVar[Facts] = Facts(
        name="cooperation.levels.progress",
        title=Text("指令办理回报", "Progress of an instruction"),
        summary=Text("各级收到、签收、答复上级指令的情况", "How each level received, acknowledged and answered an instruction from above"),
        clause="7.2.5 a) 3)",
        kind="state",
        ref="progress",
        key=("instruction", "place", "stage"),
        parties=tuple(Party.kind(kind) for kind in AUTHORITIES),
        filers=("platform",),
        retention=10,
        label="instruction",
        amendable=False,
    )
    instruction: str = field("指令编号", "Instruction", filter=True, min_length=1, max_length=40)
    case: str | None = field("事件统一编号", "Case", filter=True, default=None, max_length=40)
    place: str = field("办理单位（逐级）", "Place, level by level", filter=True, default="", max_length=200)
    stage: State = field("进度", "Stage", filter=True, values=STATES)
    outcome: Literal["done", "partly", "nothing-found"] | None = field("办理结果", "Outcome", default=None, values=OUTCOMES)
    reply: str | None = field("答复", "Reply", level=2, default=None, max_length=4000)
    at: datetime = field("时间", "At", filter=True)
