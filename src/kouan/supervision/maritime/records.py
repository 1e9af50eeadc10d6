"""Maritime orders about a call, and the limits of berths for dangerous goods (HS/T 82 9.1.4 e))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import PlaceRef, PortCallRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

OrderKind = Literal["berth", "window", "stop", "escort", "conditions"]
KINDS: dict[str, Text] = {
    "berth": Text("限定泊位", "Berth restriction"),
    "window": Text("限定时间", "Time window"),
    "stop": Text("禁止靠泊", "Stop"),
    "escort": Text("护航监护", "Escort"),
    "conditions": Text("附加条件", "Conditions"),
}
Effect = Literal["replanned", "halted", "flagged", "kept", "none"]
EFFECTS: dict[str, Text] = {
    "replanned": Text("已重排计划", "Plan made anew"),
    "halted": Text("已叫停", "Plan halted"),
    "flagged": Text("已提示码头", "Terminal alerted"),
    "kept": Text("计划已符合", "The plan complies"),
    "none": Text("尚无计划", "No plan yet"),
}


class MaritimeOrder(Record):
    """What the maritime administration orders about a ship's call. It binds the berth plan from the moment it is filed."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.maritime.order",
        title=Text("海事指令", "Maritime order"),
        summary=Text(
            "海事对船舶的泊位、时间、护航、禁止靠泊等指令", "Orders of the maritime administration about berth, time, escort or stop of a ship"
        ),
        clause="9.1.4 e)",
        kind="filing",
        ref="maritimeorder",
        key=("number",),
        parties=(
            Party.filer("issuer"),
            Party.kind("maritime"),
            Party.kind("terminal"),
            Party.kind("portoffice"),
            Party.like("parties to the call", "call"),
        ),
        filers=("maritime",),
        retention=10,
        label="number",
        amendable=False,
    )
    number: str = field("指令编号", "Order number", filter=True, example="MSA-2611-0001", min_length=3, max_length=60)
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example="portcall:CNWHH/VESSEL:IMO:9321483/2611E")
    kind: OrderKind = field("类别", "Kind", filter=True, example="berth", values=KINDS)
    berths: tuple[PlaceRef, ...] = field("只准泊位", "Only these berths", default=(), max_length=50, example=["place:CNWHH/BERTH/B4"])
    not_berths: tuple[PlaceRef, ...] = field("禁止泊位", "Not these berths", default=(), max_length=50)
    not_before: datetime | None = field("不早于", "Not before", default=None)
    not_after: datetime | None = field("不晚于", "Not after", default=None)
    conditions: str = field("条件", "Conditions", default="", max_length=1000)
    reason_zh: str = field("理由（中文）", "Reason in Chinese", min_length=2, max_length=300, example="船载第3类易燃液体")
    reason_en: str = field("理由（英文）", "Reason in English", min_length=2, max_length=300, example="Class 3 flammable liquids aboard")
    effect: Effect | None = field("对泊位计划的影响", "Effect on the berth plan", default=None, filter=True, values=EFFECTS)


class BerthLimit(Record):
    """Classes of dangerous goods that ships may not bring to a berth, as the maritime administration or port office sets it."""

    facts: ClassVar[Facts] = Facts(
        name="supervision.maritime.limit",
        title=Text("泊位危险品限制", "Berth limit for dangerous goods"),
        summary=Text("各泊位不接受的危险货物类别", "Classes of dangerous goods that a berth does not take"),
        clause="9.1.4 e)",
        kind="state",
        ref="berthlimit",
        key=("berth",),
        parties=(Party.filer("owner"), Party.everyone()),
        filers=("maritime", "portoffice"),
        retention=10,
        label="berth",
    )
    berth: PlaceRef = field("泊位", "Berth", filter=True, example="place:CNWHH/BERTH/B1")
    classes: tuple[str, ...] = field("不接受的类别", "Classes not taken", min_length=0, max_length=30, example=["1", "7"])
    basis: str = field("依据", "Basis", default="", max_length=300)
