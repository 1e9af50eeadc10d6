"""The demo port's geometry: Wanghai (望海), fictional, drawn in open water. WGS 84, longitude before latitude."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

SITE = "CNWHH"
Place = dict[str, Any]


def _box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]}


def _area(points: Iterable[tuple[float, float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(p) for p in points]]}


def _line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(p) for p in points]}


def _place(code: str, kind: str, zh: str, en: str, geometry: dict[str, Any], **more: Any) -> Place:
    parent = None if code == "port" else f"place:{SITE}/port"
    return {
        "code": f"{SITE}/{code}",
        "kind": kind,
        "name_zh": zh,
        "name_en": en,
        "geometry": geometry,
        "parent": parent,
        **more,
    }


_COAST = (
    (121.545, 36.058), (121.556, 36.0605), (121.57, 36.0585), (121.578, 36.0562), (121.6225, 36.0562),
    (121.628, 36.059), (121.6395, 36.0577), (121.652, 36.0632), (121.655, 36.094), (121.545, 36.096), (121.545, 36.058),
)  # fmt: skip
_WEST = ((121.57, 36.0585), (121.5715, 36.05), (121.577, 36.0438), (121.5875, 36.0405))
_EAST = ((121.6395, 36.0577), (121.638, 36.0492), (121.629, 36.0432), (121.6185, 36.0405))
_FAIRWAY = (
    (121.75, 35.93), (121.705, 35.962), (121.655, 36.0), (121.622, 36.024), (121.604, 36.0398), (121.5985, 36.0478),
    (121.596, 36.0551),
)  # fmt: skip
_PILOT = (121.705, 35.962)


def places() -> Iterator[Place]:
    """All places of the demo port."""
    yield from _water()
    yield from _watched()
    yield from _terminal()
    yield from _gate()


def _water() -> Iterator[Place]:
    yield _place("port", "land", "望海港区", "Wanghai port area", _area(_COAST))
    yield _place("breakwater/w", "breakwater", "西防波堤", "West breakwater", _line(*_WEST))
    yield _place("breakwater/e", "breakwater", "东防波堤", "East breakwater", _line(*_EAST))
    yield _place("fairway/main", "fairway", "主航道", "Main fairway", _line(*_FAIRWAY), depth_m=17.0, width_m=500.0, speed_limit_kn=14.0)
    yield _place(
        "anchorage/1", "anchorage", "1号锚地", "Anchorage 1", _box(121.655, 35.945, 121.69, 35.97), depth_m=22.0
    )
    second = _box(121.6, 35.958, 121.632, 35.978)
    yield _place("anchorage/2", "anchorage", "2号锚地（危险品）", "Anchorage 2 (dangerous goods)", second, depth_m=20.0)
    pilot = {"type": "Point", "coordinates": list(_PILOT)}
    yield _place("pilot", "pilot_station", "引航登轮点", "Pilot boarding place", pilot)


def _watched() -> Iterator[Place]:
    """Waters that are watched; the boundary runs from west to east, so that who comes in crosses it to the left."""
    basin = _area(((121.5715, 36.05), (121.577, 36.0438), (121.579, 36.0462), (121.5745, 36.0515), (121.5715, 36.05)))
    yield _place("restricted/basin", "restricted_area", "油品港池限制区", "Restricted oil basin", basin)
    cable = _box(121.556, 36.012, 121.582, 36.024)
    yield _place("restricted/cable", "restricted_area", "海底电缆保护区", "Cable protection area", cable)
    roads = _area(((121.57, 35.935), (121.76, 35.92), (121.76, 35.99), (121.65, 36.035), (121.57, 36.035), (121.57, 35.935)))
    yield _place("zone/roads", "zone", "港外水域监控区", "Watched roads", roads)
    boundary = _line((121.55, 35.935), (121.69, 35.925), (121.745, 35.945), (121.8, 35.99))
    yield _place("line/open-water", "tripwire", "开放水域界线", "Open-water line", boundary, direction="to_left")


def _terminal() -> Iterator[Place]:
    front = _box(121.581, 36.0557, 121.6205, 36.0566)
    yield _place("quay/1", "quay", "集装箱码头前沿", "Container quay", front, length_m=3550.0)
    yield _place("restricted/apron", "restricted_area", "码头限定区域", "Restricted quay area", _box(121.581, 36.0557, 121.6205, 36.0576))
    for n in range(4):
        west = 121.5815 + n * 0.0098
        outline, depth = _box(west, 36.0546, west + 0.0092, 36.0557), 16.0 if n < 2 else 14.5
        yield _place(
            f"berth/B{n + 1}", "berth", f"{n + 1}号泊位", f"Berth {n + 1}", outline, length_m=830.0, depth_m=depth
        )
    for row in range(3):
        for col in range(6):
            west, south = 121.5825 + col * 0.0063, 36.0578 + row * 0.0038
            name = f"{'ABC'[row]}{col + 1:02d}"
            outline = _box(west, south, west + 0.0054, south + 0.003)
            yield _place(f"yard/{name}", "yard", f"{name}箱区", f"Yard block {name}", outline)


def _gate() -> Iterator[Place]:
    yield _place("gate", "gate", "智能卡口", "Smart gate", _box(121.5985, 36.0742, 121.6035, 36.0756))
    yield _place("lane/in-1", "lane", "进港1道", "Entry lane 1", _line((121.5995, 36.0762), (121.5995, 36.0736)))
    yield _place("lane/out-1", "lane", "出港1道", "Exit lane 1", _line((121.6022, 36.0736), (121.6022, 36.0762)))
    yield _place("waiting", "waiting_area", "待检停车区", "Waiting area", _box(121.6042, 36.0742, 121.6095, 36.0768))
    for n in range(2):
        west = 121.611 + n * 0.0035
        outline = _box(west, 36.0705, west + 0.0028, 36.0724)
        yield _place(f"bay/{n + 1}", "inspection_bay", f"查验{n + 1}号位", f"Inspection bay {n + 1}", outline)
    hall = _box(121.6112, 36.0732, 121.6172, 36.0748)
    yield _place("hall", "building", "联合查验大楼", "Joint inspection hall", hall)
    road = _box(121.599, 36.0762, 121.6, 36.09)
    yield _place("queue/in-1", "waiting_area", "进港1道候车道", "Queue of entry lane 1", road, length_m=1530.0, parent=f"place:{SITE}/lane/in-1")
    for storey in (1, 2):
        above = {"storey": storey, "parent": f"place:{SITE}/hall"}
        yield _place(f"hall/{storey}", "floor", f"查验大楼{storey}层", f"Inspection hall, floor {storey}", hall, **above)
    inside = {"storey": 1, "parent": f"place:{SITE}/hall/1"}
    desk = _box(121.6112, 36.0732, 121.6142, 36.0748)
    yield _place("hall/1/desk", "room", "联合受理大厅", "Joint desk", desk, **inside)
    store = _box(121.6142, 36.0732, 121.6172, 36.0748)
    yield _place("hall/1/store", "room", "扣留物品库", "Room of detained goods", store, **inside)


def lanes() -> Iterator[Place]:
    """The lanes of the demo gate."""
    yield {
        "code": "in-1",
        "name_zh": "进港1道",
        "name_en": "Entry lane 1",
        "direction": "in",
        "divert_to": f"place:{SITE}/waiting",
        "place": f"place:{SITE}/lane/in-1",
        "secondary": f"place:{SITE}/bay/1",
    }
    yield {
        "code": "out-1",
        "name_zh": "出港1道",
        "name_en": "Exit lane 1",
        "direction": "out",
        "divert_to": f"place:{SITE}/waiting",
        "place": f"place:{SITE}/lane/out-1",
        "secondary": f"place:{SITE}/bay/1",
    }
