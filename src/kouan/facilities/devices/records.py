"""What is kept of devices: the device itself, what happened to it, its maintenance, and the commands it was given."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import DeviceRef, LaneRef, OrgRef, PersonRef, PlaceRef
from kouan.facilities.devices.classes import CLASSES, DRIVERS, DeviceClass, DriverName
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CODE = r"^[A-Z0-9][A-Z0-9_-]*$"
METRIC = r"^[A-Za-z0-9][A-Za-z0-9._/ -]*$"
OWNERS = ("terminal", "portoffice", "customs", "border", "maritime", "carrier")
WHATS = {
    "online": Text("上线", "Online"), "offline": Text("离线", "Offline"), "birth": Text("上线报告", "Birth"), "death": Text("下线报告", "Death"),
}  # fmt: skip
WHYS = {
    "heard": Text("收到数据", "It was heard"), "birth": Text("设备报告上线", "The device said so"),
    "will": Text("连接中断", "Its connection broke"), "silent": Text("超过两个心跳周期无数据", "Silent for two keep-alives"),
    "retired": Text("已停用", "Taken out of use"),
}  # fmt: skip
Works = Literal["inspection", "calibration", "repair", "replacement", "update"]
WORKS = {
    "inspection": Text("巡检", "Inspection"), "calibration": Text("校准", "Calibration"), "repair": Text("维修", "Repair"),
    "replacement": Text("更换", "Replacement"), "update": Text("升级", "Update"),
}  # fmt: skip


class Metric(Part):
    """What a device measures or obeys. Kept value = sent value x scale + offset.

    `source`: where the device keeps it: a Sparkplug metric's name ("" for its own name), a Modbus register (`holding:100:float32`),
    a node of an OPC UA server (`ns=2;s=Pump.Pressure`).
    """

    name: str = field("测点", "Metric", example="temperature", min_length=1, max_length=64, pattern=METRIC, codes="metric")
    unit: str = field("单位", "Unit", default="", max_length=16, example="Cel")
    low: float | None = field("量程下限", "Lowest plausible", default=None, allow_inf_nan=False)
    high: float | None = field("量程上限", "Highest plausible", default=None, allow_inf_nan=False)
    scale: float = field("系数修正", "Scale", default=1.0, gt=0, allow_inf_nan=False)
    offset: float = field("零点修正", "Offset", default=0.0, allow_inf_nan=False)
    source: str = field("设备内地址", "Address in the device", default="", max_length=120)
    writable: bool = field("可下发", "May be written", default=False)


class Device(Record):
    """A device of the port: what it is, where it stands, whose it is, how it speaks and what it measures."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.devices.device",
        title=Text("设备", "Device"),
        summary=Text("口岸设备台账：类别、位置、归属、接入方式、测点与量程", "The register of devices: class, place, owner, protocol, metrics and ranges"),
        clause="5.2, 6.3",
        kind="state",
        ref="device",
        key=("code",),
        parties=(Party.filer("owner"), Party.kind("portoffice"), Party.field("readers", "readers")),
        filers=OWNERS,
        retention=10,
        label="name_zh",
    )
    code: str = field("设备编码", "Code", filter=True, example="WS-01", min_length=2, max_length=64, pattern=CODE)
    name_zh: str = field("中文名", "Name in Chinese", example="码头前沿气象站", min_length=1, max_length=80)
    name_en: str = field("英文名", "Name in English", example="Weather station at the quay", min_length=1, max_length=80)
    kind: DeviceClass = field("类别", "Class", filter=True, example="weather", values=CLASSES)
    place: PlaceRef | None = field("位置", "Place", filter=True, default=None, example="place:CNWHH/QUAY/1")
    lane: LaneRef | None = field("卡口通道", "Gate lane", filter=True, default=None)
    lon: float | None = field("经度", "Longitude", unit="deg", default=None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = field("纬度", "Latitude", unit="deg", default=None, ge=-90, le=90, allow_inf_nan=False)
    driver: DriverName = field("接入方式", "Protocol", filter=True, example="mqtt", values=DRIVERS)
    address: str = field(
        "通信地址（不含口令）", "Address (without secrets)", level=2, default="", max_length=200, example="10.0.8.21:4001"
    )
    metrics: tuple[Metric, ...] = field("测点", "Metrics", default=(), max_length=200)
    keep_alive_s: int = field("心跳周期", "Keep-alive", unit="s", default=30, ge=1, le=86_400)
    poll_s: float | None = field(
        "采集周期", "Polled every", unit="s", default=None, ge=0.1, le=3600, allow_inf_nan=False, example=5
    )
    data_level: int = field("数据等级", "Data level", default=2, ge=1, le=4)
    holder: PersonRef | None = field("佩戴或随身人员（证件）", "Worn or carried by (document)", level=2, default=None)
    maker: str = field("制造商", "Maker", default="", max_length=80)
    model: str = field("型号", "Model", default="", max_length=80)
    serial: str = field("出厂编号", "Serial number", default="", max_length=80)
    calibrated_at: datetime | None = field("校准日期", "Calibrated on", default=None)
    calibration_due: datetime | None = field("下次校准", "Calibration due", filter=True, default=None)
    readers: tuple[OrgRef, ...] = field("可读单位", "Readers", default=(), max_length=40)
    simulated: bool = field("模拟设备", "Simulated", filter=True, default=False)


class DeviceEvent(Record):
    """A device came, went, or said that it does."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.devices.event",
        title=Text("设备事件", "Device event"),
        summary=Text("设备上线与离线", "Devices that come online and go offline"),
        clause="5.2",
        kind="report",
        ref="deviceevent",
        key=("number",),
        parties=(Party.filer("platform"), Party.like("readers", "device")),
        filers=("platform",),
        retention=2,
        label="number",
        amendable=False,
    )
    number: str = field("编号", "Number", filter=True, max_length=120)
    device: DeviceRef = field("设备", "Device", filter=True)
    what: Literal["online", "offline"] = field("事件", "Event", filter=True, values=WHATS)
    why: Literal["heard", "birth", "will", "silent", "retired"] = field("原因", "Why", values=WHYS)
    at: datetime = field("时间", "At", filter=True)
    simulated: bool = field("模拟设备", "Simulated", default=False)


class Maintenance(Record):
    """Work on a device: planned, begun, done; what was found and replaced."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.devices.maintenance",
        title=Text("设备维护", "Device maintenance"),
        summary=Text("设备的巡检、校准、维修、更换与升级", "Inspection, calibration, repair, replacement and update of devices"),
        clause="6.3",
        kind="state",
        ref="devicework",
        key=("@filer", "number"),
        parties=(Party.filer("owner"), Party.like("readers", "device")),
        filers=OWNERS,
        retention=10,
        label="number",
    )
    number: str = field("工单号", "Work order", filter=True, example="WX-2611-0001", min_length=1, max_length=64)
    device: DeviceRef = field("设备", "Device", filter=True, example="device:WS-01")
    work: Works = field("类别", "Work", filter=True, example="calibration", values=WORKS)
    planned_at: datetime = field("计划时间", "Planned at", filter=True, example="2026-11-23T01:00:00Z")
    reason: str = field("事由", "Reason", default="", max_length=400)
    done_at: datetime | None = field("完成时间", "Done at", default=None, read_only=True)
    result: str = field("结果", "Result", default="", max_length=1000, read_only=True)
    parts: tuple[str, ...] = field("更换部件", "Parts replaced", default=(), max_length=50, read_only=True)


class Command(Record):
    """Something a device is asked to do, and whether it confirmed."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.devices.command",
        title=Text("设备指令", "Device command"),
        summary=Text("向设备下发的指令及其确认", "Commands to devices and their acknowledgement"),
        clause="5.2",
        kind="report",
        ref="devicecommand",
        key=("number",),
        parties=(Party.filer("platform"), Party.like("readers", "device")),
        filers=("platform",),
        retention=5,
        label="number",
        amendable=False,
    )
    number: str = field("编号", "Number", filter=True, max_length=64)
    device: DeviceRef = field("设备", "Device", filter=True)
    metric: str = field("测点", "Metric", max_length=64)
    value: float | None = field("值", "Value", default=None, allow_inf_nan=False)
    text: str = field("文本", "Text", default="", max_length=400)
    asked_by: str = field("下发人", "Asked by", account=True, level=2, max_length=80)
    timeout_s: int = field("确认时限", "Acknowledgement within", unit="s", default=10, ge=1, le=300)
    answered_at: datetime | None = field("确认时间", "Answered at", default=None)
    answer: str = field("设备答复", "Answer", default="", max_length=400)
