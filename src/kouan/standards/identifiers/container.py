"""ISO 6346 container numbers: owner code, equipment category, serial number, check digit.

The check digit (ISO 6346 annex A) finds every single wrong digit and most wrong letters, with two known gaps: letters
whose values differ by 11 (A-K-U, B-L-V, C-M-W, D-N-X, E-O-Y, F-P-Z, G-Q, H-R, I-S, J-T), and the remainder 10, which is
written 0. A number that passes is therefore not proved right.
"""

from __future__ import annotations

import re

from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import DIGITS, LETTERS, shorten, suggest

LENGTH = 11
CATEGORIES = "UJZ"
VALUES = dict(zip(DIGITS + LETTERS, (n for n in range(39) if n % 11 or not n), strict=True))
_SHAPE = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_FIRST_TEN = re.compile(r"[A-Z]{3}[UJZ][0-9]{6}")
_ALPHABETS = (LETTERS,) * 3 + (CATEGORIES,) + (DIGITS,) * 7


def check_digit(first_ten: str) -> str:
    """The check digit for owner code, category and serial number; KeyError for other characters."""
    return str(sum(VALUES[c] << i for i, c in enumerate(first_ten)) % 11 % 10)


def passes(value: str) -> bool:
    """Whether a normalised value is a container number with the right check digit."""
    return _SHAPE.fullmatch(value) is not None and check_digit(value[:10]) == value[10]


def check(text: str) -> Check:
    """Check a container number, e.g. `CSQU3054383` or `csqu 305438-3`."""
    value = normalise(text)
    if passes(value):
        return Check(value, True, "iso6346.ok", kind=value[3])
    if not value:
        return empty("iso6346")
    if len(value) != LENGTH:
        return Check(value, False, "iso6346.length", _length(value), _resized(value))
    repairs = suggest(value, _ALPHABETS, passes, check_at=10, prior=_unknown_owner)
    if _SHAPE.fullmatch(value):
        return Check(value, False, "iso6346.check_digit", _digit(value), repairs)
    if value[3].isascii() and value[3].isalpha() and value[3] not in CATEGORIES:
        return Check(value, False, "iso6346.category", Text(
            f"第四位应为 U、J 或 Z（设备类别），写的是 {value[3]}",
            f"the fourth letter must be U, J or Z (equipment category), not {value[3]}"), repairs)
    return Check(value, False, "iso6346.structure", Text(
        "箱号应为四个字母加七位数字", "a container number is four letters followed by seven digits"), repairs)


def _digit(value: str) -> Text:
    right = check_digit(value[:10])
    return Text(f"校验位应为 {right}，写的是 {value[10]}", f"the check digit should be {right}, not {value[10]}")


def _length(value: str) -> Text:
    return Text(f"箱号应为 11 位，写了 {len(value)} 位",
                f"a container number has 11 characters, not {len(value)}")


def _resized(value: str) -> tuple[str, ...]:
    if len(value) == LENGTH - 1:
        tens = (value,) if _FIRST_TEN.fullmatch(value) else suggest(value, _ALPHABETS[:10], _well_formed, most=3)
        return tuple(ten + check_digit(ten) for ten in tens)
    return shorten(value, LENGTH, passes) if LENGTH < len(value) <= 2 * LENGTH else ()


def _well_formed(first_ten: str) -> bool:
    return _FIRST_TEN.fullmatch(first_ten) is not None


def _unknown_owner(value: str) -> int:
    return 0 if codes.lookup("container_owner", value[:4]) else 3
