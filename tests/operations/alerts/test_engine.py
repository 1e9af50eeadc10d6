"""Staff's rules: conditions refused with their place, judged as a plain reading of them would, the same however frames are cut."""

from __future__ import annotations

import operator
import time
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.kernel.signals import Frame
from kouan.operations.alerts import engine as engine_module
from kouan.operations.alerts.conditions import Unfit, leaves, parse
from kouan.operations.alerts.engine import Engine, Watched
from kouan.operations.alerts.shapes import side_changes
from kouan.operations.alerts.spells import Bound, Change, Spells, Terms
from tests.operations.alerts.frames import NOON, SECOND, positions, readings

ZONE = "Asia/Shanghai"
SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
NORTHWARD = {"type": "LineString", "coordinates": [[1, -1], [1, 1]]}
OPS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq}
Row = tuple[int, float, float]


def rule(
    tree: Any, terms: Terms | None = None, name: str = "r", signal: str = "reading", keys: frozenset[int] | None = None
) -> Watched:
    return Watched(name, 1, signal, parse(tree, signal), terms or Terms(), lambda key: keys is None or key in keys)


def run(rules: list[Watched], *frames: Frame) -> list[Change]:
    engine = Engine(ZONE)
    engine.load(rules)
    return [change for frame in frames for change in engine.fold(frame, 0)]


def told(changes: list[Change]) -> list[tuple[str, int, float, bool]]:
    return [(c.name, c.key, c.at / SECOND - NOON, c.began) for c in changes]


NUMBERS = st.integers(-5, 5).map(float)
COMPARISONS = st.builds(lambda op, v: {"field": "value", "op": op, "value": v}, st.sampled_from(sorted(OPS)), NUMBERS)
RANGES = st.builds(
    lambda op, a, b: {"field": "value", "op": op, "low": min(a, b), "high": max(a, b)},
    st.sampled_from(["between", "outside"]),
    NUMBERS,
    NUMBERS,
)
SETS = st.builds(lambda v: {"field": "value", "op": "in", "values": v}, st.lists(NUMBERS, min_size=1, max_size=3))
HOURS = st.builds(
    lambda d, a, b: {"time": {"days": d, "from": f"{a:02}:30", "to": f"{b:02}:30"}},
    st.lists(st.integers(1, 7), min_size=1, max_size=7), st.integers(0, 23), st.integers(0, 23),
)  # fmt: skip
TREES = st.recursive(
    COMPARISONS | RANGES | SETS | HOURS,
    lambda inner: (
        st.builds(
            lambda how, parts: {how: parts}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3)
        )
        | inner.map(lambda one: {"not": one})
    ),
    max_leaves=5,
)


def holds(tree: Any, value: float, at: datetime) -> bool:
    """The same condition, read plainly."""
    if "all" in tree or "any" in tree:
        parts = [holds(one, value, at) for one in tree.get("all", tree.get("any"))]
        return all(parts) if "all" in tree else any(parts)
    if "not" in tree:
        return not holds(tree["not"], value, at)
    if "time" in tree:
        here, stated = at.astimezone(ZoneInfo(ZONE)), tree["time"]
        clock = f"{here:%H:%M}"
        today, before = here.isoweekday() in stated["days"], (here.isoweekday() + 5) % 7 + 1 in stated["days"]
        if stated["from"] <= stated["to"]:
            return today and stated["from"] <= clock < stated["to"]
        return (today and clock >= stated["from"]) or (before and clock < stated["to"])
    if tree["op"] in OPS:
        return bool(OPS[tree["op"]](value, tree["value"]))
    if tree["op"] == "in":
        return bool(value in tree["values"])
    inside: bool = tree["low"] <= value <= tree["high"]
    return inside == (tree["op"] == "between")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(TREES, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 600_000), NUMBERS), min_size=1, max_size=20),
)
def test_every_decision_is_what_a_plain_reading_of_its_rule_says(trees: list[Any], rows: list[Row]) -> None:
    engine = Engine(ZONE)
    engine.load([rule(tree, name=str(n)) for n, tree in enumerate(trees)])
    frame = readings(sorted(rows, key=lambda row: row[1]))
    engine.fold(frame, 0)
    decided = 0
    for some in engine.last:
        for n, said in enumerate(some.explained()):
            row, tree = int(some.pairs.row[n]), trees[int(said["rule"])]
            at = datetime.fromtimestamp(int(frame["at"][row]) / SECOND, UTC)
            assert said["verdict"] == holds(tree, float(frame["value"][row]), at)
            assert said == some.explained(np.array([n]))[0]
            decided += 1
    assert decided == len(rows) * len(trees) == engine.decided


TERMS = st.sampled_from([
    Terms(), Terms(clears_after_s=4), Terms(for_s=3), Terms(for_s=3, clears_after_s=4), Terms(count=3, within_s=6, clears_after_s=2),
])  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    TERMS,
    st.lists(st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(0, 10)), min_size=1, max_size=40),
    st.data(),
)
def test_the_same_alarms_come_however_the_rows_are_cut_into_frames(
    terms: Terms, steps: list[tuple[int, int, int]], data: Any
) -> None:
    at, rows = 0, []
    for key, later, value in steps:
        at += later
        rows.append((key, at, float(value)))
    watched = [rule({"field": "value", "op": ">", "value": 6, "clear": 4}, terms)]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(rows)), max_size=6)) | {0, len(rows)})
    parts = [readings(rows[a:b]) for a, b in pairwise(cuts)]
    whole, cut = run(watched, readings(rows)), run(watched, *parts)
    assert sorted(told(whole)) == sorted(told(cut)) == sorted(told(run(watched, *(readings([row]) for row in rows))))
    for key in (1, 2):
        turns = [began for _, one, _, began in told(cut) if one == key]
        assert turns == [n % 2 == 0 for n in range(len(turns))]


def test_an_alarm_fires_once_says_why_and_clears_with_hysteresis() -> None:
    watched = rule({"field": "value", "op": ">", "value": 80, "clear": 70}, Terms(clears_after_s=5))
    values = [(0, 50.0), (1, 85.0), (2, 90.0), (3, 75.0), (4, 69.0), (6, 72.0), (7, 60.0), (13, 60.0), (14, 81.0)]
    changes = run([watched], readings([(1, at, value) for at, value in values]))
    assert [(at, began) for _, _, at, began in told(changes)] == [(1, True), (13, False), (14, True)]
    said = changes[0].shown
    assert (said["rule"], said["revision"], said["verdict"]) == ("r", 1, True)
    assert said["conditions"] == (
        {"condition": {"zh": "读数 > 80", "en": "reading > 80", "threshold": 80.0}, "met": True, "seen": 85.0},
    )
    assert changes[0].value == 85.0


def test_a_ship_that_crosses_a_line_one_way_is_told_and_the_other_way_is_not() -> None:
    left = rule({"crosses": NORTHWARD, "direction": "to_left"}, signal="position", name="left")
    right = rule({"crosses": NORTHWARD, "direction": "to_right"}, signal="position", name="right")
    west = run([left, right], positions([(1, 0, 1.5, 0), (1, 10, 0.5, 0)]))
    east = run([left, right], positions([(1, 0, 0.5, 0), (1, 10, 1.5, 0)]))
    past = run([left, right], positions([(1, 0, 0.5, 1.5), (1, 10, 1.5, 1.5)]))
    late = run([left], positions([(1, 0, 1.5, 0), (1, 3600, 0.5, 0)]))
    assert ([c.name for c in west], [c.name for c in east], past, late) == (["left"], ["right"], [], [])
    assert (west[0].lon, west[0].lat) == (0.5, 0)


STEP = st.floats(-2, 2, allow_nan=False).filter(lambda x: abs(x) > 1e-6)


@given(STEP, STEP, STEP, STEP)
def test_a_step_back_crosses_the_other_way(x0: float, y0: float, x1: float, y1: float) -> None:
    line, start, end = (
        np.array([[0.0, -3.0], [0.0, 3.0]]),
        (np.array([x0]), np.array([y0])),
        (np.array([x1]), np.array([y1])),
    )
    there, back = side_changes(line, *start, *end)[0], side_changes(line, *end, *start)[0]
    assert there == -back == (1 if x1 < 0 < x0 else -1 if x0 < 0 < x1 else 0)


def test_zones_are_entered_left_and_stayed_in() -> None:
    rules = [rule({how: SQUARE}, signal="position", name=how) for how in ("inside", "outside", "enters", "leaves")]
    changes = run(rules, positions([(7, 0, -1, 1), (7, 10, 1, 1), (7, 20, 1.5, 1), (7, 30, 3, 1)]))
    began = [(name, at) for name, _, at, begun in told(changes) if begun]
    assert sorted(began) == [("enters", 10), ("inside", 10), ("leaves", 30), ("outside", 0), ("outside", 30)]


def test_rates_absence_and_static_particulars() -> None:
    engine = Engine(ZONE)
    engine.load([
        rule({"rate": "value", "op": ">", "value": 10, "per_s": 60}, name="rate"),
        rule({"absent": True}, Terms(absent_s=30), name="absent"),
        rule({"field": "ship_type", "op": "in", "values": [80]}, name="tanker", signal="position"),
        rule({"field": "mid", "op": "=", "value": 412}, name="flag", signal="position"),
    ])  # fmt: skip
    assert [(c.name, c.began) for c in engine.fold(readings([(1, 0, 0.0), (1, 60, 9.0), (1, 120, 20.0)]), 0)] == [
        ("rate", True)
    ]
    silent = engine.tick(int((NOON + 151) * SECOND))
    assert [(c.name, c.began) for c in silent] == [("absent", True)]
    assert engine.tick(int((NOON + 200) * SECOND)) == []
    heard = engine.fold(readings([(1, 201, 20.0)]), 0)
    assert sorted((c.name, c.began) for c in heard) == [("absent", False), ("rate", False)]
    assert engine.tick(int((NOON + 202) * SECOND)) == []
    two = {name: np.zeros(1) for name in ("to_bow", "to_stern", "draught")} | {"ship_type": np.array([80], np.uint8)}
    engine.fold(Frame("vessel_static", {"key": np.array([412_000_001], np.uint64), **two}), 0)
    found = engine.fold(positions([(412_000_001, 300, 0, 0), (413_000_001, 300, 0, 0)]), 0)
    assert sorted((c.name, c.key) for c in found) == [("flag", 412_000_001), ("tanker", 412_000_001)]


def test_late_and_bad_rows_are_not_judged_and_what_holds_is_not_raised_again_after_a_restart() -> None:
    watched = rule({"field": "value", "op": ">", "value": 5})
    assert run([watched], readings([(1, 0, 9.0)], flags=2)) == []
    engine = Engine(ZONE)
    engine.load([watched])
    engine.resume([Bound("r", 1, NOON * SECOND)])
    assert engine.fold(readings([(1, 5, 9.0)]), 0) == []
    assert [c.began for c in engine.fold(readings([(1, 6, 1.0)]), 0)] == [False]
    # A changed set of rules keeps the alarms of those that stay.
    engine.fold(readings([(1, 7, 9.0)]), 0)
    engine.load([watched, rule({"field": "value", "op": "<", "value": 0}, name="other")])
    assert engine.fold(readings([(1, 8, 9.0)]), 0) == []


def test_a_rule_that_fails_stands_alone_and_the_others_of_its_shape_go_on() -> None:
    good, bad = (rule({"inside": SQUARE}, signal="position", name=name) for name in ("good", "bad"))
    engine = Engine(ZONE)
    engine.load([good, bad])
    for group in engine._signals["position"].groups:
        group.shape._tests[0].shapes[1] = "junk"  # type: ignore[attr-defined]  # what a corrupt outline would be
    engine.fold(positions([(1, 0, 1, 1)]), 0)
    for group in engine._signals["position"].groups:
        if group.rules[0].name == "bad":
            group.shape._tests[0].shapes[0] = "junk"  # type: ignore[attr-defined]  # it is made anew from the same outline
    found = engine.fold(positions([(2, 1, 1, 1)]), 0)
    assert [(c.name, c.key) for c in found] == [("good", 2)]
    assert list(engine.isolated) == ["bad"]


@pytest.mark.parametrize(("tree", "path"), [
    ({}, "condition"), ([], "condition"), ({"all": []}, "condition.all"), ({"field": "speed", "op": ">", "value": 1}, "condition.field"),
    ({"field": "value", "op": "~"}, "condition.op"), ({"field": "value", "op": ">", "value": "9"}, "condition.value"),
    ({"field": "value", "op": ">", "value": float("nan")}, "condition.value"),
    ({"field": "value", "op": ">", "value": True}, "condition.value"),
    ({"field": "value", "op": ">", "value": 5, "clear": 6}, "condition.clear"),
    ({"field": "value", "op": "between", "low": 2, "high": 1}, "condition.low"),
    ({"field": "value", "op": "in", "values": []}, "condition.values"),
    ({"inside": SQUARE}, "condition.inside"), ({"time": {"from": "25:00"}}, "condition.time"), ({"time": {"days": [0]}}, "condition.time"),
    ({"any": [{"not": {"field": "x"}}]}, "condition.any.0.not"),
])  # fmt: skip
def test_a_condition_with_a_fault_is_refused_with_its_place(tree: Any, path: str) -> None:
    with pytest.raises(Unfit) as refused:
        parse(tree, "reading")
    assert refused.value.path.startswith(path)


NAMES = ["all", "any", "not", "field", "op", "value", "inside", "crosses", "time", "rate", "type", "coordinates"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["reading", "position"]))
def test_whatever_is_posted_as_a_condition_is_a_tree_or_refused(tree: Any, signal: str) -> None:
    try:
        found: Any = leaves(parse(tree, signal))
    except Unfit as unfit:
        found = unfit.path and unfit.reason.zh and unfit.reason.en
    assert found


def test_deep_and_wide_conditions_are_refused() -> None:
    deep: Any = {"field": "value", "op": ">", "value": 1}
    for _ in range(40):
        deep = {"not": deep}
    wide = {"any": [{"all": [{"field": "value", "op": ">", "value": n} for n in range(20)]} for _ in range(2)]}
    for tree in (deep, wide):
        with pytest.raises(Unfit):
            parse(tree, "reading")


ABSENT = Terms(absent_s=60)


def listened(engine: Engine, *seconds: float) -> list[tuple[str, int, bool]]:
    """What is told when the stream is complete up to some moments after noon."""
    return [(c.name, c.key, c.began) for second in seconds for c in engine.reach(int((NOON + second) * SECOND))]


def silence() -> Engine:
    """Three devices heard at 100 s, the stream complete since noon."""
    engine = Engine(ZONE)
    engine.load([rule({"absent": True}, ABSENT, name="silent")])
    assert listened(engine, *range(0, 100, 2)) == []
    engine.fold(readings([(key, 99.5, 1.0) for key in (1, 2, 3)]), 0)
    return engine


def test_a_reader_that_is_an_hour_behind_calls_nobody_silent_but_who_was() -> None:
    engine, told = silence(), []
    for second in range(100, 3700, 10):  # read now, in one go: what was said then, and the marks between
        engine.fold(readings([(key, second, 1.0) for key in (1, 2)]), int((NOON + 7200) * SECOND))
        told += [(second, *one) for one in listened(engine, second + 9)]
    assert told == [(160, "silent", 3, True)]


def test_an_hour_without_the_stream_makes_nobody_silent_and_who_stays_away_is_found() -> None:
    engine = silence()
    assert listened(engine, 3700) == [], "nobody listened meanwhile"
    # One is heard live; one hands in what it kept, old and in order.
    engine.fold(readings([(1, 3705, 1.0)]), 0)
    told = []
    for second in range(3702, 3820, 2):
        engine.fold(readings([(1, second, 1.0), (2, 100 + 25 * (second - 3700), 1.0)]), 0)
        told += [(second, *one) for one in listened(engine, second)]
    assert told == [(3762, "silent", 3, True)]
    engine.fold(readings([(3, 3000, 1.0)], flags=2), 0)
    assert listened(engine, 3822) == [("silent", 3, False)], "what came late was said all the same"


@pytest.mark.parametrize("jump", [3600, -3600])
def test_a_clock_that_jumps_by_an_hour_makes_nobody_silent(jump: int) -> None:
    engine = silence()
    told = []
    for second in range(100, 200, 5):
        engine.fold(readings([(key, second, 1.0) for key in (1, 2)]), 0)
        told += [(second, *one) for one in listened(engine, second + jump)]
    assert told == [(165, "silent", 3, True)]


def test_what_holds_after_a_restart_is_not_ended_before_it_is_heard_again() -> None:
    engine = Engine(ZONE)
    engine.load([rule({"absent": True}, ABSENT, name="silent")])
    engine.resume([Bound("silent", 3, NOON * SECOND)])
    assert listened(engine, 10, 20, 30) == []
    assert [c.began for c in engine.fold(readings([(3, 31, 1.0)]), 0)] == [False]
    assert listened(engine, 32) == []


@pytest.fixture
def hog(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """An engine with ten rules of one shape; the one named "hog" computes for ever, or for a good while."""
    engine = Engine(ZONE, bounded=True)
    engine.load([rule({"field": "value", "op": ">", "value": 5}, name="hog" if n == 6 else f"r{n}") for n in range(10)])
    plain = Spells.fold

    def fold(self: Spells, *given: Any) -> list[Change]:
        began = time.thread_time()
        while ("hog", 1) in self.names and time.thread_time() - began < engine_module.MOST_SECONDS * hold["factor"]:
            pass
        return plain(self, *given)

    hold = {"factor": 100.0}
    engine.hold = hold  # type: ignore[attr-defined]  # the test's own handle
    monkeypatch.setattr(Spells, "fold", fold)
    monkeypatch.setattr(engine_module, "MOST_SECONDS", 0.05)
    return engine


def test_a_rule_that_computes_without_end_is_found_among_its_like_and_the_others_go_on(hog: Engine) -> None:
    for n in range(8):
        hog.fold(readings([(1, n, 1.0)]), 0)
    assert list(hog.isolated) == ["hog"]
    assert "Stalled" in hog.isolated["hog"]
    assert {c.name for c in hog.fold(readings([(1, 20, 9.0)]), 0)} == {f"r{n}" for n in range(10) if n != 6}


def test_a_rule_that_takes_most_of_the_time_bit_by_bit_is_found_too(hog: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    hog.hold["factor"] = 0.8  # type: ignore[attr-defined]  # the test's own handle
    passed = {"now": 1000.0}
    monkeypatch.setattr(engine_module, "monotonic", lambda: passed["now"])
    monkeypatch.setattr(engine_module, "SHARE", 0.003)
    hog._window = passed["now"]
    for n in range(8):
        hog.fold(readings([(1, n, 1.0)]), 0)
        passed["now"] += engine_module.WINDOW
        hog.share()
    assert list(hog.isolated) == ["hog"]
    assert "took" in hog.isolated["hog"]
