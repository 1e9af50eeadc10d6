"""ISO 6346 size and type codes: length, height and width, type group (`22G1`, `45R1`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import suggest

LENGTHS_MM = {
    "1": 2991, "2": 6068, "3": 9125, "4": 12192, "A": 7150, "B": 7315, "C": 7430, "D": 7450, "E": 7820, "F": 8100,
    "G": 12500, "H": 13106, "K": 13600, "L": 13716, "M": 14630, "N": 14935, "P": 16154,
}
# Nominal outer heights; 6, F and P are open above 2,895 mm, and 9 below 1,219 mm.
HEIGHTS_MM = {
    "0": 2438, "2": 2591, "4": 2743, "5": 2895, "6": 2896, "8": 1295, "9": 1219,
    "C": 2591, "D": 2743, "E": 2895, "F": 2896, "L": 2591, "M": 2743, "N": 2895, "P": 2896,
}
GROUPS = {
    "A": Text("空陆联运箱", "air/surface container"), "B": Text("干散货箱", "dry bulk container"),
    "G": Text("通用箱", "general purpose container"), "H": Text("保温箱", "insulated container"),
    "K": Text("干散货罐箱", "pressurised tank for dry bulk"), "N": Text("干散货罐箱", "tank container for dry bulk"),
    "P": Text("平台箱或框架箱", "platform or flat rack"), "R": Text("冷藏箱", "refrigerated container"),
    "S": Text("专用货物箱", "named cargo container"), "T": Text("罐箱", "tank container"),
    "U": Text("敞顶箱", "open top container"), "V": Text("通风箱", "ventilated container"),
}
_PAIRS = "AS|BK|BU|GP|HI|HR|PC|PF|PL|PS|RE|RS|RT|SN|TD|TG|TN|UT|VH"
_SHAPE = re.compile(rf"[1-4A-HK-NP][0245689C-FLMNP](?:[ABGHKNPRSTUV][0-9]|{_PAIRS})")
_ALPHABETS = ("".join(LENGTHS_MM), "".join(HEIGHTS_MM), "".join(GROUPS), "0123456789CDEFGHIKLNPRSTU")


@dataclass(frozen=True, slots=True)
class SizeType:
    """What a size-type code says; `teu` is length in twenty-foot units, rounded to a quarter."""

    code: str
    length_mm: int
    height_mm: int
    group: Text

    @property
    def teu(self) -> float:
        """Twenty-foot equivalents: 1 for 20 ft, 2 for 40 ft, 2.25 for 45 ft."""
        return round(self.length_mm / 6096 * 4) / 4

    @property
    def high_cube(self) -> bool:
        """Taller than 9 feet."""
        return self.height_mm >= 2895


def passes(value: str) -> bool:
    """Whether a normalised code is composed after ISO 6346 or stands in the list of codes in use."""
    return _SHAPE.fullmatch(value) is not None or codes.lookup("container_type", value) is not None


def check(text: str) -> Check:
    """Check a size-type code; codes of the 1984 edition (all digits) pass when the list knows them."""
    value = normalise(text)
    if passes(value):
        return Check(value, True, "size_type.ok", kind=value[2])
    if not value:
        return empty("size_type")
    if len(value) != 4:
        return Check(value, False, "size_type.length", Text("尺寸箱型代码应为 4 位", "a size-type code has 4 characters"))
    return Check(value, False, "size_type.unknown", Text(
        f"不认识的尺寸箱型代码 {value}", f"unknown size-type code {value}"), suggest(value, _ALPHABETS, passes, most=5))


def describe(text: str) -> SizeType | None:
    """The meaning of a code composed after ISO 6346:1995 or later; None for others."""
    value = normalise(text)
    if not _SHAPE.fullmatch(value):
        return None
    return SizeType(value, LENGTHS_MM[value[0]], HEIGHTS_MM[value[1]], GROUPS[value[2]])
