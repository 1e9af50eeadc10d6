"""Booking: a truck's appointment at the gate (预约; HS/T 82 10.1)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.reference.api import ContainerRef, PersonRef, VehicleRef
from kouan.facilities.gate.api import BUSINESSES
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

Business = Literal["import", "export", "empty", "bonded", "coach", "hazardous", "staff", "inspection"]
AUTHORITIES = ("customs", "border", "maritime")
"""Who books vehicles of its own officers."""
WAYS = {"in": Text("进港", "Inbound"), "out": Text("出港", "Outbound")}


class Booking(Record):
    """A truck's window at the gate, for containers or empty."""

    facts: ClassVar[Facts] = Facts(
        name="services.booking.booking",
        title=Text("进出港预约", "Truck booking"),
        summary=Text("集卡进出港预约", "A truck's appointment at the gate"),
        clause="10.1",
        kind="filing",
        ref="booking",
        key=("@filer", "number"),
        parties=(
            Party.filer("trucker"),
            Party.kind("terminal"),
            Party.kind("portoffice"),
            Party.kind("customs", "number", "vehicle", "containers", "direction", "opens", "closes", "business", "dangerous"),
        ),
        filers=("trucker", "trader", "agent", *AUTHORITIES),
        retention=3,
        label="number",
        subject="driver",
    )
    number: str = field("预约号", "Booking number", filter=True, example="BK-2611-001", min_length=1, max_length=40)
    vehicle: VehicleRef = field("车牌", "Vehicle", filter=True, example="vehicle:鲁B12345")
    containers: tuple[ContainerRef, ...] = field("集装箱", "Containers", default=(), filter=True, max_length=4)
    direction: Literal["in", "out"] = field("方向", "Direction", filter=True, example="in", values=WAYS)
    opens: datetime = field("时窗开始", "Window opens", filter=True, example="2026-11-22T02:00:00Z")
    closes: datetime = field("时窗结束", "Window closes", filter=True, example="2026-11-22T04:00:00Z")
    business: Business = field("业务", "Business", filter=True, default="import", example="import", values=BUSINESSES)
    dangerous: tuple[str, ...] = field(
        "危险货物（联合国编号）", "Dangerous goods (UN numbers)", default=(), max_length=20, example=["1203"]
    )
    driver: PersonRef | None = field("驾驶员（证件）", "Driver (document)", level=2, default=None)
    driver_name: str | None = field("驾驶员姓名", "Driver's name", level=3, default=None, max_length=80)
