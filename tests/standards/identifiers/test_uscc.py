"""统一社会信用代码: published codes; the prime modulus finds every single slip."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.standards.identifiers.uscc import ALPHABET, check, check_character, organisation_check

PUBLISHED = ("91350100M000100Y43", "91110000802100433B", "914403001922038216", "9144030071526726XG",
"12100000400010275N")


@st.composite
def codes(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["91", "92", "93", "11", "12", "52"]))
    division = draw(st.sampled_from(["110000", "370700", "810000"]))
    eight = draw(st.text(ALPHABET, min_size=8, max_size=8))
    seventeen = kind + division + eight + organisation_check(eight)
    return seventeen + check_character(seventeen)


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_pass(code: str) -> None:
    verdict = check(code)
    assert (verdict.ok, verdict.code, verdict.value, verdict.kind) == (True, "uscc.ok", code, code[:2])


@pytest.mark.parametrize(("written", "code"), [
    ("91350100M000100Y44", "uscc.check_character"), ("91350100M000100Y4", "uscc.length"), ("", "uscc.empty"),
    ("9135O100M000100Y43", "uscc.alphabet"), ("B1350100M000100Y43", "uscc.authority"),
    ("91990100M000100Y43", "uscc.division"),
])
def test_faults(written: str, code: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code) == (False, code)
    assert all(check(repair).ok for repair in verdict.repairs)


def test_letters_that_the_code_never_uses_are_read_as_digits() -> None:
    assert check("9I350I00M000I00Y43").repairs[0] == "91350100M000100Y43"


def test_a_wrong_organisation_code_inside_is_a_caution() -> None:
    seventeen = "91350100M000100Y5"
    verdict = check(seventeen + check_character(seventeen))
    assert (verdict.ok, verdict.code) == (True, "uscc.organisation")
    assert verdict.reason is not None


@given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(code: str, place: int, char: str) -> None:
    assert check(code[:place] + char + code[place + 1:]).ok == (char == code[place])


@given(codes(), st.integers(0, 16))
def test_every_exchange_of_neighbours_is_found_and_repaired(code: str, place: int) -> None:
    broken = code[:place] + code[place + 1] + code[place] + code[place + 2:]
    verdict = check(broken)
    assert verdict.ok == (broken == code)
    assert verdict.ok or code in verdict.repairs
