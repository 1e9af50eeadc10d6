"""Handling order: what a terminal or depot is asked to do with containers (COPARN, COPRAR; HS/T 82 7.2.1 b) 3))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.movement.records import STATUSES
from kouan.base.reference.api import BillRef, BookingRef, ContainerRef, PlaceRef, PortCallRef, VesselRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

Task = Literal[
    "discharge", "load", "accept", "release", "announce", "call-down", "empty-advice", "on-hire", "off-hire", "stuff",
    "strip", "to-bay", "from-bay", "shift", "other",
]  # fmt: skip
TASKS: Mapping[str, Text] = {
    "discharge": Text("卸船指令", "Discharge"),
    "load": Text("装船指令", "Load"),
    "accept": Text("收箱指令", "Accept at the gate"),
    "release": Text("放箱指令", "Release at the gate"),
    "announce": Text("箱预告", "Announcement of arrival"),
    "call-down": Text("进口箱调出", "Call down"),
    "empty-advice": Text("空箱通知", "Advice of empties"),
    "on-hire": Text("起租", "On hire"),
    "off-hire": Text("退租", "Off hire"),
    "stuff": Text("装箱指令", "Stuff"),
    "strip": Text("拆箱指令", "Strip"),
    "to-bay": Text("移至查验位", "Move to the inspection bay"),
    "from-bay": Text("移离查验位", "Move from the inspection bay"),
    "shift": Text("场内移箱", "Shift in the yard"),
    "other": Text("其他作业", "Other handling"),
}
FUNCTIONS: Mapping[str, Text] = {
    "original": Text("首次", "Original"),
    "change": Text("变更", "Change"),
    "cancel": Text("撤销", "Cancellation"),
}
TRUCKER: tuple[str, ...] = (
    "number", "task", "units", "vessel", "voyage", "booking", "bill", "place", "opens", "closes", "operator", "haulier",
)  # fmt: skip
"""What the haulier sees of an order."""


class OrderedUnit(Part):
    """One container of an order, or so many of a size and type where no numbers are known yet."""

    equipment: ContainerRef | None = field("集装箱", "Container", default=None, example="container:MSKU9070323")
    count: int = field("数量", "Number", default=1, ge=1, le=9999)
    size_type: str | None = field("箱型", "Size and type", default=None, max_length=10, example="22G1")
    status: Literal["full", "empty"] | None = field(
        "空重", "Full or empty", default=None, example="full", values=STATUSES
    )
    gross_kg: float | None = field("总重", "Gross mass", unit="kg", default=None, ge=0, le=500_000)
    booking: BookingRef | None = field("订舱", "Booking", default=None)
    bill: BillRef | None = field("提运单", "Transport document", default=None)
    loading: str | None = field("装货港", "Port of loading", default=None, max_length=25)
    discharge: str | None = field("卸货港", "Port of discharge", default=None, max_length=25)
    position: str | None = field("位置（箱位或贝位）", "Position (slot or cell)", default=None, max_length=40)
    seals: tuple[str, ...] = field("封志", "Seals", default=(), max_length=20)
    dangerous: tuple[str, ...] = field("危险货物（联合国编号）", "Dangerous goods (UN numbers)", default=(), max_length=99)
    temperature_c: float | None = field("设定温度", "Temperature set", unit="°C", default=None, ge=-100, le=200)
    remarks: str | None = field("备注", "Remarks", default=None, max_length=1000)


class HandlingOrder(Record):
    """What a carrier, agent or authority asks a terminal to do; the terminal answers on its own track."""

    facts: ClassVar[Facts] = Facts(
        name="base.movement.handling_order",
        title=Text("集装箱作业指令", "Handling order"),
        summary=Text(
            "请求码头或堆场收箱、放箱、装卸、移箱的指令",
            "An order to a terminal or depot to accept, release, load, discharge or move containers",
        ),
        clause="7.2.1 b) 3)",
        kind="filing",
        ref="handling",
        key=("@filer", "number"),
        parties=(
            Party.filer("orderer"),
            Party.kind("terminal"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.field("carrier", "carrier"),
            Party.field("haulier", "haulier", *TRUCKER),
            Party.like("cargo", "bill", *TRUCKER),
        ),
        filers=("carrier", "agent", "customs", "border", "maritime", "portoffice", "terminal"),
        retention=10,
        label="number",
    )
    number: str = field("指令编号", "Order number", filter=True, min_length=1, max_length=90, example="HO-2611-0001")
    task: Task = field("作业", "Task", filter=True, example="release", values=TASKS)
    function: Literal["original", "change", "cancel"] = field(
        "报文功能", "Function", default="original", values=FUNCTIONS
    )
    units: tuple[OrderedUnit, ...] = field("集装箱", "Containers", default=(), max_length=5000)
    vessel: VesselRef | None = field("船舶", "Vessel", filter=True, default=None, example="vessel:imo:9321483")
    voyage: str | None = field("航次", "Voyage", default=None, max_length=35, example="2611E")
    call: PortCallRef | None = field("船舶口岸动态", "Port call", filter=True, default=None)
    booking: BookingRef | None = field("订舱", "Booking", filter=True, default=None)
    bill: BillRef | None = field("提运单", "Transport document", filter=True, default=None)
    place: PlaceRef | None = field("作业地点", "Place", default=None)
    to: PlaceRef | None = field("移至", "To", default=None)
    opens: datetime | None = field("最早时间", "Not before", filter=True, default=None)
    closes: datetime | None = field("最迟时间", "Not after", default=None)
    operator: str | None = field("作业方", "Terminal or depot", default=None, max_length=80)
    carrier: str | None = field("承运人", "Carrier", default=None, max_length=80)
    haulier: str | None = field("运输企业", "Haulier", default=None, max_length=80)
    reason: str | None = field("事由", "Reason", default=None, max_length=400)
    source: str | None = field("来源报文", "Source message", default=None, max_length=120)
