"""Check digits of simulated identifiers against published examples, and their uniqueness."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan_sim import identifiers


@pytest.mark.parametrize("number", ["CSQU3054383", "MSKU9070323", "TGHU7599330"])
def test_container_check_digit_of_known_boxes(number: str) -> None:
    assert identifiers.container_check(number[:10]) % 10 == int(number[10])


@given(st.integers(0, 999_999))
def test_containers_step_past_the_ambiguous_digit(serial: int) -> None:
    number = identifiers.container("SIM", serial)
    assert re.fullmatch(r"SIMU\d{7}", number)
    assert identifiers.container_check(number[:10]) == int(number[10])


@pytest.mark.parametrize("number", ["9321483", "9074729", "9395044"])
def test_imo_number_of_known_ships(number: str) -> None:
    assert identifiers.imo_number(int(number[:6])) == number


def test_references_are_unique_and_repeatable() -> None:
    first, again, other = (identifiers.References(run) for run in ("0AAAAA00", "0AAAAA00", "0AAAAA01"))
    rows = [[refs.next("SIMD") for _ in range(50)] for refs in (first, again, other)]
    assert rows[0] == rows[1]
    assert len(set(rows[0]) | set(rows[2])) == 100
    assert max(len(ref) for ref in rows[0]) <= 22
    assert first.chance("plates").random() == again.chance("plates").random()
    assert first.chance("plates").random() != other.chance("plates").random()


def test_plates_look_like_plates() -> None:
    chance = random.Random(1)
    assert all(re.fullmatch(r"鲁B[A-HJ-NP-Z]\d{4}", identifiers.plate(chance)) for _ in range(100))
