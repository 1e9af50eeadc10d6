"""IMO ship identification numbers (IMO Res. A.1117(30)): seven digits, the last one a check digit.

The rule (weights 7 to 2, modulus 10) misses some errors: in places with an even weight a digit that is off by 5, and in
the place with weight 5 a digit that is off by an even amount.
"""

from __future__ import annotations

import re

from kouan.kernel.text import Text
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import DIGITS, suggest

_SHAPE = re.compile(r"[1-9][0-9]{6}")
_ALPHABETS = ("123456789",) + (DIGITS,) * 6
_PREFIX = re.compile(r"(IMO(NO|NUMBER)?|船舶识别号)[:#]?")


def check_digit(first_six: str) -> str:
    """The last digit for the first six; ValueError for other characters."""
    return str(sum(int(c) * weight for c, weight in zip(first_six, range(7, 1, -1), strict=True)) % 10)


def passes(value: str) -> bool:
    """Whether a normalised value (digits alone) is an IMO number with the right check digit."""
    return _SHAPE.fullmatch(value) is not None and check_digit(value[:6]) == value[6]


def check(text: str) -> Check:
    """Check an IMO number, with or without the letters IMO: `IMO 9074729`."""
    value = _PREFIX.sub("", normalise(text), count=1)
    if passes(value):
        return Check(value, True, "imo.ok", kind="ship")
    if not value:
        return empty("imo")
    repairs = suggest(value, _ALPHABETS, passes, check_at=6)
    if len(value) != 7:
        return Check(value, False, "imo.length", Text(
            f"IMO 船舶识别号应为 7 位数字，写了 {len(value)} 位", f"an IMO number has 7 digits, not {len(value)}"))
    if not _SHAPE.fullmatch(value):
        return Check(value, False, "imo.structure", Text(
            "IMO 船舶识别号应为 7 位数字，首位不为 0", "an IMO number is 7 digits and does not begin with 0"), repairs)
    right = check_digit(value[:6])
    return Check(value, False, "imo.check_digit", Text(
        f"校验位应为 {right}，写的是 {value[6]}", f"the check digit should be {right}, not {value[6]}"), repairs)
