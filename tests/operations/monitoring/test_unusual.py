"""Unusual days: what is marked, what is not, what is said when too little is known."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import unusual as bench
from kouan.operations.monitoring.calendar import HOLIDAYS, WORKED
from kouan.operations.monitoring.unusual import LEAST, Scale, judge, median, scale_of

FIRST = date(2025, 10, 20)
WEEK = (100, 110, 105, 104, 96, 60, 40)


def days(count: int, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def usual(when: list[date], noise: float = 0.03) -> list[float]:
    chance = np.random.default_rng(7)
    return [WEEK[day.weekday()] * float(chance.normal(1, noise)) for day in when]


def test_a_spike_and_a_drop_are_marked_with_what_was_expected() -> None:
    when = days(70)
    values = usual(when)
    values[60], values[65] = values[60] * 3, values[65] * 0.2
    found = judge(when, values, "amount")
    assert {one.day for one in found if one.unusual} == {when[60], when[65]}
    spike, drop = found[60], found[65]
    assert (spike.verdict, drop.verdict) == ("high", "low")
    assert spike.expected == pytest.approx(WEEK[spike.day.weekday()], rel=0.1)
    assert spike.low is not None
    assert spike.high is not None
    assert spike.low < spike.expected < spike.high < values[60]
    assert spike.deviation is not None
    assert spike.deviation > 5


def test_the_weekly_rest_is_not_unusual_and_few_days_are_not_judged() -> None:
    when = days(60)
    found = judge(when, usual(when), "amount")
    assert not [one for one in found if one.unusual]
    assert [one.verdict for one in found[:LEAST]] == ["few"] * LEAST
    assert found[10].known == 10
    assert found[40].verdict == "usual"


def test_a_day_without_a_figure_is_missing_not_nought() -> None:
    when = days(60)
    values: list[float | None] = list(usual(when))
    values[50] = None
    found = judge(when, values, "amount")
    assert found[50].verdict == "missing"
    assert found[50].expected is not None
    assert not found[51].unusual


def test_holidays_are_judged_by_holidays_and_worked_weekends_as_working_days() -> None:
    when = days(240, date(2025, 8, 1))
    values = [value * (0.35 if day in HOLIDAYS else 1) for value, day in zip(usual(when), when, strict=True)]
    values = [105.0 if day in WORKED else value for value, day in zip(values, when, strict=True)]
    found = {one.day: one for one in judge(when, values, "amount")}
    assert found[date(2025, 10, 2)].verdict == "holiday", "the first ones have nothing to be judged by"
    assert found[date(2026, 2, 18)].verdict == "usual"
    assert found[date(2026, 2, 14)].verdict == "usual", "a Saturday that is worked"
    assert not [day for day, one in found.items() if one.unusual]
    values[when.index(date(2026, 2, 18))] = 300.0
    assert judge(when, values, "amount")[when.index(date(2026, 2, 18))].verdict == "high"


def test_growth_is_followed() -> None:
    when = days(200)
    working = [100.0 if day in WORKED else value for value, day in zip(usual(when), when, strict=True)]
    values = [value * (1 + n / 200) for n, value in enumerate(working)]
    assert not [one.day for one in judge(when, values, "amount") if one.unusual]


@settings(max_examples=40, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(0, 1e12, allow_nan=False)), min_size=1, max_size=130),
    scale=st.sampled_from(("count", "amount", "plain")),
    last=st.integers(1, 20),
)
def test_judging_never_fails_and_looks_only_back(values: list[float | None], scale: Scale, last: int) -> None:
    when = days(len(values))
    found = judge(when, values, scale)
    assert [one.day for one in found] == when
    for one in found:
        assert (one.verdict == "missing") is (one.value is None)
        if one.low is not None and one.high is not None:
            assert one.low <= one.high or np.isclose(one.low, one.high)
    assert [one.verdict for one in judge(when, values, scale, last=last)] == [one.verdict for one in found][-last:]
    half = max(len(values) // 2, 1)
    assert [one.verdict for one in judge(when[:half], values[:half], "count")] == [
        one.verdict for one in judge(when, values, "count")
    ][:half], "what comes later changes nothing"


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(0, 5))
def test_medians_skip_what_is_missing(values: list[float], missing: int) -> None:
    row = np.array([*values, *[np.nan] * missing])
    assert median(row[None, :])[0] == pytest.approx(float(np.median(values)))


def test_scales_follow_what_is_measured() -> None:
    assert scale_of([3.0, 0.0], "count") == "count"
    assert scale_of([3.0, 2.0], "sum") == "amount"
    assert scale_of([3.0, 0.0, None], "sum") == "plain"
    assert scale_of([3.0], "share") == "plain"


def test_precision_and_recall_on_made_up_series() -> None:
    found = bench.run(series=24, days=300)
    ours, plain = found["detectors"]["kouan"], found["detectors"]["mean and 3 sigma"]
    assert found["data"].startswith("synthetic")
    assert ours["precision"] >= 0.85
    assert ours["recall"] >= 0.85 > plain["recall"]
