"""The capacity forecast on series with known answers: trend, season, outliers, too little history, and its own past error."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.assurance.running.capacity import outlook
from kouan.assurance.running.forecasting import COVERS, LEAST, NO_SEASON, forecast
from kouan.assurance.running.measures import MEASURES
from kouan.assurance.running.sampling import busy_and_all

START = date(2026, 3, 2).toordinal()
"""A Monday."""
WEEK = np.array([30.0, 20.0, 10.0, 0.0, -10.0, -20.0, -30.0])


def days(n: int) -> list[int]:
    """So many days in a row."""
    return list(range(START, START + n))


def test_a_straight_line_reaches_its_limit_on_the_day() -> None:
    found = forecast(days(60), [100 + 5 * n for n in range(60)])
    assert found is not None
    assert found.fit.slope == pytest.approx(5)
    reached = found.reaches(100 + 5 * 80)
    assert (reached.earliest, reached.expected, reached.latest) == (21, 21, 21)
    assert found.typical(7) == pytest.approx(0, abs=1e-9)
    assert found.fit.season == NO_SEASON


def test_outliers_do_not_bend_the_trend() -> None:
    chance = np.random.default_rng(5)
    values = 1000 + 12 * np.arange(90) + chance.normal(0, 3, 90)
    values[chance.choice(80, 20, replace=False)] += 5000
    found = forecast(days(90), values.tolist())
    assert found is not None
    assert found.fit.slope == pytest.approx(12, abs=1)
    assert found.ahead(30)[1] == pytest.approx(1000 + 12 * 119, rel=0.05)


def test_a_week_is_found_and_used_where_it_helps() -> None:
    n = 70
    flat = 500 + WEEK[np.arange(n) % 7]
    found = forecast(days(n), flat.tolist())
    assert found is not None
    assert found.fit.season == pytest.approx(tuple(WEEK), abs=1e-6)
    monday = (7 - n % 7) % 7 + 1
    assert found.ahead(monday)[1] == pytest.approx(530, abs=1e-6)
    assert found.reaches(600).expected is None
    noise = np.random.default_rng(7).normal(500, 10, n)
    plain = forecast(days(n), noise.tolist())
    assert plain is not None
    assert plain.reaches(5000).earliest is None


def test_too_little_history_gives_no_number() -> None:
    assert forecast(days(LEAST - 1), [1.0] * (LEAST - 1)) is None
    assert forecast([*days(LEAST - 1), START + 400], [1.0] * LEAST) is None
    measure = MEASURES["disk"]
    rows = [{"day": date.fromordinal(day), "last": float(n), "most": float(n), "limit": 100.0} for n, day in enumerate(days(10))]
    short = outlook(measure, rows, date.fromordinal(START + 9))
    assert (short.forecast, short.reached, short.limit, short.now, len(short.days)) == (None, None, 100.0, 9.0, 9)


def test_the_interval_holds_what_comes_about_as_often_as_it_says() -> None:
    """Of 60 random walks with a drift (synthetic), forecast a fortnight ahead."""
    chance = np.random.default_rng(11)
    inside = 0
    for _ in range(60):
        walk = 1000 + np.cumsum(chance.normal(4, 6, 134))
        found = forecast(days(120), walk[:120].tolist())
        assert found is not None
        low, _, high = found.ahead(14)
        inside += low <= walk[133] <= high
    assert COVERS - 0.15 <= inside / 60 <= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(LEAST, 60), st.floats(-50, 50), st.floats(0, 1e6), st.sets(st.integers(3, 50), max_size=8))
def test_any_line_with_gaps_is_followed_and_intervals_never_narrow(n: int, slope: float, level: float, gaps: set[int]) -> None:
    known = [day for at, day in enumerate(days(n + 8)) if at not in gaps]
    found = forecast(known, [level + slope * (day - START) for day in known])
    if found is None:
        assert len(known) < LEAST + 8
        return
    assert found.fit.slope == pytest.approx(slope, abs=1e-6 + abs(slope) * 1e-6)
    widths = found.width(np.arange(1.0, 200.0))
    assert np.all(np.diff(widths) >= -1e-9)
    reached = found.reaches(level + 1e7)
    assert (reached.earliest or 10**6) <= (reached.expected or 10**6) <= (reached.latest or 10**6)


def test_a_counter_is_told_by_what_it_grew_in_a_day() -> None:
    measure, first = MEASURES["facts"], date(2026, 3, 2)
    counts = [100.0 * n for n in range(40)]
    rows = [{"day": first + timedelta(days=n), "last": value, "most": value, "limit": None} for n, value in enumerate(counts)]
    del rows[10]
    rows[30]["last"] = 5.0
    found = outlook(measure, rows, first + timedelta(days=40), 90.0)
    # A gap of two days, a fall and the leap behind it tell nothing of one day; all else does.
    assert set(found.values) <= {100.0, 3200.0 - 5.0}
    assert len(found.values) == 36
    assert found.limit == 90.0
    assert found.reached is not None
    assert found.reached.expected == 1


def test_processors_times_are_read_as_the_kernel_states_them() -> None:
    assert busy_and_all("cpu  100 5 40 800 20 3 2 30 0 0") == (180, 1000)
