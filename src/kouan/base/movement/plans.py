"""Stowage plan of a ship (积载图; BAPLIE) and status events of transport (物流动态; IFTSTA, Recommendation 24)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.movement.records import ACTIVITIES, STATUSES, Activity
from kouan.base.reference.api import BillRef, BookingRef, ContainerRef, PlaceRef, VehicleRef, VesselRef
from kouan.kernel.records import Facts, Part, Party, Record, field
from kouan.kernel.text import Text


class Hazard(Part):
    """Dangerous goods in a box (IMDG Code)."""

    un_number: str = field("联合国编号", "UN number", default="", max_length=10, example="1203")
    imdg_class: str = field("类别", "Class", default="", max_length=8, example="3")
    packing_group: str = field("包装类", "Packing group", default="", max_length=4)
    flashpoint_c: float | None = field("闪点", "Flashpoint", unit="°C", default=None, ge=-300, le=2000)
    description: str = field("品名", "Proper shipping name", default="", max_length=400)


class Cell(Part):
    """One stowage cell and the box in it; a cell without a box is stated as empty or blocked."""

    position: str = field("贝位", "Cell", default="", max_length=25, example="0240182")
    equipment: ContainerRef | None = field("集装箱", "Container", default=None, example="container:MSKU9070323")
    size_type: str | None = field("箱型", "Size and type", default=None, max_length=10, example="22G1")
    status: Literal["full", "empty"] | None = field(
        "空重", "Full or empty", default=None, example="full", values=STATUSES
    )
    gross_kg: float | None = field("总重", "Gross mass", unit="kg", default=None, ge=0, le=1_000_000)
    verified: bool = field("总重已验证", "Gross mass verified (VGM)", default=False)
    loading: str | None = field("装货港", "Port of loading", default=None, max_length=25, example="KRPUS")
    discharge: str | None = field("卸货港", "Port of discharge", default=None, max_length=25, example="CNWHH")
    delivery: str | None = field("目的地", "Place of delivery", default=None, max_length=25)
    operator: str | None = field("箱经营人", "Container operator", default=None, max_length=40)
    booking: BookingRef | None = field("订舱", "Booking", default=None)
    bill: BillRef | None = field("提运单", "Transport document", default=None)
    hazards: tuple[Hazard, ...] = field("危险货物", "Dangerous goods", default=(), max_length=99)
    temperature_c: float | None = field("设定温度", "Temperature set", unit="°C", default=None, ge=-300, le=1000)
    oversize: str | None = field("超限尺寸", "Beyond the frame", default=None, max_length=120)
    handling: str | None = field("操作要求", "Handling", default=None, max_length=400)


class Stowage(Record):
    """The bay plan of a voyage as it leaves a port: what stands in which cell, with its dangers and temperatures."""

    facts: ClassVar[Facts] = Facts(
        name="base.movement.stowage",
        title=Text("船舶积载图", "Stowage plan"),
        summary=Text(
            "船舶离港时的箱位图，含危险货物与冷藏箱", "Cells of a ship at departure, with dangerous goods and reefers"
        ),
        clause="7.2.1 b) 3)",
        kind="report",
        ref="stowage",
        key=("@filer", "number", "vessel", "voyage"),
        parties=(
            Party.filer("planner"),
            Party.kind("terminal"),
            Party.kind("maritime"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.field("carrier", "carrier"),
        ),
        filers=("carrier", "agent", "terminal"),
        retention=5,
        label="number",
        amendable=False,
    )
    number: str = field("积载图编号", "Plan number", filter=True, min_length=1, max_length=70, example="BP-2611E-1")
    vessel: VesselRef | None = field("船舶", "Vessel", filter=True, default=None, example="vessel:imo:9321483")
    ship_name: str | None = field("船名", "Ship's name", default=None, max_length=70)
    voyage: str | None = field("航次", "Voyage", filter=True, default=None, max_length=35, example="2611E")
    departure: str | None = field("离开港", "Port of departure", default=None, max_length=25, example="KRPUS")
    next_port: str | None = field("下一港", "Next port", filter=True, default=None, max_length=25, example="CNWHH")
    at: datetime = field("编制时间", "Drawn up at", filter=True, example="2026-11-21T02:00:00Z")
    departed_at: datetime | None = field("离港时间", "Departure", default=None)
    arrives_at: datetime | None = field("预抵时间", "Arrival at the next port", default=None)
    carrier: str | None = field("承运人", "Carrier", default=None, max_length=80)
    boxes: int = field("箱数", "Boxes", default=0, ge=0)
    dangerous_boxes: int = field("危险货物箱数", "Boxes with dangerous goods", default=0, ge=0)
    reefers: int = field("控温箱数", "Boxes with a temperature set", default=0, ge=0)
    cells: tuple[Cell, ...] = field("箱位", "Cells", default=(), max_length=30_000)
    source: str | None = field("来源报文", "Source message", default=None, max_length=120)


class Status(Record):
    """What a carrier says has become of a box or consignment, with its own code and words. A report: always kept."""

    facts: ClassVar[Facts] = Facts(
        name="base.movement.status",
        title=Text("物流动态", "Transport status"),
        summary=Text("承运人报告的箱货运输状态", "Status of boxes and consignments as carriers report it"),
        clause="7.2.1 b) 3)",
        kind="report",
        ref="status",
        key=("@filer", "equipment", "bill", "code", "at"),
        parties=(
            Party.filer("reporter"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.kind("terminal"),
            Party.field("consignee", "consignee"),
            Party.like("cargo", "bill"),
        ),
        filers=("carrier", "terminal", "transport", "portoffice", "trucker"),
        retention=5,
        label="equipment",
        amendable=False,
    )
    equipment: ContainerRef | None = field(
        "集装箱", "Container", filter=True, default=None, example="container:MSKU9070323"
    )
    bill: BillRef | None = field("提运单", "Transport document", filter=True, default=None)
    booking: BookingRef | None = field("订舱", "Booking", filter=True, default=None)
    code: str = field("状态代码", "Status code", filter=True, max_length=40, example="21")
    text: str | None = field("状态说明", "Status in words", default=None, max_length=400, example="Delivery, completed")
    activity: Activity | None = field("对应作业", "Activity that it means", default=None, values=ACTIVITIES)
    at: datetime = field("发生时间", "Event time", filter=True, example="2026-11-22T03:20:00Z")
    place: PlaceRef | None = field("地点", "Place", default=None, example="place:CNWHH")
    vessel: VesselRef | None = field("船舶", "Vessel", filter=True, default=None)
    voyage: str | None = field("航次", "Voyage", default=None, max_length=35)
    vehicle: VehicleRef | None = field("车辆", "Vehicle", default=None)
    consignee: str | None = field("收发货人代码", "Trader's code", default=None, max_length=80)
    source: str | None = field("来源报文", "Source message", default=None, max_length=120)

    def key(self, filer: str) -> str:
        """Who tells it, of which box and bill, which status, when (UTC)."""
        parts = (filer, self.equipment or "", self.bill or "", self.code, f"{self.at.timestamp():.0f}")
        return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)
