"""Place: a part of the port, drawn (quay, berth, yard, gate, anchorage, fairway …)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from kouan.base.reference.api import PlaceRef
from kouan.kernel.records import Facts, Party, Record, field
from kouan.kernel.text import Text

PlaceKind = Literal[
    "land",
    "quay",
    "berth",
    "yard",
    "gate",
    "lane",
    "anchorage",
    "fairway",
    "inspection_bay",
    "building",
    "breakwater",
    "pilot_station",
    "restricted_area",
    "zone",
    "tripwire",
    "waiting_area",
    "room",
    "floor",
]
Direction = Literal["both", "along", "against", "to_left", "to_right"]
KINDS = {
    "land": Text("陆域", "Land"),
    "quay": Text("岸壁", "Quay"),
    "berth": Text("泊位", "Berth"),
    "yard": Text("堆场", "Yard"),
    "gate": Text("卡口", "Gate"),
    "lane": Text("车道", "Lane"),
    "anchorage": Text("锚地", "Anchorage"),
    "fairway": Text("航道", "Fairway"),
    "inspection_bay": Text("查验位", "Inspection bay"),
    "building": Text("建筑", "Building"),
    "breakwater": Text("防波堤", "Breakwater"),
    "pilot_station": Text("引航站", "Pilot station"),
    "restricted_area": Text("限制区", "Restricted area"),
    "zone": Text("监控区", "Watched zone"),
    "tripwire": Text("警戒线", "Tripwire"),
    "waiting_area": Text("候车区", "Waiting area"),
    "room": Text("房间", "Room"),
    "floor": Text("楼层", "Floor"),
}
DIRECTIONS = {
    "both": Text("双向", "Both ways"),
    "along": Text("沿绘制方向通行", "Along the line as drawn"),
    "against": Text("逆绘制方向通行", "Against the line as drawn"),
    "to_left": Text("自右向左穿越", "Crossing from right to left"),
    "to_right": Text("自左向右穿越", "Crossing from left to right"),
}


class Place(Record):
    """A part of the port with its outline (GeoJSON geometry, WGS 84, longitude before latitude).

    A fairway or lane drawn as a line has a width; left and right of a line are those of one who walks it as drawn.
    """

    facts: ClassVar[Facts] = Facts(
        name="base.place.place",
        title=Text("地点", "Place"),
        summary=Text(
            "口岸内的泊位、堆场、卡口、锚地、航道、限制区、警戒线、楼层和房间等及其图形",
            "Berths, yards, gates, anchorages, fairways, restricted areas, tripwires, floors, rooms and their outlines",
        ),
        clause="7.2.1",
        kind="state",
        ref="place",
        key=("code",),
        parties=(Party.filer("owner"), Party.everyone()),
        filers=("portoffice",),
        retention=30,
        label="name_zh",
    )
    code: str = field("代码", "Code", filter=True, example="CNWHH/berth/B1", min_length=2, max_length=64)
    kind: PlaceKind = field("类别", "Kind", filter=True, example="berth", values=KINDS)
    name_zh: str = field("中文名", "Name in Chinese", example="1号泊位", min_length=1, max_length=80)
    name_en: str = field("英文名", "Name in English", example="Berth 1", min_length=1, max_length=80)
    parent: PlaceRef | None = field(
        "所属", "Part of", filter=True, default=None, example="place:CNWHH/terminal"
    )
    length_m: float | None = field("长度", "Length", unit="m", default=None, ge=0, le=1_000_000)
    depth_m: float | None = field("水深", "Depth", unit="m", default=None, ge=0, le=1_000)
    width_m: float | None = field("宽度", "Width", unit="m", default=None, gt=0, le=20_000)
    storey: int | None = field("层号", "Storey", filter=True, default=None, ge=-20, le=200)
    direction: Direction | None = field(
        "方向", "Direction", default=None, example="both", values=DIRECTIONS
    )
    speed_limit_kn: float | None = field("限速", "Speed limit", unit="kn", default=None, gt=0, le=100)
    geometry: dict[str, Any] = field(
        "图形", "Geometry", example={"type": "Point", "coordinates": [121.6, 36.05]}
    )
