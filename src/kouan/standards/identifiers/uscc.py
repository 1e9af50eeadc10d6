"""统一社会信用代码, the unified social credit code (GB 32100-2015).

Eighteen characters: registering authority, kind of organisation, administrative division (6), organisation code
(9, GB 11714), check character (weights 3^i, modulus 31). The modulus is prime: every single wrong character and every
exchange of neighbours is found.
"""

from __future__ import annotations

import re

from kouan.kernel.text import Text
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import DIGITS, shorten, suggest

LENGTH = 18
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
AUTHORITIES = {
    "1": Text("机构编制", "institutional establishment"), "2": Text("外交", "foreign affairs"),
    "3": Text("司法行政", "justice"), "4": Text("文化", "culture"), "5": Text("民政", "civil affairs"),
    "6": Text("旅游", "tourism"), "7": Text("宗教", "religious affairs"), "8": Text("工会", "trade unions"),
    "9": Text("市场监督管理", "market regulation"), "A": Text("军队", "military"), "N": Text("农业", "agriculture"),
    "Y": Text("其他", "others"),
}
PROVINCES = frozenset(str(n) for n in (
    *range(10, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82))
_VALUES = {c: i for i, c in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SHAPE = re.compile(rf"[1-9ANY][1-9][0-9]{{6}}[{ALPHABET}]{{10}}")
_ALPHABETS = ("".join(AUTHORITIES), "123456789", *(DIGITS,) * 6, *(ALPHABET,) * 10)


def check_character(first_seventeen: str) -> str:
    """The last character for the first seventeen; KeyError for characters outside the alphabet."""
    total = sum(_VALUES[c] * w for c, w in zip(first_seventeen, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first_eight: str) -> str:
    """The check character of the embedded organisation code (GB 11714); KeyError outside the alphabet."""
    total = sum(_organisation_value(c) * w for c, w in zip(first_eight, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def _organisation_value(char: str) -> int:
    return int(char) if char in DIGITS else ord(char) - ord("A") + 10


def passes(value: str) -> bool:
    """Whether a normalised value has the structure and the right check character."""
    return (_SHAPE.fullmatch(value) is not None and value[2:4] in PROVINCES
            and check_character(value[:17]) == value[17])


def check(text: str) -> Check:
    """Check a credit code; `kind` is authority and kind of organisation (`91` enterprise, `92` sole trader …).

    An embedded organisation code whose own check character is wrong is a caution (`uscc.organisation`), not a failure.
    """
    value = normalise(text)
    if passes(value):
        return _passed(value)
    if not value:
        return empty("uscc")
    if len(value) != LENGTH:
        repairs = shorten(value, LENGTH, passes) if LENGTH < len(value) <= 2 * LENGTH else ()
        return Check(value, False, "uscc.length", Text(
            f"统一社会信用代码应为 18 位，写了 {len(value)} 位",
            f"a unified social credit code has 18 characters, not {len(value)}"), repairs)
    repairs = suggest(value, _ALPHABETS, passes, check_at=17, prior=_organisation_penalty)
    return Check(value, False, *_fault(value), repairs)


def _passed(value: str) -> Check:
    if _organisation_penalty(value):
        return Check(value, True, "uscc.organisation", Text(
            "其中的组织机构代码校验位不符", "the check character of the organisation code inside does not fit"), kind=value[:2])
    return Check(value, True, "uscc.ok", kind=value[:2])


def _fault(value: str) -> tuple[str, Text]:
    strange = sorted({c for c in value if c not in _VALUES})
    if strange:
        shown = " ".join(strange)
        return "uscc.alphabet", Text(f"不使用的字符：{shown}（不含 I、O、S、V、Z）",
                                     f"characters that the code does not use: {shown} (there is no I, O, S, V, Z)")
    if value[0] not in AUTHORITIES:
        return "uscc.authority", Text(f"登记管理部门代码 {value[0]} 不存在", f"no registering authority has the code {value[0]}")
    if not _SHAPE.fullmatch(value) or value[2:4] not in PROVINCES:
        return "uscc.division", Text("第 3 至 8 位不是行政区划代码", "places 3 to 8 are not an administrative division code")
    right = check_character(value[:17])
    return "uscc.check_character", Text(f"校验码应为 {right}，写的是 {value[17]}",
                                        f"the check character should be {right}, not {value[17]}")


def _organisation_penalty(value: str) -> int:
    return 0 if organisation_check(value[8:16]) == value[16] else 3
