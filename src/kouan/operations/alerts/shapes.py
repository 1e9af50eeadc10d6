"""Rules of one shape judged together: the tree once, its constants as arrays over the rules, rows by columns.

Two rules have one shape when they differ in numbers, zones and times only. A thousand rules of a port have some twenty
shapes; each is judged by a few NumPy operations over all pairs of row and rule, whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely  # type: ignore[import-untyped]  # it carries no types

from kouan.operations.alerts.conditions import (
    Between,
    Compare,
    Crossing,
    Group,
    Hours,
    Leaf,
    Node,
    OneOf,
    Rate,
    Zone,
    leaves,
)
from kouan.operations.alerts.rows import Rows
from kouan.operations.alerts.wording import in_words, threshold

Array = npt.NDArray[Any]
_OPS: dict[str, Callable[[Array, Array], Array]] = {
    ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal, "=": np.equal,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pairs:
    """Which row is judged by which rule (its place in the shape); `held`: with the thresholds of an alarm that holds."""

    row: Array
    rule: Array
    held: bool = False


def structure(node: Node) -> Any:
    """What rules of one shape have in common."""
    if isinstance(node, Group):
        return (node.how, *(structure(part) for part in node.parts))
    if isinstance(node, Compare | Rate):
        return (type(node).__name__, node.field, node.op)
    if isinstance(node, Between):
        return ("Between", node.field, node.outside)
    if isinstance(node, OneOf):
        return ("OneOf", node.field)
    if isinstance(node, Zone):
        return ("Zone", node.how)
    return (type(node).__name__,)


class Shape:
    """Rules of one shape. Trees must have equal `structure`."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.tree = nodes[0]
        self.leaves = [leaves(node) for node in nodes]
        columns = [[mine[n] for mine in self.leaves] for n in range(len(self.leaves[0]))]
        self.words = [[{**in_words(leaf).out(), "threshold": threshold(leaf)} for leaf in mine] for mine in self.leaves]
        self._tests = [_test(column) for column in columns]

    def judge(self, rows: Rows, pairs: Pairs) -> tuple[Array, Array]:
        """For each pair whether the tree holds, and which leaves do (bit n: leaf n)."""
        bits = np.zeros(len(pairs.row), np.uint32)
        met: list[Array] = []
        for n, test in enumerate(self._tests):
            found = test.met(rows, pairs)
            met.append(found)
            bits |= found.astype(np.uint32) << np.uint32(n)
        return _combined(self.tree, iter(met)), bits

    def values(self, rows: Rows, pairs: Pairs) -> list[Array]:
        """For each leaf what was seen, one value a pair (NaN where nothing was)."""
        return [test.seen(rows, pairs) for test in self._tests]


def _combined(node: Node, met: Any) -> Array:
    if not isinstance(node, Group):
        found: Array = next(met)
        return found
    parts = [_combined(part, met) for part in node.parts]
    if node.how == "not":
        return ~parts[0]
    merge = np.logical_and if node.how == "all" else np.logical_or
    result: Array = merge.reduce(parts)
    return result


class _Test:
    """One leaf of a shape, over all its rules."""

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        raise NotImplementedError

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        raise NotImplementedError


class _Compare(_Test):
    def __init__(self, mine: Sequence[Compare]) -> None:
        self.name, self.op = mine[0].field, _OPS[mine[0].op]
        self.value, self.clear = (np.array([getattr(one, name) for one in mine]) for name in ("value", "clear"))

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        limit = (self.clear if pairs.held else self.value)[pairs.rule]
        return self.op(self.seen(rows, pairs), limit)

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        found: Array = rows.column(self.name)[pairs.row]
        return found


class _Between(_Test):
    def __init__(self, mine: Sequence[Between]) -> None:
        self.name, self.outside = mine[0].field, mine[0].outside
        self.low, self.high = (np.array([getattr(one, name) for one in mine]) for name in ("low", "high"))

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        seen = self.seen(rows, pairs)
        low, high = self.low[pairs.rule], self.high[pairs.rule]
        inside: Array = (seen < low) | (seen > high) if self.outside else (seen >= low) & (seen <= high)
        return inside

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        found: Array = rows.column(self.name)[pairs.row]
        return found


class _OneOf(_Test):
    def __init__(self, mine: Sequence[OneOf]) -> None:
        self.name = mine[0].field
        self.sets = [np.array(one.values) for one in mine]

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        seen = self.seen(rows, pairs)
        return _by_rule(pairs, lambda rule, chosen: np.isin(seen[chosen], self.sets[rule]))

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        found: Array = rows.column(self.name)[pairs.row]
        return found


class _Rate(_Test):
    def __init__(self, mine: Sequence[Rate]) -> None:
        self.name, self.op = mine[0].field, _OPS[mine[0].op]
        self.value, self.per = (np.array([getattr(one, name) for one in mine]) for name in ("value", "per_s"))

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        return self.op(self.seen(rows, pairs), self.value[pairs.rule])

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        change = (rows.column(self.name) - rows.former(self.name)) / rows.seconds()
        found: Array = change[pairs.row] * self.per[pairs.rule]
        return found


class _Zone(_Test):
    def __init__(self, mine: Sequence[Zone]) -> None:
        self.how = mine[0].how
        self.shapes = [shapely.MultiPolygon([(p[0], p[1:]) for p in one.polygons]) for one in mine]
        shapely.prepare(self.shapes)
        self.bounds = np.array([s.bounds if not s.is_empty else (1, 1, 0, 0) for s in self.shapes])

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        now = self._inside(rows.column("lon"), rows.column("lat"), pairs)
        if self.how in ("inside", "outside"):
            known = np.isfinite(rows.column("lon")[pairs.row])
            return now if self.how == "inside" else known & ~now
        lon, lat = rows.former("lon"), rows.former("lat")
        known = np.isfinite(lon[pairs.row])
        was = self._inside(lon, lat, pairs)
        return known & (now & ~was if self.how == "enters" else was & ~now)

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        return self._inside(rows.column("lon"), rows.column("lat"), pairs).astype(float)

    def _inside(self, lon: Array, lat: Array, pairs: Pairs) -> Array:
        x, y, box = lon[pairs.row], lat[pairs.row], self.bounds[pairs.rule]
        near = (x >= box[:, 0]) & (y >= box[:, 1]) & (x <= box[:, 2]) & (y <= box[:, 3])
        return _by_rule(pairs, lambda rule, chosen: shapely.contains_xy(self.shapes[rule], x[chosen], y[chosen]), near)


class _Crossing(_Test):
    def __init__(self, mine: Sequence[Crossing]) -> None:
        self.lines = [np.array(one.points) for one in mine]
        self.ways = [one.direction for one in mine]
        self.bounds = np.array([(*line.min(0), *line.max(0)) if len(line) else (1, 1, 0, 0) for line in self.lines])

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        return np.asarray(self.seen(rows, pairs) != 0)

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        """1 where the step crosses to the left, -1 to the right, as far as the rule watches that way; else 0."""
        x0, y0 = rows.former("lon")[pairs.row], rows.former("lat")[pairs.row]
        x1, y1 = rows.column("lon")[pairs.row], rows.column("lat")[pairs.row]
        box = self.bounds[pairs.rule]
        near = np.maximum(x0, x1) >= box[:, 0]
        near &= (np.maximum(y0, y1) >= box[:, 1]) & (np.minimum(x0, x1) <= box[:, 2]) & (np.minimum(y0, y1) <= box[:, 3])

        def crossed(rule: int, chosen: Array) -> Array:
            found = side_changes(self.lines[rule], x0[chosen], y0[chosen], x1[chosen], y1[chosen])
            way = self.ways[rule]
            watched = found if way == "both" else np.where(found == (1 if way == "to_left" else -1), found, 0)
            return np.asarray(watched, float)

        return _by_rule(pairs, crossed, near, float)


def side_changes(line: Array, x0: Array, y0: Array, x1: Array, y1: Array) -> Array:
    """For steps from (x0, y0) to (x1, y1): 1 where one crosses the line to its left, -1 to its right, 0 where it does not.

    Degrees are taken as plane: lines of a port are short. A step that ends on the line has not crossed it yet.
    """
    found = np.zeros(len(x0))
    for (ax, ay), (bx, by) in pairwise(line):
        before = (bx - ax) * (y0 - ay) - (by - ay) * (x0 - ax)
        after = (bx - ax) * (y1 - ay) - (by - ay) * (x1 - ax)
        of_a = (x1 - x0) * (ay - y0) - (y1 - y0) * (ax - x0)
        of_b = (x1 - x0) * (by - y0) - (y1 - y0) * (bx - x0)
        through = ((of_a >= 0) & (of_b < 0)) | ((of_a < 0) & (of_b >= 0))
        found += through & (before <= 0) & (after > 0)
        found -= through & (before > 0) & (after <= 0)
    return np.sign(found)


class _Hours(_Test):
    def __init__(self, mine: Sequence[Hours]) -> None:
        self.days = np.zeros((len(mine), 8), bool)
        for n, one in enumerate(mine):
            self.days[n, list(one.days)] = True
        self.begin, self.end = np.array([one.begin for one in mine]), np.array([one.end for one in mine])

    def met(self, rows: Rows, pairs: Pairs) -> Array:
        minute, day = rows.minute[pairs.row], rows.day[pairs.row]
        begin, end = self.begin[pairs.rule], self.end[pairs.rule]
        today = self.days[pairs.rule, day]
        yesterday = self.days[pairs.rule, (day + 5) % 7 + 1]
        over = begin > end
        plain = ~over & today & (minute >= begin) & (minute < end)
        found: Array = plain | (over & ((today & (minute >= begin)) | (yesterday & (minute < end))))
        return found

    def seen(self, rows: Rows, pairs: Pairs) -> Array:
        found: Array = rows.minute[pairs.row].astype(float)
        return found


_TESTS: dict[type, Any] = {
    Compare: _Compare, Between: _Between, OneOf: _OneOf, Rate: _Rate, Zone: _Zone, Crossing: _Crossing, Hours: _Hours,
}  # fmt: skip


def _test(mine: Sequence[Leaf]) -> _Test:
    test: _Test = _TESTS[type(mine[0])](mine)
    return test


def _by_rule(pairs: Pairs, answer: Callable[[int, Array], Array], among: Array | None = None, kind: type = bool) -> Array:
    """Ask rule by rule about the pairs that come into question; the others have 0."""
    found: Array = np.zeros(len(pairs.row), kind)
    left = np.arange(len(pairs.row)) if among is None else np.flatnonzero(among)
    rules = pairs.rule[left]
    for rule in np.unique(rules):
        chosen = left[rules == rule]
        found[chosen] = answer(int(rule), chosen)
    return found
