"""Which permit decides about a person, and why: by area, state and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.facilities.access.records import AreaPermit
from kouan.facilities.access.rules import EARLY, ELSEWHERE, LATE, NONE, STATES, standing
from kouan.kernel.rules import Kept

START = datetime(2026, 11, 22, tzinfo=UTC)
AREA, OTHER = "place:CNWHH/RESTRICTED/APRON", "place:CNWHH/HALL/1/STORE"


def permit(state: str = "issued", area: str = AREA, opens: int = 0, closes: int = 10, name: str = "1") -> Kept:
    data = AreaPermit(
        number=name, person="person:P/CN/E1", employer="x", areas=(area,), purpose="work",
        opens=START + timedelta(days=opens), closes=START + timedelta(days=closes),
    )  # fmt: skip
    return Kept(name, f"areapermit:{name}", AreaPermit.facts.name, 1, state, {}, START, 1, "terminal", data)


def reason(*permits: Kept, day: float = 5) -> object:
    return standing(permits, AREA, START + timedelta(days=day))[1]


def test_a_permit_in_force_lets_its_person_in_to_the_last_moment() -> None:
    assert reason(permit()) is None
    assert reason(permit(), day=0) is None
    assert reason(permit(), day=10) is None


def test_each_reason_is_told() -> None:
    assert reason() is NONE
    assert reason(permit(area=OTHER)) is ELSEWHERE
    assert reason(permit(), day=-0.1) is EARLY
    assert reason(permit(), day=10.1) is LATE
    for state, why in STATES.items():
        assert reason(permit(state)) is why


def test_another_area_s_permit_does_not_hide_why_this_one_fails() -> None:
    assert reason(permit(area=OTHER, name="2"), permit("suspended")) is STATES["suspended"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["issued", *STATES]), st.sampled_from([AREA, OTHER]), st.integers(-9, 9), st.integers(10, 20)),
                max_size=5), st.integers(-12, 22), st.randoms(use_true_random=False))  # fmt: skip
def test_one_good_permit_is_enough_in_any_order(stated: list[tuple[str, str, int, int]], day: int, chance: object) -> None:
    permits = [permit(*one, name=str(n)) for n, one in enumerate(stated)]
    good = any(s == "issued" and a == AREA and o <= day <= c for s, a, o, c in stated)
    chance.shuffle(permits)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    kept, why = standing(permits, AREA, START + timedelta(days=day))
    assert (why is None) == good
    assert (kept is not None) or not good
