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
]
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
}


class Place(Record):
    """A part of the port with its outline (GeoJSON geometry, WGS 84, longitude before latitude)."""

    facts: ClassVar[Facts] = Facts(
        name="base.place.place",
        title=Text("地点", "Place"),
        summary=Text(
            "口岸内的泊位、堆场、卡口、锚地、航道等及其图形",
            "Berths, yards, gates, anchorages, fairways and their outlines",
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
    geometry: dict[str, Any] = field(
        "图形", "Geometry", example={"type": "Point", "coordinates": [121.6, 36.05]}
    )
