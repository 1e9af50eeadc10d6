"""Steps that depend on each other: what can begin, what a case took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.supervision.process.flow import begun, opened, timing, trouble
from kouan.supervision.process.records import CaseStep, Step

START = datetime(2026, 11, 22, 8, tzinfo=UTC)


def step(key: str, *after: str) -> Step:
    return Step(key=key, name_zh=key, name_en=key, agency="customs", after=after)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([step("a"), step("b", "a")], ("", "")),
        ([step("a"), step("a")], ("twice", "a")),
        ([step("a", "b")], ("unknown", "a")),
        ([step("a"), step("b", "c"), step("c", "b")], ("circle", "b")),
        ([step("a", "a")], ("circle", "a")),
    ],
)
def test_what_cannot_be_walked_is_named(steps: list[Step], found: tuple[str, str]) -> None:
    assert trouble(steps) == found


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[Step], dict[str, int]]:
    """Steps of which each comes after some earlier ones, and the seconds that each takes."""
    count = draw(st.integers(1, 7))
    keys = [f"s{n}" for n in range(count)]
    steps = [step(key, *draw(st.lists(st.sampled_from(keys[:n]), unique=True, max_size=3)) if n else ()) for n, key in enumerate(keys)]
    return draw(st.permutations(steps)), {key: draw(st.integers(1, 10_000)) for key in keys}


def walked(steps: list[Step], seconds: dict[str, int]) -> list[CaseStep]:
    """A case in which every step is decided as many seconds after it became ready as it takes."""
    case = begun(steps, START)
    while ready := [one for one in case if one["state"] == "ready"]:
        at, key = min((datetime.fromisoformat(one["ready_at"]) + timedelta(seconds=seconds[one["key"]]), one["key"]) for one in ready)
        case = opened([{**one, "state": "granted", "decided_at": at} if one["key"] == key else one for one in case], at)
    return [CaseStep.model_validate(one) for one in case]


@given(walks())
def test_elapsed_time_is_that_of_the_longest_branch(walk: tuple[list[Step], dict[str, int]]) -> None:
    steps, seconds = walk
    assert trouble(steps) == ("", "")
    found = timing(walked(steps, seconds), START)
    assert found.elapsed == pytest.approx(found.longest)
    assert found.serial == sum(seconds.values())
    assert sum(seconds[key] for key in found.branch) == pytest.approx(found.longest)
    assert max(seconds.values()) <= found.longest <= found.serial
    assert found.won == pytest.approx(found.serial - found.longest)


def test_steps_beside_each_other_take_as_long_as_the_slowest() -> None:
    steps, seconds = [step("a"), step("b"), step("c")], {"a": 5, "b": 50, "c": 20}
    found = timing(walked(steps, seconds), START)
    assert (found.longest, found.serial, found.won, found.branch) == (50, 75, 25, ("b",))
