"""Identifiers of postal items (UPU standard S10): service indicator, eight digits, a check digit, the country that posts.

`RR 123 456 785 CN`. The rule (weights 8 6 4 2 3 5 9 7, modulus 11) finds every single wrong digit of the serial and every
exchange of neighbours but where the remainder is written as the same digit as another (remainders 0 and 6 make 5, 1 makes 0).
"""

from __future__ import annotations

import re

from kouan.kernel.text import Text
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import DIGITS, LETTERS, shorten, suggest

LENGTH = 13
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_ALPHABETS = (LETTERS, LETTERS, *(DIGITS,) * 9, LETTERS, LETTERS)
SERVICES = {
    "C": Text("包裹", "parcel"), "E": Text("特快专递", "express (EMS)"), "L": Text("快速邮件", "tracked packet"),
    "R": Text("挂号", "registered"), "U": Text("普通小包", "untracked packet"), "V": Text("保价", "insured"),
}


def check_digit(serial: str) -> str:
    """The ninth digit for the first eight; ValueError for other characters."""
    left = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: "0", 11: "5"}.get(left, str(left))


def passes(value: str) -> bool:
    """Whether a normalised value is an S10 identifier with the right check digit."""
    return _SHAPE.fullmatch(value) is not None and check_digit(value[2:10]) == value[10]


def check(text: str) -> Check:
    """Check a postal item's identifier, with or without blanks; `kind` is the service that its first letter names."""
    value = normalise(text)
    if passes(value):
        return Check(value, True, "s10.ok", kind=SERVICES[value[0]].en if value[0] in SERVICES else "")
    if not value:
        return empty("s10")
    if len(value) != LENGTH:
        repairs = shorten(value, LENGTH, passes) if LENGTH < len(value) <= 2 * LENGTH else ()
        return Check(value, False, "s10.length", Text(
            f"邮件编号应为 13 位，写了 {len(value)} 位", f"a postal identifier has 13 characters, not {len(value)}"), repairs)
    repairs = suggest(value, _ALPHABETS, passes, check_at=10)
    if not _SHAPE.fullmatch(value):
        return Check(value, False, "s10.structure", Text(
            "邮件编号为两个字母、九位数字、两个字母", "a postal identifier is two letters, nine digits, two letters"), repairs)
    right = check_digit(value[2:10])
    return Check(value, False, "s10.check_digit", Text(
        f"校验位应为 {right}，写的是 {value[10]}", f"the check digit should be {right}, not {value[10]}"), repairs)
