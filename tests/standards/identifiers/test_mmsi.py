"""MMSI: kinds by their beginning, the country by its MID."""

from __future__ import annotations

import pytest

from kouan.standards.identifiers.mmsi import check, country


@pytest.mark.parametrize(("number", "kind", "flag"), [
    ("353136000", "ship", "PA"), ("412345678", "ship", "CN"), ("477123400", "ship", "HK"), ("453000123", "ship", "MO"),
    ("004122100", "coast", "CN"), ("041234567", "group", "CN"), ("111412345", "sar-aircraft", "CN"),
    ("994121234", "aton", "CN"), ("984121234", "craft", "CN"), ("841234567", "handheld", "CN"),
    ("970123456", "sart", None), ("972123456", "mob", None), ("974123456", "epirb", None), ("979123456", "amrd", None),
])
def test_kind_and_country(number: str, kind: str, flag: str | None) -> None:
    verdict = check(number)
    assert (verdict.ok, verdict.code, verdict.kind) == (True, "mmsi.ok", kind)
    assert country(number) == flag


@pytest.mark.parametrize(("written", "code"), [
    ("41234567", "mmsi.length"), ("4123456789", "mmsi.length"), ("", "mmsi.empty"), ("MMSI", "mmsi.empty"),
    ("41234567B", "mmsi.structure"), ("123456789", "mmsi.kind"), ("299345678", "mmsi.mid"), ("999999999", "mmsi.mid"),
])
def test_faults(written: str, code: str) -> None:
    verdict = check(written)
    assert (verdict.ok, verdict.code) == (False, code)
    assert all(check(repair).ok for repair in verdict.repairs)


def test_lost_zeros_in_front_are_put_back() -> None:
    assert check("4122100").repairs == ("004122100",)


def test_the_letters_in_front_are_taken_off() -> None:
    assert check("MMSI: 412 345 678").value == "412345678"


def test_a_letter_read_for_a_digit_is_repaired() -> None:
    assert check("4I2345678").repairs[0] == "412345678"
