"""Packing list, equipment interchange receipt, delivery order, each with its containers (HS/T 82 7.2.1 b); ISO 6346)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import BillRef, BookingRef, ContainerRef, OrgRef, PlaceRef, ShipmentRef, VehicleRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text


class PackedLine(Part):
    """One line of a packing list: which packages, what is in them, in which box."""

    sequence: int = field("序号", "Sequence", ge=0, le=99999, default=1, example=1)
    packages: int | None = field("件数", "Packages", default=None, ge=0, example=40)
    package_type: str = field("包装", "Kind of package", default="", max_length=35, example="CT")
    numbers: str = field("箱号（件号）", "Package numbers", default="", max_length=100)
    description: str = field("货名", "Description of goods", default="", max_length=2000, example="Electric kettles")
    quantity: float | None = field("数量", "Quantity", default=None, ge=0)
    unit: str = field("单位", "Unit", default="", max_length=10)
    net_kg: float | None = field("净重", "Net mass", unit="kg", default=None, ge=0)
    gross_kg: float | None = field("毛重", "Gross mass", unit="kg", default=None, ge=0)
    volume_m3: float | None = field("体积", "Volume", unit="m³", default=None, ge=0)
    container: ContainerRef | None = field("集装箱", "Container", default=None)


class PackingList(Record):
    """What is packed in which packages and containers, as the shipper states it."""

    facts: ClassVar[Facts] = Facts(
        name="base.transport.packing_list",
        title=Text("装箱单", "Packing list"),
        summary=Text("货物装箱明细，与集装箱和提运单相连", "What is packed where, joined to containers and transport documents"),
        clause="7.2.1 b)",
        kind="filing",
        ref="packinglist",
        key=("@filer", "number"),
        parties=(
            Party.filer("shipper"), Party.kind("customs"), Party.kind("terminal", "number", "bill", "containers", "packages", "gross_kg"),
            Party.field("consignee", "consignee_code"),
        ),
        filers=("trader", "agent", "carrier"),
        retention=10,
        label="number",
    )  # fmt: skip
    number: str = field("装箱单号", "Packing list number", filter=True, example="PL-2611-001", min_length=1, max_length=70)
    bill: BillRef | None = field("提运单号", "Transport document", filter=True, default=None, example="bill:WHBL2611001")
    shipment: ShipmentRef | None = field("托运委托", "Shipment", filter=True, default=None)
    invoice: str | None = field("发票号", "Invoice", default=None, max_length=70)
    shipper: str | None = field("发货人", "Shipper", default=None, max_length=400)
    consignee: str | None = field("收货人", "Consignee", default=None, max_length=400)
    consignee_code: str | None = field("收货人代码", "Consignee's code", default=None, max_length=70)
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=500)
    lines: tuple[PackedLine, ...] = field("明细", "Lines", default=(), max_length=5000)
    packages: int | None = field("总件数", "Total packages", default=None, ge=0)
    net_kg: float | None = field("总净重", "Total net mass", unit="kg", default=None, ge=0)
    gross_kg: float | None = field("总毛重", "Total gross mass", unit="kg", default=None, ge=0)
    volume_m3: float | None = field("总体积", "Total volume", unit="m³", default=None, ge=0)


WAYS: dict[str, Text] = {
    "out": Text("提箱（出场）", "Handed out"), "in": Text("还箱（进场）", "Handed in"),
}  # fmt: skip
STATUS: dict[str, Text] = {"full": Text("重箱", "Full"), "empty": Text("空箱", "Empty")}


class Damage(Part):
    """One finding on the equipment."""

    position: str = field("部位", "Position", max_length=60, example="left side, bottom rail")
    kind: str = field("损坏", "Damage", max_length=60, example="dent")
    note: str = field("说明", "Note", default="", max_length=400)


class Interchange(Record):
    """Equipment handed from one keeper to another, and the state in which it was (设备交接单)."""

    facts: ClassVar[Facts] = Facts(
        name="base.transport.interchange",
        title=Text("设备交接单", "Equipment interchange receipt"),
        summary=Text("集装箱交接的时间、地点、双方与箱况", "When, where and between whom a container was handed over, and its state"),
        clause="7.2.1 b)",
        kind="filing",
        ref="interchange",
        key=("@filer", "number"),
        parties=(
            Party.filer("issuer"), Party.kind("terminal"), Party.kind("portoffice"),
            Party.kind("customs", "number", "container", "way", "at", "place", "vehicle", "seals", "status", "bill"),
            Party.field("giver", "given_by"), Party.field("taker", "taken_by"),
        ),
        filers=("terminal", "carrier", "agent", "trucker"),
        retention=5,
        label="number",
        subject="number",
    )  # fmt: skip
    number: str = field("交接单号", "Receipt number", filter=True, example="EIR-2611-001", min_length=1, max_length=70)
    container: ContainerRef = field("集装箱", "Container", filter=True, example="container:MSKU9070323")
    way: Literal["out", "in"] = field("交接方向", "Way", filter=True, values=WAYS, example="out")
    at: datetime = field("交接时间", "Handed over at", filter=True, example="2026-11-22T03:20:00Z")
    place: PlaceRef | None = field("交接地点", "Place", default=None)
    status: Literal["full", "empty"] | None = field("箱状态", "Full or empty", values=STATUS, default=None)
    size_type: str | None = field("尺寸箱型", "Size and type", default=None, max_length=4, example="22G1")
    gross_kg: float | None = field("总重", "Gross mass", unit="kg", default=None, ge=0)
    seals: tuple[str, ...] = field("封志", "Seals", default=(), max_length=20)
    given_by: OrgRef | None = field("交出方", "Given by", default=None)
    taken_by: OrgRef | None = field("接收方", "Taken by", filter=True, default=None)
    vehicle: VehicleRef | None = field("车辆", "Vehicle", filter=True, default=None)
    driver_name: str | None = field("驾驶员姓名", "Driver's name", level=3, default=None, max_length=80)
    bill: BillRef | None = field("提运单号", "Transport document", filter=True, default=None)
    booking: BookingRef | None = field("预约", "Booking", default=None)
    shipment: ShipmentRef | None = field("托运委托", "Shipment", default=None)
    damages: tuple[Damage, ...] = field("箱损", "Damages", default=(), max_length=100)
    note: str | None = field("备注", "Note", default=None, max_length=1000)


class Collected(Part):
    """One container that has been fetched: when, by which vehicle, who let it go."""

    container: ContainerRef = field("集装箱", "Container")
    at: datetime = field("提取时间", "Fetched at")
    vehicle: VehicleRef | None = field("车辆", "Vehicle", default=None)
    by: str = field("放行方", "Let go by", account=True, default="", max_length=80)


class DeliveryOrder(Record):
    """The carrier's order to let cargo go to one holder (提货单; the bill is exchanged for it, 换单)."""

    facts: ClassVar[Facts] = Facts(
        name="base.transport.delivery_order",
        title=Text("提货单", "Delivery order"),
        summary=Text("承运人凭提单签发，唯一持有人凭单提箱，每箱一次", "Issued for a bill to one holder; each container is fetched once"),
        clause="7.2.1 b)",
        kind="filing",
        ref="deliveryorder",
        key=("@filer", "number"),
        parties=(
            Party.filer("issuer"), Party.kind("terminal"), Party.kind("customs"),
            Party.kind("portoffice", "number", "bill", "containers", "valid_until", "collected"), Party.field("holder", "holder"),
            Party.field("former", "holders", "number", "bill", "containers", "holders", "valid_until"),
        ),
        filers=("carrier", "agent"),
        retention=5,
        label="number",
    )  # fmt: skip
    number: str = field("提货单号", "Delivery order number", filter=True, example="DO-2611-001", min_length=1, max_length=70)
    bill: BillRef = field("提运单号", "Transport document", filter=True, example="bill:WHBL2611001")
    issuer: OrgRef = field("签发人", "Issuer", example="org:carrier")
    holder: OrgRef = field("持有人", "Holder", filter=True, example="org:trader")
    holders: tuple[OrgRef, ...] = field("前手持有人", "Former holders", default=(), max_length=200)
    containers: tuple[ContainerRef, ...] = field(
        "集装箱", "Containers", filter=True, min_length=1, max_length=500, example=["container:MSKU9070323"]
    )
    valid_until: datetime | None = field("有效期至", "Valid until", filter=True, default=None)
    place: PlaceRef | None = field("提货地点", "Place of delivery", default=None)
    shipment: ShipmentRef | None = field("托运委托", "Shipment", default=None)
    collected: tuple[Collected, ...] = field("已提集装箱", "Containers fetched", default=(), max_length=500)
    note: str | None = field("备注", "Note", default=None, max_length=1000)
