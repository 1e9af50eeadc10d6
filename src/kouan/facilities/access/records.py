"""Who may enter a restricted area, and who did (口岸限定区域通行证与出入记录; HS/T 82 8.1.2 c))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import PersonRef, PlaceRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

WAYS = {"in": Text("进入", "In"), "out": Text("离开", "Out")}
PURPOSES = {
    "work": Text("作业", "Work"), "crew": Text("船员登离船", "Crew"), "service": Text("船舶服务", "Service to ships"),
    "official": Text("公务", "Official duty"), "visit": Text("参观", "Visit"),
}  # fmt: skip


class AreaPermit(Record):
    """A person's permit for restricted areas, applied for by the employer and issued by border inspection."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.access.permit",
        title=Text("限定区域通行证", "Restricted-area permit"),
        summary=Text("人员进入口岸限定区域的许可：区域、有效期与用途", "A person's permit to enter restricted areas: where, how long, what for"),
        clause="8.1.2 c)",
        kind="filing",
        ref="areapermit",
        key=("@filer", "number"),
        parties=(Party.filer("employer"), Party.kind("border"), Party.kind("portoffice"), Party.kind("terminal")),
        filers=("agent", "carrier", "terminal", "trucker", "portoffice", "border", "customs", "maritime"),
        retention=3,
        label="number",
        subject="person",
    )
    number: str = field("通行证号", "Permit number", filter=True, example="XD-2611-0001", min_length=1, max_length=40)
    person: PersonRef = field(
        "证件（种类/签发国/号码）", "Document (kind/issuer/number)", level=2, filter=True, example="person:P/CN/E00000003"
    )
    name: str | None = field("姓名", "Name", level=3, default=None, max_length=80)
    card: str | None = field("门禁卡号", "Access card", level=3, filter=True, default=None, max_length=40)
    employer: str = field("用人单位", "Employer", example="示例船务代理有限公司", min_length=1, max_length=120)
    areas: tuple[PlaceRef, ...] = field(
        "限定区域", "Restricted areas", filter=True, example=["place:CNWHH/AREA/R1"], min_length=1, max_length=20
    )
    purpose: Literal["work", "crew", "service", "official", "visit"] = field("用途", "Purpose", example="work", values=PURPOSES)
    opens: datetime = field("有效期自", "Valid from", filter=True, example="2026-11-22T00:00:00Z")
    closes: datetime = field("有效期至", "Valid until", filter=True, example="2026-12-22T00:00:00Z")
    escort: bool = field("须专人陪同", "Escort needed", default=False)


class AreaPassage(Record):
    """A person went into or out of a restricted area, as the reader at its door tells it. It is kept whatever it says."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.access.passage",
        title=Text("限定区域出入记录", "Passage of a restricted area"),
        summary=Text("人员进出限定区域的记录，由门禁设备报告", "Persons entering and leaving restricted areas, told by the readers"),
        clause="8.1.2 c)",
        kind="report",
        ref="areapassage",
        key=("reader", "at", "person", "direction"),
        parties=(Party.filer("keeper"), Party.kind("border"), Party.kind("portoffice")),
        filers=("terminal", "portoffice", "border"),
        retention=3,
        label="reader",
        subject="person",
        amendable=False,
    )
    person: PersonRef = field(
        "证件（种类/签发国/号码）", "Document (kind/issuer/number)", level=2, filter=True, example="person:P/CN/E00000003"
    )
    area: PlaceRef = field("限定区域", "Restricted area", filter=True, example="place:CNWHH/AREA/R1")
    direction: Literal["in", "out"] = field("方向", "Direction", filter=True, example="in", values=WAYS)
    at: datetime = field("时间", "At", filter=True, example="2026-11-22T02:00:00Z")
    reader: str = field("门禁设备", "Reader", filter=True, example="PR-R1-01", min_length=1, max_length=64)
