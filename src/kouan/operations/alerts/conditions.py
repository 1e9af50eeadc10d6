"""The conditions of a staff's rule: a small tree, read from JSON, checked, and told in words.

    {"all": [C, …]}   {"any": [C, …]}   {"not": C}
    {"field": F, "op": ">" | ">=" | "<" | "<=" | "=", "value": x, "clear": y}      y: where it holds no more (hysteresis)
    {"field": F, "op": "between" | "outside", "low": x, "high": y}
    {"field": F, "op": "in", "values": [x, …]}
    {"rate": F, "op": ">" | "<", "value": x, "per_s": n}                           change from one observation to the next
    {"inside" | "outside" | "enters" | "leaves": ZONE}                             ZONE: "place:…" or a GeoJSON polygon
    {"crosses": LINE, "direction": "to_left" | "to_right" | "both"}                LINE: "place:…" or a GeoJSON line
    {"absent": true}                                              nothing but the rule's own time without a word
    {"time": {"days": [1 … 7], "from": "22:00", "to": "06:00"}}                    port's own time, Monday is 1
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kouan.kernel.text import Text

FIELDS: Mapping[str, Mapping[str, Text]] = {
    "reading": {"value": Text("读数", "reading")},
    "position": {
        "speed": Text("航速", "speed"), "course": Text("航向", "course"), "heading": Text("艏向", "heading"),
        "turn": Text("转向率", "rate of turn"), "altitude": Text("高度", "altitude"), "accuracy": Text("定位精度", "accuracy"),
        "status": Text("航行状态", "navigational status"), "ship_type": Text("船型", "ship type"),
        "length": Text("船长", "length"), "draught": Text("吃水", "draught"), "mid": Text("船旗国识别码", "flag (MID)"),
    },
}  # fmt: skip
"""What a condition may compare, by signal: `ship_type`, `length`, `draught` are what the ship said of itself last, `mid` is
the first three digits of an MMSI (ITU-R M.585)."""
COMPARE = (">", ">=", "<", "<=", "=")
ZONES = {
    "inside": Text("在区内", "inside"), "outside": Text("在区外", "outside"), "enters": Text("进入", "enters"), "leaves": Text("离开", "leaves"),
}  # fmt: skip
DIRECTIONS = {"to_left": Text("向左", "to the left"), "to_right": Text("向右", "to the right"), "both": Text("任一方向", "either way")}
MOST_LEAVES, DEEPEST, MOST_POINTS = 24, 6, 2000
BIGGEST = 1e15
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])\Z")


class Unfit(ValueError):
    """A condition that cannot be watched: where in the tree, and why."""

    def __init__(self, path: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.path, self.reason = path, reason


@dataclass(frozen=True, slots=True)
class Group:
    """`all`, `any` or `not` of other conditions."""

    how: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """A field against a threshold; `clear` is the threshold while the alarm holds."""

    field: str
    op: str
    value: float
    clear: float


@dataclass(frozen=True, slots=True)
class Between:
    """A field inside (or outside) two bounds, both included inside."""

    field: str
    low: float
    high: float
    outside: bool


@dataclass(frozen=True, slots=True)
class OneOf:
    """A field that is one of some numbers; of none: it never holds."""

    field: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """The change of a field from one observation to the next, in so much per `per_s` seconds."""

    field: str
    op: str
    value: float
    per_s: float


@dataclass(frozen=True, slots=True)
class Zone:
    """Where the mover is, or has just come, relative to a polygon. `name` is the place or ""; `rings` as GeoJSON polygons."""

    how: str
    name: str
    polygons: tuple[Any, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Crossing:
    """The mover's last step crosses a line; left and right as seen along the line as it was drawn."""

    name: str
    direction: str
    points: tuple[tuple[float, float], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Hours:
    """Days of the week and a stretch of the day, in minutes, in the port's own time; it may pass midnight."""

    days: tuple[int, ...]
    begin: int
    end: int


Leaf = Compare | Between | OneOf | Rate | Zone | Crossing | Hours
Node = Group | Leaf
EMPTY = Text("条件为空或写法无法识别", "The condition is empty, or is not one that is known")
NUMBER = Text("应为数值", "This must be a number")
FIELD = Text("该信号没有这个字段：{name}", "The signal has no such field: {name}")
WHERE = Text("该条件只用于位置信号", "This condition is for positions only")
SHAPE = Text("应为地点引用，或 GeoJSON 多边形、折线", "This must be a place, or a GeoJSON polygon or line")
CLOCK = Text("时刻写作 22:00，星期为1至7", "Times are written 22:00, days are 1 to 7")
ORDER = Text("下限不得大于上限", "The lower bound is not above the upper one")
SIDE = Text("解除阈值应在报警阈值的另一侧", "The clearing threshold lies on the other side of the alarm's")
MANY = Text("条件过多或嵌套过深", "There are too many conditions, or they are nested too deep")


def parse(tree: Any, signal: str) -> Node:
    """The conditions of a rule over a signal. Raises Unfit with the place in the tree."""
    node = _node(tree, signal, "condition", 0)
    if len(leaves(node)) > MOST_LEAVES:
        raise Unfit("condition", MANY)
    return node


def leaves(node: Node) -> list[Leaf]:
    """The conditions at the ends of the tree, in order."""
    return [leaf for part in node.parts for leaf in leaves(part)] if isinstance(node, Group) else [node]


def places(tree: Any) -> Iterator[str]:
    """The places that a condition as it stands in JSON names."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if key in (*ZONES, "crosses") and isinstance(value, str):
                yield value
            else:
                yield from places(value)
    elif isinstance(tree, list | tuple):
        for part in tree:
            yield from places(part)


def drawn(tree: Any, outlines: Mapping[str, Any]) -> Any:
    """The condition with the places that it names drawn out of `outlines` (place → GeoJSON geometry), names kept."""
    if isinstance(tree, list | tuple):
        return [drawn(part, outlines) for part in tree]
    if not isinstance(tree, Mapping):
        return tree
    return {
        key: {**outlines[value], "name": value} if key in (*ZONES, "crosses") and isinstance(value, str) and value in outlines
        else drawn(value, outlines)
        for key, value in tree.items()
    }  # fmt: skip


def _node(tree: Any, signal: str, path: str, depth: int) -> Node:
    if not isinstance(tree, Mapping) or not tree:
        raise Unfit(path, EMPTY)
    if depth > DEEPEST:
        raise Unfit(path, MANY)
    for how in ("all", "any"):
        if how in tree:
            parts = tree[how]
            if not isinstance(parts, list | tuple) or not parts or len(parts) > MOST_LEAVES:
                raise Unfit(f"{path}.{how}", EMPTY)
            return Group(how, tuple(_node(one, signal, f"{path}.{how}.{n}", depth + 1) for n, one in enumerate(parts)))
    if "not" in tree:
        return Group("not", (_node(tree["not"], signal, f"{path}.not", depth + 1),))
    return _leaf(tree, signal, path)


def _leaf(tree: Mapping[str, Any], signal: str, path: str) -> Leaf:
    for how in ZONES:
        if how in tree:
            return _zone(how, tree[how], signal, f"{path}.{how}")
    if tree.get("absent") is True:
        return OneOf(next(iter(FIELDS[signal])), ())
    if "crosses" in tree:
        return _crossing(tree, signal, f"{path}.crosses")
    if "time" in tree:
        return _hours(tree["time"], f"{path}.time")
    if "rate" in tree:
        if tree.get("op") not in (">", "<"):
            raise Unfit(f"{path}.op", EMPTY)
        per = _number(tree.get("per_s", 1), f"{path}.per_s")
        if per <= 0:
            raise Unfit(f"{path}.per_s", NUMBER)
        return Rate(_field(tree["rate"], signal, f"{path}.rate"), str(tree["op"]), _number(tree.get("value"), f"{path}.value"), per)
    if "field" in tree:
        return _compared(tree, _field(tree["field"], signal, f"{path}.field"), path)
    raise Unfit(path, EMPTY)


def _compared(tree: Mapping[str, Any], name: str, path: str) -> Leaf:
    op = tree.get("op")
    if op in COMPARE:
        value = _number(tree.get("value"), f"{path}.value")
        clear = _number(tree["clear"], f"{path}.clear") if tree.get("clear") is not None else value
        if (op in (">", ">=") and clear > value) or (op in ("<", "<=") and clear < value) or (op == "=" and clear != value):
            raise Unfit(f"{path}.clear", SIDE)
        return Compare(name, str(op), value, clear)
    if op in ("between", "outside"):
        low, high = _number(tree.get("low"), f"{path}.low"), _number(tree.get("high"), f"{path}.high")
        if low > high:
            raise Unfit(f"{path}.low", ORDER)
        return Between(name, low, high, op == "outside")
    if op == "in":
        values = tree.get("values")
        if not isinstance(values, list | tuple) or not 0 < len(values) <= 200:
            raise Unfit(f"{path}.values", EMPTY)
        return OneOf(name, tuple(sorted({_number(one, f"{path}.values") for one in values})))
    raise Unfit(f"{path}.op", EMPTY)


def _number(value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > BIGGEST:
        raise Unfit(path, NUMBER)
    return float(value)


def _field(name: Any, signal: str, path: str) -> str:
    if not isinstance(name, str) or name not in FIELDS.get(signal, {}):
        raise Unfit(path, FIELD.fill(name=str(name)[:40]))
    return name


def _zone(how: str, stated: Any, signal: str, path: str) -> Zone:
    if signal != "position":
        raise Unfit(path, WHERE)
    if isinstance(stated, str) and stated.startswith("place:"):
        return Zone(how, stated[:160])
    kind, coordinates = _shape(stated, path)
    if kind not in ("Polygon", "MultiPolygon"):
        raise Unfit(path, SHAPE)
    polygons = [coordinates] if kind == "Polygon" else coordinates
    rings = tuple(tuple(tuple(_points(ring, path)) for ring in _listed(polygon, path)) for polygon in _listed(polygons, path))
    if not rings or any(not polygon or any(len(ring) < 4 for ring in polygon) for polygon in rings):
        raise Unfit(path, SHAPE)
    return Zone(how, str(stated.get("name") or "")[:160], rings)


def _crossing(tree: Mapping[str, Any], signal: str, path: str) -> Crossing:
    if signal != "position":
        raise Unfit(path, WHERE)
    stated, direction = tree["crosses"], tree.get("direction") or "both"
    if direction not in DIRECTIONS:
        raise Unfit(path, EMPTY)
    if isinstance(stated, str) and stated.startswith("place:"):
        return Crossing(stated[:160], str(direction))
    kind, coordinates = _shape(stated, path)
    points = tuple(_points(coordinates, path)) if kind == "LineString" else ()
    if len(points) < 2:
        raise Unfit(path, SHAPE)
    return Crossing(str(stated.get("name") or "")[:160], str(direction), points)


def _shape(stated: Any, path: str) -> tuple[str, Any]:
    if not isinstance(stated, Mapping) or not isinstance(stated.get("type"), str):
        raise Unfit(path, SHAPE)
    return stated["type"], stated.get("coordinates")


def _listed(value: Any, path: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= 200:
        raise Unfit(path, SHAPE)
    return value


def _points(value: Any, path: str) -> Iterator[tuple[float, float]]:
    if not isinstance(value, list | tuple) or len(value) > MOST_POINTS:
        raise Unfit(path, SHAPE)
    for point in value:
        if not isinstance(point, list | tuple) or len(point) < 2:
            raise Unfit(path, SHAPE)
        lon, lat = _number(point[0], path), _number(point[1], path)
        if abs(lon) > 180 or abs(lat) > 90:
            raise Unfit(path, SHAPE)
        yield lon, lat


def _hours(stated: Any, path: str) -> Hours:
    if not isinstance(stated, Mapping):
        raise Unfit(path, CLOCK)
    days = stated.get("days") or [1, 2, 3, 4, 5, 6, 7]
    if not isinstance(days, list | tuple) or any(isinstance(d, bool) or d not in range(1, 8) for d in days):
        raise Unfit(path, CLOCK)
    begin, end = _minute(stated.get("from", "00:00"), path), _minute(stated.get("to", "24:00"), path)
    return Hours(tuple(sorted({int(d) for d in days})), begin, end)


def _minute(text: Any, path: str) -> int:
    found = _CLOCK.match(text) if isinstance(text, str) else None
    if found is None or int(found[1]) * 60 + int(found[2]) > 1440:
        raise Unfit(path, CLOCK)
    return int(found[1]) * 60 + int(found[2])
