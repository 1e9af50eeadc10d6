"""IMO ship numbers: published numbers, what the check digit finds and misses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.identifiers.imo import check, check_digit

PUBLISHED = ("9074729", "8814275", "9176187", "9811000", "9321483", "9395044", "1000019")
numbers = st.integers(100_000, 999_999).map(lambda six: f"{six}{check_digit(str(six))}")


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_pass(number: str) -> None:
    verdict = check(number)
    assert (verdict.ok, verdict.code, verdict.value, verdict.kind) == (True, "imo.ok", number, "ship")


@pytest.mark.parametrize("written", ["IMO 9074729", "imo9074729", "IMO-9074729", "IMO: 9074729", "ＩＭＯ９０７４７２９",
    "IMO No. 9074729"])
def test_the_letters_in_front_are_taken_off(written: str) -> None:
    assert check(written).value == "9074729"
    assert check(written).ok


@pytest.mark.parametrize(("written", "code"), [
    ("9074728", "imo.check_digit"), ("907472", "imo.length"), ("90747290", "imo.length"), ("0000000", "imo.structure"),
    ("IMO", "imo.empty"), ("", "imo.empty"), ("9O74729", "imo.structure"),
])
def test_faults(written: str, code: str) -> None:
    assert (check(written).ok, check(written).code) == (False, code)


def test_repairs_come_best_first() -> None:
    assert check("9O74729").repairs[0] == "9074729"
    assert "9074729" in check("9074728").repairs
    assert "9074729" in check("9047729").repairs


@given(numbers, st.integers(0, 6), st.integers(1, 9))
def test_a_wrong_digit_is_found_but_for_the_rule_s_gaps(number: str, place: int, shift: int) -> None:
    wrong = (int(number[place]) + shift) % 10
    broken = f"{number[:place]}{wrong}{number[place + 1:]}"
    weight = 7 - place if place < 6 else 1
    difference = wrong - int(number[place])
    gap = place < 6 and (weight * difference) % 10 == 0
    assert check(broken).ok == (gap and broken[0] != "0")


@given(st.text("0123456789OISBZG", min_size=7, max_size=7))
def test_every_repair_passes(text: str) -> None:
    assert all(check(repair).ok for repair in check(text).repairs)
