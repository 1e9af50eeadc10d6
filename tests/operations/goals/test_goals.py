"""How a goal stands: nothing measured is never nought, a day that has gone by is late, whichever way is good."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.profile.api import Goal
from kouan.operations.goals.api import STATUSES, status

DUE = date(2030, 12, 31)


def goal(way: str, target: float) -> Goal:
    told = {"title_zh": "目标", "title_en": "Goal", "horizon": "2030", "indicator": "gate.wait", "way": way, "due": DUE}
    return Goal.model_validate({**told, "target": Decimal(str(target))})


@settings(max_examples=60)
@given(
    st.sampled_from(["least", "most"]), st.floats(0, 1e6).map(lambda value: round(value, 3)),
    st.none() | st.floats(0, 1e6) | st.just(float("nan")), st.integers(-900, 900),
)  # fmt: skip
def test_a_status_follows_from_figure_target_and_day(way: str, target: float, value: float | None, days: int) -> None:
    found = status(goal(way, target), value, DUE + timedelta(days=days))
    assert found in STATUSES
    if value is None or value != value:
        assert found == "unmeasured"
    elif (value >= target) if way == "least" else (value <= target):
        assert found == "reached", "late or not"
    else:
        assert found == ("late" if days > 0 else "underway")
