"""Visits of conveyances to places, and approaches of ships: what of movement may not be lost (HS/T 82 8.1.2 b))."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from kouan.base.portcall.api import LISTS
from kouan.base.reference.api import AnyRef, OrgRef, PlaceRef, PortCallRef, VesselRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

MOVERS = {
    "ship": Text("船舶", "Ship"), "truck": Text("车辆", "Vehicle"), "train": Text("列车", "Train"),
    "equipment": Text("作业机械", "Handling equipment"),
}  # fmt: skip
Mover = Literal["ship", "truck", "train", "equipment"]
PAPERS = {cls.facts.name.rpartition(".")[2]: cls for cls in LISTS}
"""What a ship declares before she comes, by short names."""


class Visit(Record):
    """One stay of a conveyance in a place, as its positions show it: begun when it is in, ended when it is out."""

    facts: ClassVar[Facts] = Facts(
        name="operations.traffic.visit",
        title=Text("到离记录", "Visit"),
        summary=Text(
            "运输工具在泊位、锚地、车道等处的到达、离开和占用时间", "Arrival, departure and stay of conveyances at berths, anchorages, lanes"
        ),
        clause="8.1.2 b)",
        kind="state",
        ref="visit",
        key=("conveyance", "place", "arrived"),
        parties=(
            Party.filer("platform"),
            Party.kind("portoffice"),
            Party.kind("terminal"),
            Party.kind("customs"),
            Party.kind("border"),
            Party.kind("maritime"),
            Party.field("keeper", "orgs"),
        ),
        filers=("platform",),
        retention=5,
        label="conveyance",
        amendable=False,
    )
    conveyance: AnyRef = field("运输工具", "Conveyance", filter=True, example="vessel:imo:9321483")
    mover: Mover = field("类别", "Kind", filter=True, example="ship", values=MOVERS)
    name: str = field("名称", "Name", default="", max_length=80, example="SIM STAR")
    place: PlaceRef = field("地点", "Place", filter=True, example="place:CNWHH/BERTH/B3")
    arrived: datetime = field("到达", "Arrived", filter=True, example="2026-11-22T06:00:00Z")
    left: datetime | None = field("离开", "Left", filter=True, default=None)
    duration_s: int | None = field("停留时长", "Stay", unit="s", default=None, ge=0)
    lon: float = field("经度", "Longitude", unit="deg", ge=-180, le=180, example=121.604)
    lat: float = field("纬度", "Latitude", unit="deg", ge=-90, le=90, example=36.0551)
    estimated: bool = field("离开时刻为推定", "Departure is estimated", default=False)
    orgs: tuple[OrgRef, ...] = field("所属单位", "Keeper", default=(), max_length=20)
    simulated: bool = field("模拟数据", "Simulated data", filter=True, default=False)


class Approach(Record):
    """A ship of a declared call that comes in: when she will be where, by her track along the fairway."""

    facts: ClassVar[Facts] = Facts(
        name="operations.traffic.approach",
        title=Text("船舶来港预计", "Approach"),
        summary=Text(
            "按船舶航迹推算的抵达时间，触发提前申报和查验准备",
            "Arrival as computed from a ship's track; it calls for advance declaration and inspection",
        ),
        clause="8.1.2 b)",
        kind="state",
        ref="approach",
        key=("call", "place"),
        parties=(
            Party.filer("platform"),
            Party.like("parties to the call", "call"),
        ),
        filers=("platform",),
        retention=5,
        label="name",
        amendable=False,
    )
    call: PortCallRef = field("船舶口岸动态", "Port call", filter=True, example="portcall:CNWHH/VESSEL:IMO:9321483/2611E")
    vessel: VesselRef = field("船舶", "Vessel", filter=True, example="vessel:imo:9321483")
    name: str = field("船名", "Ship's name", default="", max_length=80, example="SIM STAR")
    place: PlaceRef = field("抵达地点", "Place of arrival", filter=True, example="place:CNWHH/PILOT")
    seen: datetime = field("推算时刻", "Computed at", filter=True, example="2026-11-22T06:00:00Z")
    eta: datetime = field("推算抵达", "Computed arrival", filter=True, example="2026-11-22T07:10:00Z")
    declared: datetime | None = field("申报抵达", "Declared arrival", default=None)
    distance_nm: float = field("剩余航程", "Distance to go", unit="nmi", ge=0, le=1000, example=11.8)
    speed_kn: float = field("航速", "Speed", unit="kn", ge=0, le=100, example=10.2)
    lacking: tuple[str, ...] = field(
        "尚缺的申报", "Declarations still lacking", default=(), max_length=20,
        values={name: cls.facts.title for name, cls in PAPERS.items()},
    )  # fmt: skip
    simulated: bool = field("模拟数据", "Simulated data", filter=True, default=False)
