"""Identifiers of postal items (UPU S10)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.identifiers.s10 import check, check_digit

serials = st.text("0123456789", min_size=8, max_size=8)


@pytest.mark.parametrize(("serial", "digit"), [("47312482", "9"), ("12345678", "5"), ("00000000", "5"), ("00000006", "2")])
def test_check_digits(serial: str, digit: str) -> None:
    """The first is the worked example of the standard: weighted sum 200, remainder 2, so 9."""
    assert check_digit(serial) == digit


@given(serials, st.sampled_from(["RR", "CP", "EE", "LX"]), st.sampled_from(["CN", "US", "KR"]))
def test_what_is_made_by_the_rule_passes_in_any_spelling(serial: str, service: str, country: str) -> None:
    made = f"{service}{serial}{check_digit(serial)}{country}"
    assert check(made).ok
    assert check(f"{made[:2].lower()} {serial[:3]} {serial[3:]}-{made[10]} {country.lower()}").value == made


@given(serials, st.integers(0, 7), st.integers(1, 9))
def test_a_wrong_digit_is_found_and_the_right_one_offered(serial: str, place: int, off: int) -> None:
    other = serial[:place] + str((int(serial[place]) + off) % 10) + serial[place + 1:]
    wrong = check(f"RR{other}{check_digit(serial)}CN")
    if check_digit(other) == check_digit(serial):
        return  # the few remainders that share a digit
    assert (wrong.ok, wrong.code) == (False, "s10.check_digit")
    assert f"RR{other}{check_digit(other)}CN" in wrong.repairs


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "s10.empty"), ("RR12345678CN", "s10.length"), ("R1123456785CN", "s10.structure"), ("RR123456784CN", "s10.check_digit")],
)
def test_what_is_wrong_is_said(text: str, code: str) -> None:
    assert check(text).code == code
    assert check(text).reason is not None


def test_a_letter_read_for_a_digit_is_repaired() -> None:
    assert "RR123456785CN" in check("RRI23456785CN").repairs
