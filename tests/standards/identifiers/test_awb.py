"""Air waybill numbers: what passes, what the check digit finds and misses, what is suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.identifiers.awb import check, check_digit

numbers = st.tuples(st.integers(1, 999), st.integers(0, 9_999_999)).map(lambda n: f"{n[0]:03}{n[1]:07}{n[1] % 7}")


@given(numbers)
def test_numbers_pass_in_any_spelling(number: str) -> None:
    for written in (number, f"{number[:3]}-{number[3:]}", f"{number[:3]} {number[3:7]} {number[7:]}"):
        assert check(written).ok
        assert check(written).value == f"{number[:3]}-{number[3:]}"


@given(numbers, st.integers(1, 9))
def test_a_wrong_check_digit_is_found_and_the_right_one_leads(number: str, shift: int) -> None:
    wrong = number[:10] + str((int(number[10]) + shift) % 10)
    verdict = check(wrong)
    assert (verdict.ok, verdict.code) == (False, "awb.check_digit")
    assert verdict.repairs[0] == f"{number[:3]}-{number[3:]}"


@given(numbers, st.integers(3, 9), st.integers(1, 9))
def test_a_wrong_digit_of_the_serial_is_found_but_for_sevens(number: str, place: int, shift: int) -> None:
    digit = (int(number[place]) + shift) % 10
    wrong = f"{number[:place]}{digit}{number[place + 1:]}"
    assert check(wrong).ok == ((digit - int(number[place])) % 7 == 0)


@pytest.mark.parametrize(
    ("written", "code"),
    [("", "awb.empty"), ("888-1111111", "awb.length"), ("000-11111111", "awb.prefix"), ("888-1111111X", "awb.structure")],
)
def test_faults(written: str, code: str) -> None:
    assert (check(written).ok, check(written).code) == (False, code)


@given(st.text("0123456789OISB-", max_size=14))
def test_every_repair_passes(text: str) -> None:
    assert all(check(repair).ok for repair in check(text).repairs)
    assert check_digit("1111111") == "1"
