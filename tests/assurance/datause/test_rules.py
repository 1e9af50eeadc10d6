"""Odd hours, and what the words of data security say of what they see."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouan.assurance.datause.alerts import CheckFails, OddHours
from kouan.assurance.datause.rules import Habit, closed, odd
from kouan.assurance.datause.watching import CODE, Asked, Present
from kouan.operations.alerts.judging import numbers

AT = datetime(2026, 11, 22, 18, 5, tzinfo=UTC)
HOURS = st.integers(0, 23)
OPEN = {"closed_from": 0.0, "closed_to": 0.0}


@given(HOURS, HOURS, HOURS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_closed_hours_wrap_round_midnight(hour: int, begins: int, ends: int) -> None:
    inside = {(begins + step) % 24 for step in range((ends - begins) % 24)}
    assert closed(hour, begins, ends) == (hour in inside)


@given(HOURS, st.frozensets(HOURS), st.integers(0, 30), st.integers(1, 20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_hour_is_odd_only_for_those_whose_hours_are_known(hour: int, hours: frozenset[int], days: int, least: int) -> None:
    why = odd(hour, Habit(days, hours), days=least, **OPEN)
    assert why in (None, "habit")
    if days < least or hour in hours or (hour + 1) % 24 in hours or (hour - 1) % 24 in hours:
        assert why is None
    else:
        assert why == "habit"


def raised(word: Any, view: Any, **stated: float) -> list[Any]:
    """What a word raises of a view."""
    return list(word().judge(view, numbers(word.parameters, stated), AT))


def view(present: list[Present], failing: dict[str, list[str]] | None = None) -> Any:
    """The lookout with what it knows."""
    uses = SimpleNamespace(asked=Asked(), heavy=[], present=present, failing=failing or {}, slug=lambda _org: "customs")
    return SimpleNamespace(watchers={CODE: uses})


def test_a_clerk_by_day_who_reads_by_night_is_told_and_the_night_shift_is_not() -> None:
    by_day, by_night = Habit(9, frozenset(range(8, 18))), Habit(9, frozenset({23, 0, 1, 2, 3}))
    present = [Present(name, 3, 80, AT, AT, 2, habit) for name, habit in (("day", by_day), ("night", by_night), ("new", Habit(1)))]
    found = raised(OddHours, view(present))
    assert [one.evidence["account"] for one in found] == ["day"]
    assert "从未使用的时段" in found[0].message.zh
    assert "never reads" in found[0].message.en
    assert raised(OddHours, view(present), rows=100) == []
    assert len(raised(OddHours, view(present), closed_from=22, closed_to=5)) == 3


def test_a_check_that_fails_is_an_alarm_of_its_own() -> None:
    (found,) = raised(CheckFails, view([], {"rows.secured": ["r_base_place_place"]}))
    assert found.key == "rows.secured"
    assert found.evidence["found"] == ["r_base_place_place"]
    assert "行级权限" in found.message.zh
    assert "row-level security" in found.message.en
