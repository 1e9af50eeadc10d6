"""A condition in words: what a person reads of a leaf, with the value that was seen and the threshold it was held against."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from kouan.kernel.text import Text
from kouan.operations.alerts.conditions import (
    DIRECTIONS,
    FIELDS,
    ZONES,
    Between,
    Compare,
    Crossing,
    Hours,
    Leaf,
    OneOf,
    Rate,
    Zone,
)

NAMES = {name: text for fields in FIELDS.values() for name, text in fields.items()}
DRAWN = Text("所绘区域", "the zone drawn")
LINE = Text("所绘警戒线", "the line drawn")
DAYS = ("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
BETWEEN = Text("{name} 介于 {low} 与 {high}", "{name} from {low} to {high}")
OUTSIDE = Text("{name} 超出 {low} 至 {high}", "{name} not from {low} to {high}")
NOTHING = Text("没有新数据", "nothing is heard")
ONE_OF = Text("{name} 属于 {values}", "{name} one of {values}")
RATE = Text("{name}每 {per} 秒变化 {op} {value}", "{name} changes {op} {value} in {per} s")
CROSSES = Text("越过{line}（{way}）", "crosses {line} ({way})")


def in_words(leaf: Leaf) -> Text:
    """A leaf as a person says it."""
    if isinstance(leaf, Compare):
        name = NAMES[leaf.field]
        return Text(f"{name.zh} {leaf.op} {leaf.value:g}", f"{name.en} {leaf.op} {leaf.value:g}")
    if isinstance(leaf, Between):
        return _fill(OUTSIDE if leaf.outside else BETWEEN, NAMES[leaf.field], low=f"{leaf.low:g}", high=f"{leaf.high:g}")
    if isinstance(leaf, OneOf) and not leaf.values:
        return NOTHING
    if isinstance(leaf, OneOf):
        return _fill(ONE_OF, NAMES[leaf.field], values=", ".join(f"{one:g}" for one in leaf.values))
    if isinstance(leaf, Rate):
        return _fill(RATE, NAMES[leaf.field], op=leaf.op, value=f"{leaf.value:g}", per=f"{leaf.per_s:g}")
    if isinstance(leaf, Zone):
        name = _named(leaf.name, DRAWN)
        return Text(f"{ZONES[leaf.how].zh} {name.zh}", f"{ZONES[leaf.how].en} {name.en}")
    if isinstance(leaf, Crossing):
        line, way = _named(leaf.name, LINE), DIRECTIONS[leaf.direction]
        return Text(CROSSES.zh.format(line=line.zh, way=way.zh), CROSSES.en.format(line=line.en, way=way.en))
    return _hours(leaf)


def threshold(leaf: Leaf) -> float | None:
    """The one number that a leaf is held against, where it has one."""
    if isinstance(leaf, Compare | Rate):
        return leaf.value
    return leaf.high if isinstance(leaf, Between) else None


def shown(values: npt.NDArray[Any]) -> list[float | None]:
    """Values as JSON holds them: numbers, null where nothing was seen."""
    if np.isfinite(values).all():
        found: list[float | None] = values.tolist()
        return found
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _fill(text: Text, name: Text, **values: str) -> Text:
    return Text(text.zh.format(name=name.zh, **values), text.en.format(name=name.en, **values))


def _named(ref: str, fallback: Text) -> Text:
    bare = ref.partition(":")[2]
    return Text(bare, bare) if bare else fallback


def _hours(leaf: Hours) -> Text:
    begin, end = (f"{m // 60:02}:{m % 60:02}" for m in (leaf.begin, leaf.end))
    zh = "、".join("周" + DAYS[0][d - 1] for d in leaf.days)
    return Text(f"{zh} {begin}–{end}", f"{', '.join(DAYS[1][d - 1] for d in leaf.days)} {begin}–{end}")
