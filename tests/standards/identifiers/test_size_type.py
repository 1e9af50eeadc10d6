"""ISO 6346 size-type codes."""

from __future__ import annotations

import pytest

from kouan.standards.identifiers.size_type import check, describe


@pytest.mark.parametrize(("code", "teu", "high", "group"), [
    ("22G1", 1.0, False, "general purpose container"), ("42G1", 2.0, False, "general purpose container"),
    ("45G1", 2.0, True, "general purpose container"), ("45R1", 2.0, True, "refrigerated container"),
    ("L5G1", 2.25, True, "general purpose container"), ("22T6", 1.0, False, "tank container"),
    ("22GP", 1.0, False, "general purpose container"),
])
def test_codes_are_described(code: str, teu: float, high: bool, group: str) -> None:
    meaning = describe(code)
    assert check(code).ok
    assert meaning is not None
    assert (meaning.teu, meaning.high_cube, meaning.group.en) == (teu, high, group)


def test_codes_of_the_old_edition_pass_without_description() -> None:
    assert check("2200").ok == (check("2200").code == "size_type.ok")
    assert check("2000").ok
    assert describe("2000") is None


@pytest.mark.parametrize(("written", "code"), [("22X9", "size_type.unknown"), ("22G", "size_type.length"),
    ("", "size_type.empty")])
def test_faults(written: str, code: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code) == (False, code)
    assert all(check(repair).ok for repair in verdict.repairs)


def test_a_letter_read_for_a_digit_is_repaired() -> None:
    assert "22G1" in check("2ZG1").repairs
