"""ISO 6346 container numbers: published numbers, what the check digit finds and misses, repairs."""

from __future__ import annotations

import random
from string import ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.codes import api as codes
from kouan.standards.identifiers import container
from kouan.standards.identifiers.container import VALUES, check, check_digit

PUBLISHED = ("CSQU3054383", "MSKU9070323", "TOLU4734787", "GVTU3000389", "BICU1234565", "ZEPU0037255", "HLXU2008419")
TWINS = {"0": "O", "1": "I", "8": "B", "5": "S", "2": "Z", "6": "G"}
TWINS |= {letter: digit for digit, letter in TWINS.items()}
# ISO 6346: letters whose values differ by a multiple of 11 cannot be told apart by the check digit.
BLIND = ("AKU", "BLV", "CMW", "DNX", "EOY", "FPZ", "GQ", "HR", "IS", "JT")

first_ten = st.from_regex(r"[A-Z]{3}[UJZ][0-9]{6}", fullmatch=True)
numbers = first_ten.map(lambda ten: ten + check_digit(ten))


def remainder(value: str) -> int:
    return sum(VALUES[c] << i for i, c in enumerate(value[:10])) % 11


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_pass(number: str) -> None:
    verdict = check(number)
    assert (verdict.ok, verdict.code, verdict.value, verdict.reason) == (True, "iso6346.ok", number, None)


@pytest.mark.parametrize("written", ["csqu3054383", "CSQU 305438-3", "ＣＳＱＵ３０５４３８３", " CSQU–305438 3\n",
    "CSQU.305438.3"])
def test_spelling_is_forgiven(written: str) -> None:
    assert check(written).value == "CSQU3054383"
    assert check(written).ok


@pytest.mark.parametrize(("written", "code"), [
    ("CSQU3054384", "iso6346.check_digit"), ("CSQX3054383", "iso6346.category"), ("C5QU3054383", "iso6346.structure"),
    ("CSQU305438", "iso6346.length"), ("CSQU30543833", "iso6346.length"), ("", "iso6346.empty"),
    ("---", "iso6346.empty"),
    ("箱号CSQU305438", "iso6346.length"), ("CSQU٣054383", "iso6346.structure"),
])
def test_faults_have_stable_codes_and_reasons(written: str, code: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code) == (False, code)
    assert verdict.reason is not None


def test_the_reason_names_the_right_digit() -> None:
    reason = check("CSQU3054384").reason
    assert reason is not None
    assert "3" in reason.en
    assert "4" in reason.en


def test_a_missing_check_digit_is_computed() -> None:
    assert check("CSQU305438").repairs == ("CSQU3054383",)


def test_a_size_type_behind_the_number_is_cut() -> None:
    assert "CSQU3054383" in check("CSQU3054383 22G1").repairs


@given(numbers, st.integers(4, 10), st.sampled_from(digits))
def test_a_wrong_digit_is_found_unless_the_remainder_ten_hides_it(number: str, place: int, digit: str) -> None:
    broken = number[:place] + digit + number[place + 1:]
    hidden = place < 10 and {remainder(number), remainder(broken)} <= {0, 10}
    assert check(broken).ok == (broken == number or hidden)


@given(numbers, st.integers(0, 2), st.sampled_from(ascii_uppercase))
def test_a_wrong_letter_is_found_but_for_the_known_groups(number: str, place: int, letter: str) -> None:
    broken = number[:place] + letter + number[place + 1:]
    blind = any(letter in group and number[place] in group for group in BLIND)
    hidden = {remainder(number), remainder(broken)} <= {0, 10}
    assert check(broken).ok == (blind or letter == number[place] or hidden)


@given(numbers)
def test_a_valid_number_passes_as_it_is(number: str) -> None:
    assert check(number).ok
    assert check(number.lower()).value == number


@given(st.text(ascii_uppercase + digits, min_size=10, max_size=13))
def test_every_repair_passes(text: str) -> None:
    assert all(check(repair).ok for repair in check(text).repairs)


def known_owner_numbers(count: int) -> list[str]:
    chance = random.Random(6346)
    owners = [code.code for code in codes.search("container_owner", "u", 1000)]
    tens = (chance.choice(owners) + f"{chance.randrange(10**6):06}" for _ in range(count))
    return [ten + check_digit(ten) for ten in tens]


def test_camera_confusions_are_repaired_and_never_accepted() -> None:
    """Each letter read as its twin digit, or the other way: the true number is offered, first, and nothing passes."""
    tried = offered = first = 0
    for number in known_owner_numbers(300):
        for place, char in enumerate(number):
            if char in TWINS:
                verdict = check(number[:place] + TWINS[char] + number[place + 1:])
                assert not verdict.ok
                tried += 1
                offered += number in verdict.repairs
                first += verdict.repairs[:1] == (number,)
    assert tried > 1000
    assert offered / tried >= 0.99
    assert first / tried >= 0.95


def test_any_single_wrong_character_is_mostly_repaired() -> None:
    chance = random.Random(11)
    tried = offered = 0
    for number in known_owner_numbers(600):
        place = chance.randrange(11)
        wrong = chance.choice([c for c in (ascii_uppercase if place < 4 else digits) if c != number[place]])
        verdict = check(number[:place] + wrong + number[place + 1:])
        if not verdict.ok:
            tried += 1
            offered += number in verdict.repairs
    assert tried > 500
    assert offered / tried >= 0.9


def test_exchanged_neighbours_are_repaired() -> None:
    found = [number in check(number[:5] + number[6] + number[5] + number[7:]).repairs
             for number in known_owner_numbers(300) if number[5] != number[6]]
    assert sum(found) / len(found) >= 0.85


def test_letter_values_leave_out_multiples_of_eleven() -> None:
    assert [container.VALUES[c] for c in "AKLUVZ"] == [10, 21, 23, 32, 34, 38]
