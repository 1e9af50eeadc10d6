"""Lane and passage of the smart gate (智能卡口; HS/T 82 6.3; UN/EDIFACT CODECO tells the passage)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import BookingRef, ContainerRef, GatePassRef, PersonRef, PlaceRef, VehicleRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

TRUCKER = (
    "number", "lane", "direction", "vehicle", "vehicle_type", "trailer", "containers", "gross_kg", "at", "place", "booking", "business",
    "decision", "judgements", "to", "offline", "permit",
)  # fmt: skip
WAYS = {"in": Text("进港", "Inbound"), "out": Text("出港", "Outbound")}
DECISIONS = {"open": Text("放行", "Let in"), "divert": Text("分流", "Diverted"), "refuse": Text("拒绝", "Refused")}
SEVERITIES: Mapping[str, Text] = {
    "warn": Text("提醒", "Told only"), "divert": Text("不满足则分流", "Diverts"), "hold": Text("不满足则不放行", "Holds"),
    "refuse": Text("不满足则拒绝", "Refuses"),
}  # fmt: skip
BUSINESSES: Mapping[str, Text] = {
    "import": Text("进口提箱", "Import"),
    "export": Text("出口集港", "Export"),
    "empty": Text("空箱", "Empty box"),
    "bonded": Text("保税转运", "Bonded transit"),
    "coach": Text("客车", "Passenger coach"),
    "hazardous": Text("危险货物", "Dangerous goods"),
    "staff": Text("员工车辆", "Staff vehicle"),
    "inspection": Text("查验车辆", "Inspection vehicle"),
}
"""What a vehicle comes for, as it is booked."""
Device = Literal["plate", "container", "scale", "radiation", "seal", "card"]
VEHICLE_TYPES: Mapping[str, Text] = {
    "tractor": Text("牵引车", "Tractor"), "rigid": Text("厢式或栏板货车", "Rigid lorry"), "tanker": Text("罐车", "Tanker"),
    "van": Text("轻型货车", "Van"), "bus": Text("客车", "Bus"), "car": Text("小型客车", "Car"), "other": Text("其他", "Other"),
}  # fmt: skip
VehicleType = Literal["tractor", "rigid", "tanker", "van", "bus", "car", "other"]
DEVICES: Mapping[str, Text] = {
    "plate": Text("车牌识别", "Plate reader"),
    "container": Text("箱号识别", "Container number reader"),
    "scale": Text("地磅", "Weighbridge"),
    "radiation": Text("辐射探测门", "Radiation portal"),
    "seal": Text("封志识读", "Seal reader"),
    "card": Text("司机卡", "Driver's card"),
}


class Lane(Record):
    """A lane of the gate: its direction and where diverted vehicles are sent."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.gate.lane",
        title=Text("卡口通道", "Gate lane"),
        summary=Text("卡口的车道", "A lane of the smart gate"),
        clause="6.3",
        kind="state",
        ref="lane",
        key=("code",),
        parties=(Party.filer("operator"), Party.everyone()),
        filers=("terminal", "portoffice"),
        retention=30,
        label="name_zh",
    )
    code: str = field("通道代码", "Lane code", filter=True, example="in-1", pattern=r"^[a-z0-9-]{1,24}$")
    name_zh: str = field("中文名", "Name in Chinese", example="进港1道", max_length=80)
    name_en: str = field("英文名", "Name in English", example="Entry lane 1", max_length=80)
    direction: Literal["in", "out"] = field("方向", "Direction", filter=True, values=WAYS)
    divert_to: PlaceRef | None = field("分流去向", "Diverts to", default=None)
    place: PlaceRef | None = field("位置", "Place", default=None)
    secondary: PlaceRef | None = field("二次检查区", "Secondary inspection", default=None)
    devices: tuple[Device, ...] = field("应有设备", "Devices that it has", default=(), max_length=6, values=DEVICES)


class Reading(Part):
    """What one device of the lane read, as it told it. `used`: whether it is what the passage goes by."""

    device: str = field("设备", "Device", max_length=40)
    kind: Device = field("类型", "Kind", values=DEVICES)
    value: str = field("读数", "Read", max_length=80)
    at: datetime = field("读取时间", "Read at")
    confidence: float | None = field("置信度", "Confidence", default=None, ge=0, le=1)
    used: bool = field("采用", "Used")
    image: str | None = field("图像引用", "Image", default=None, max_length=200)


class Judgement(Part):
    """What one rule at the gate said."""

    rule: str = field("规则", "Rule", max_length=64)
    met: bool = field("是否满足", "Met")
    severity: str = field("性质", "Severity", values=SEVERITIES, max_length=10)
    zh: str = field("原因（中文）", "Reason in Chinese", max_length=400)
    en: str = field("原因（英文）", "Reason in English", max_length=400)
    owner: str = field("主管单位", "Owner", default="", named="org", max_length=20)
    to: str = field("分流去向", "To", default="", max_length=80)


class Passage(Record):
    """A vehicle presented at a lane, and the decision with the reasons of every rule. A report: it is always kept."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.gate.passage",
        title=Text("过卡记录", "Gate passage"),
        summary=Text("车辆过卡及判定", "A vehicle at a lane and what was decided"),
        clause="6.3",
        kind="report",
        ref="passage",
        key=("number",),
        parties=(
            Party.filer("gate"),
            Party.kind("terminal"),
            Party.kind("customs"),
            Party.kind("border"),
            Party.kind("portoffice"),
            Party.field("trucker", "trucker", *TRUCKER),
        ),
        filers=("terminal", "portoffice"),
        retention=5,
        label="vehicle",
        subject="driver",
        amendable=False,
    )
    number: str = field("过卡编号", "Passage number", filter=True, max_length=64)
    lane: str = field("通道", "Lane", filter=True, named="lane", max_length=24)
    direction: Literal["in", "out"] = field("方向", "Direction", filter=True, values=WAYS)
    vehicle: VehicleRef = field("车牌", "Vehicle", filter=True, example="vehicle:鲁B12345")
    trailer: VehicleRef | None = field("挂车", "Trailer", default=None)
    vehicle_type: VehicleType | None = field("车型", "Type of vehicle", default=None, values=VEHICLE_TYPES)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=4)
    gross_kg: float | None = field("总重", "Gross mass", unit="kg", default=None, ge=0, le=500_000)
    seals: tuple[str, ...] = field("封志", "Seals", default=(), max_length=8)
    at: datetime = field("时间", "At", filter=True)
    place: PlaceRef | None = field("地点", "Place", default=None)
    booking: BookingRef | None = field("预约", "Booking", filter=True, default=None)
    business: str | None = field("业务类型", "Business", filter=True, default=None, values=BUSINESSES, max_length=20)
    decision: Literal["open", "divert", "refuse"] = field("判定", "Decision", filter=True, values=DECISIONS)
    to: str | None = field("分流去向", "Sent to", default=None, max_length=80)
    judgements: tuple[Judgement, ...] = field("规则判定", "Judgements", default=())
    trucker: str | None = field("运输企业", "Trucker", default=None, max_length=40)
    tare_kg: float | None = field("车辆自重", "Tare of the vehicle", unit="kg", default=None, ge=0, le=100_000)
    radiation: bool | None = field("辐射报警", "Radiation alarm", filter=True, default=None)
    radiation_cps: float | None = field("辐射计数率", "Radiation count rate", unit="1/s", default=None, ge=0, le=1e9)
    readings: tuple[Reading, ...] = field("设备读数", "Readings", default=(), max_length=60)
    silent: tuple[Device, ...] = field("无应答设备", "Silent devices", default=(), max_length=6, values=DEVICES)
    entered: tuple[Device, ...] = field("人工补录", "Entered by hand", default=(), max_length=6, values=DEVICES)
    permit: GatePassRef | None = field("离线通行证", "Offline permit", filter=True, default=None)
    offline: bool = field("离线放行", "Let through offline", filter=True, default=False)
    judged: Literal["open", "divert", "refuse"] | None = field("系统原判定", "As judged", default=None, values=DECISIONS)
    override_reason: str | None = field("改判理由", "Reason of the override", default=None, max_length=400)
    override_by: str | None = field("改判人", "Overridden by", level=2, account=True, default=None, max_length=80)
    override_second: str | None = field("第二确认人", "Second person", level=2, account=True, default=None, max_length=80)
    driver: PersonRef | None = field("驾驶员（证件）", "Driver (document)", level=2, default=None)
    driver_name: str | None = field("驾驶员姓名", "Driver's name", level=3, default=None, max_length=80)
