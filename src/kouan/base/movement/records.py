"""Move: one handling of a container or of cargo, as its operator tells it (装卸动态; COARRI, CODECO; HS/T 82 7.2.1 b))."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import (
    BillRef,
    BookingRef,
    ContainerRef,
    MoveRef,
    PlaceRef,
    PortCallRef,
    VehicleRef,
    VesselRef,
)
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

Activity = Literal[
    "discharge", "load", "restow", "gate-in", "gate-out", "stack", "shift", "to-bay", "from-bay", "stuff", "strip"
]
ACTIVITIES: Mapping[str, Text] = {
    "discharge": Text("卸船", "Discharged"),
    "load": Text("装船", "Loaded"),
    "restow": Text("船上倒箱", "Restowed aboard"),
    "gate-in": Text("进场", "Gated in"),
    "gate-out": Text("出场", "Gated out"),
    "stack": Text("落场", "Stacked in the yard"),
    "shift": Text("场内移箱", "Shifted in the yard"),
    "to-bay": Text("移至查验位", "Moved to the inspection bay"),
    "from-bay": Text("移离查验位", "Moved from the inspection bay"),
    "stuff": Text("装箱", "Stuffed"),
    "strip": Text("拆箱", "Stripped"),
}
FUNCTIONS: Mapping[str, Text] = {
    "original": Text("首次报告", "Original"),
    "correction": Text("更正", "Correction"),
    "cancellation": Text("撤销", "Cancellation"),
}
STATUSES: Mapping[str, Text] = {"full": Text("重箱", "Full"), "empty": Text("空箱", "Empty")}
QUAY: tuple[str, ...] = (
    "equipment", "activity", "function", "at", "place", "position", "vessel", "voyage", "call", "status", "gross_kg",
    "size_type", "operator", "dangerous", "corrects",
)  # fmt: skip
"""What maritime administration, transport authority and border inspection see of a move."""
CARGO: tuple[str, ...] = (
    "equipment", "activity", "function", "at", "place", "vessel", "voyage", "bill", "booking", "status", "gross_kg",
    "size_type", "seals", "operator", "corrects",
)  # fmt: skip
"""What the party that the cargo or the truck belongs to sees of a move."""


class Move(Record):
    """One handling of a container or cargo, told by who did it. It is never changed: a correction is another report.

    Told again, the same event (filer, unit, activity, time, and of a stacking its slot) has the same natural key.
    """

    facts: ClassVar[Facts] = Facts(
        name="base.movement.move",
        title=Text("作业动态", "Move"),
        summary=Text(
            "集装箱与货物的装卸、进出场、堆存与移动，由作业方报告，只增不改",
            "Discharge, loading, gate, yard and other handling, told by its operator; added to, never changed",
        ),
        clause="7.2.1 b) 3)",
        kind="report",
        ref="move",
        key=("@filer", "equipment", "activity", "at"),
        parties=(
            Party.filer("reporter"),
            Party.kind("customs"),
            Party.kind("portoffice"),
            Party.kind("terminal"),
            Party.kind("maritime", *QUAY),
            Party.kind("transport", *QUAY),
            Party.kind("border", *QUAY),
            Party.field("carrier", "carrier"),
            Party.field("trucker", "trucker", *CARGO, "vehicle"),
            Party.field("consignee", "consignee", *CARGO),
            Party.like("cargo", "bill", *CARGO),
        ),
        filers=("terminal", "carrier", "portoffice", "transport"),
        retention=10,
        label="equipment",
        amendable=False,
    )
    number: str | None = field("作业编号", "Operator's number", default=None, max_length=64, example="MV-000123")
    equipment: ContainerRef | None = field(
        "集装箱", "Container", filter=True, default=None, example="container:MSKU9070323"
    )
    activity: Activity = field("作业", "Activity", filter=True, example="discharge", values=ACTIVITIES)
    function: Literal["original", "correction", "cancellation"] = field(
        "报文功能", "Function", default="original", values=FUNCTIONS
    )
    corrects: MoveRef | None = field("所更正的报告", "Report that it corrects", default=None)
    at: datetime = field("作业时间", "Event time", filter=True, example="2026-11-22T03:20:00Z")
    place: PlaceRef | None = field("地点", "Place", default=None, example="place:CNWHH/BERTH/B1")
    position: str | None = field("位置（箱位或贝位）", "Position (slot or cell)", default=None, max_length=40, example="0240182")
    vessel: VesselRef | None = field("船舶", "Vessel", filter=True, default=None, example="vessel:imo:9321483")
    voyage: str | None = field("航次", "Voyage", default=None, max_length=35, example="2611E")
    call: PortCallRef | None = field("船舶口岸动态", "Port call", filter=True, default=None)
    vehicle: VehicleRef | None = field("车辆", "Vehicle", filter=True, default=None)
    bill: BillRef | None = field("提运单", "Transport document", filter=True, default=None)
    booking: BookingRef | None = field("预约或订舱", "Booking", filter=True, default=None)
    status: Literal["full", "empty"] | None = field(
        "空重", "Full or empty", default=None, example="full", values=STATUSES
    )
    gross_kg: float | None = field("总重", "Gross mass", unit="kg", default=None, ge=0, le=500_000)
    size_type: str | None = field("箱型", "Size and type", default=None, max_length=10, example="22G1", codes="container_type")
    seals: tuple[str, ...] = field("封志", "Seals", default=(), max_length=20)
    dangerous: tuple[str, ...] = field("危险货物（联合国编号）", "Dangerous goods (UN numbers)", default=(), max_length=99, codes="un_number")
    damage: str | None = field("残损", "Damage", default=None, max_length=400)
    operator: str | None = field("作业方", "Operator", default=None, max_length=80)
    carrier: str | None = field("承运人", "Carrier", default=None, max_length=80)
    trucker: str | None = field("运输企业", "Trucker", default=None, max_length=80)
    consignee: str | None = field("收发货人代码", "Trader's code", default=None, max_length=80)
    source: str | None = field("来源报文", "Source message", default=None, max_length=120)

    def key(self, filer: str) -> str:
        """Who tells it, the unit moved, what was done and when (UTC); of a yard move also where to; what it corrects."""
        place = self.position or "" if self.activity in ("stack", "shift", "restow") else ""
        told = "" if self.function == "original" else f"{self.function} {self.corrects or ''}".strip()
        parts = (filer, self.unit, self.activity, self.at.astimezone(UTC).isoformat(), place, told)
        return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts).rstrip("|")

    @property
    def unit(self) -> str:
        """What was moved: the container, else the cargo's bill, the vehicle, or the operator's own number."""
        return str(self.equipment or self.bill or self.vehicle or self.number or "-").partition(":")[2] or (self.number or "-")
