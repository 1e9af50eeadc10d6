"""Machine-room assets, and the information services that depend on them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import AssetRef, DeviceRef, PlaceRef, ServiceRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text

CODE = r"^[A-Z0-9][A-Z0-9_-]*$"
OWNERS = ("portoffice", "terminal", "customs", "border", "maritime")
AssetKind = Literal["rack", "server", "network", "storage", "terminal", "security", "power", "cooling", "auxiliary"]
KINDS = {
    "rack": Text("机柜", "Rack"), "server": Text("服务器", "Server"), "network": Text("网络设备", "Network device"),
    "storage": Text("存储设备", "Storage device"), "terminal": Text("终端设备", "Terminal"), "security": Text("安全设备", "Security device"),
    "power": Text("供配电设备", "Power supply"), "cooling": Text("制冷设备", "Cooling"), "auxiliary": Text("辅助设备", "Auxiliary device"),
}  # fmt: skip
MEASURES = {
    "temperature": Text("温度", "Temperature"), "humidity": Text("湿度", "Humidity"), "power": Text("功率", "Power"),
    "voltage": Text("电压", "Voltage"), "load": Text("负载", "Load"), "leak": Text("漏水", "Leak"), "smoke": Text("烟雾", "Smoke"),
    "space": Text("存储占用", "Space used"),
}  # fmt: skip
Measure = Literal["temperature", "humidity", "power", "voltage", "load", "leak", "smoke", "space"]


class Sensor(Part):
    """What a device measures of the asset, and the limits that hold for the asset (of a leak or smoke: more than 0)."""

    measure: Measure = field("测量项", "Measured", example="temperature", values=MEASURES)
    device: DeviceRef = field("设备", "Device", example="device:ENV-A01")
    metric: str = field("测点", "Metric", example="temperature", min_length=1, max_length=64, codes="metric")
    low: float | None = field("下限", "Lowest", default=None, allow_inf_nan=False)
    high: float | None = field("上限", "Highest", default=None, allow_inf_nan=False, example=32)
    unit: str = field("单位", "Unit", default="", max_length=16, example="Cel")


class Capacity(Part):
    """What an asset has, and how much of it is used."""

    what: str = field("项目", "What", example="rack units", min_length=1, max_length=40)
    total: float = field("总量", "Total", ge=0, le=1e15, example=42)
    used: float = field("已用", "Used", ge=0, le=1e15, default=0, example=30)
    unit: str = field("单位", "Unit", default="", max_length=16, example="U")


class Asset(Record):
    """A thing in a machine room: where it stands, what it can carry, what it needs, and by what it is watched."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.rooms.asset",
        title=Text("机房资产", "Machine-room asset"),
        summary=Text(
            "服务器、网络、存储、终端、安全与辅助设备及其位置、容量、依赖与环境限值",
            "Servers, network, storage, terminals, security and auxiliary devices: place, capacity, dependencies, limits",
        ),
        clause="6.1",
        kind="state",
        ref="asset",
        key=("code",),
        parties=(Party.filer("owner"), Party.kind("portoffice")),
        filers=OWNERS,
        retention=10,
        label="name_zh",
    )
    code: str = field("资产编码", "Code", filter=True, example="RACK-A01", min_length=2, max_length=64, pattern=CODE)
    name_zh: str = field("中文名", "Name in Chinese", example="A01机柜", min_length=1, max_length=80)
    name_en: str = field("英文名", "Name in English", example="Rack A01", min_length=1, max_length=80)
    kind: AssetKind = field("类别", "Class", filter=True, example="rack", values=KINDS)
    room: PlaceRef = field("机房", "Room", filter=True, example="place:CNWHH/HALL/1/MACHINES")
    rack: str = field("机柜位置", "Position in the rack", default="", max_length=40, example="A01 U12-U14")
    device: DeviceRef | None = field("对应设备", "As a device", filter=True, default=None)
    capacity: tuple[Capacity, ...] = field("容量", "Capacity", default=(), max_length=20)
    depends_on: tuple[AssetRef, ...] = field("依赖资产", "Depends on", default=(), max_length=50)
    sensors: tuple[Sensor, ...] = field("环境与运行监测", "Watched by", default=(), max_length=30)
    model: str = field("型号", "Model", default="", max_length=80)
    serial: str = field("出厂编号", "Serial number", default="", max_length=80)
    installed_at: datetime | None = field("启用时间", "Installed at", default=None)
    simulated: bool = field("模拟资产", "Simulated", default=False)


class Service(Record):
    """An information service of the port, and the assets and services without which it does not work."""

    facts: ClassVar[Facts] = Facts(
        name="facilities.rooms.service",
        title=Text("信息系统服务", "Information service"),
        summary=Text("口岸信息系统服务及其依赖的资产与服务", "Information services of the port and what they depend on"),
        clause="6.1",
        kind="state",
        ref="itservice",
        key=("code",),
        parties=(Party.filer("owner"), Party.kind("portoffice")),
        filers=OWNERS,
        retention=10,
        label="name_zh",
    )
    code: str = field("服务编码", "Code", filter=True, example="GATE", min_length=2, max_length=64, pattern=CODE)
    name_zh: str = field("中文名", "Name in Chinese", example="智能卡口", min_length=1, max_length=80)
    name_en: str = field("英文名", "Name in English", example="Smart gate", min_length=1, max_length=80)
    depends_on: tuple[AssetRef, ...] = field("依赖资产", "Depends on assets", default=(), max_length=50)
    needs: tuple[ServiceRef, ...] = field("依赖服务", "Depends on services", default=(), max_length=50)
    simulated: bool = field("模拟服务", "Simulated", default=False)
