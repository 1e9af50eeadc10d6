"""UN/LOCODE (UN/CEFACT Recommendation 16): two letters of the country, three characters of the place."""

from __future__ import annotations

import re
from collections.abc import Collection

from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import LETTERS, suggest

_SHAPE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
_ALPHABETS = (LETTERS, LETTERS, *(LETTERS + "23456789",) * 3)
INTERNATIONAL_WATERS = "XZ"


def passes(value: str) -> bool:
    """Whether a normalised value stands in the list."""
    return codes.lookup("locode", value) is not None


def check(text: str, *, own: Collection[str] = ()) -> Check:
    """Check a place code such as `CN SHG`; `own` are codes that the site itself has given and knows.

    A well-formed code that the list does not hold fails with `locode.unlisted`: it may be newer than the edition.
    """
    value = normalise(text)
    if value in own:
        return Check(value, True, "locode.own", kind="own")
    place = codes.lookup("locode", value) if len(value) == 5 else None
    if place:
        return Check(value, True, "locode.ok", kind="seaport" if place.facts["function"].startswith("1") else "place")
    if not value:
        return empty("locode")
    if not _SHAPE.fullmatch(value):
        return Check(value, False, "locode.structure", Text(
            "地点代码应为两位国家代码加三位地点代码", "a UN/LOCODE is two letters of the country and three characters of the place"),
            suggest(value, _ALPHABETS, passes, most=5))
    if value[:2] != INTERNATIONAL_WATERS and codes.lookup("country", value[:2]) is None:
        return Check(value, False, "locode.country", Text(
            f"{value[:2]} 不是国家或地区代码", f"{value[:2]} is not a country code"), _near(value))
    edition = codes.edition("locode")
    return Check(value, False, "locode.unlisted", Text(
        f"联合国地点代码表（{edition}）中没有 {value}", f"{value} is not in the UN/LOCODE list ({edition})"), _near(value))


def _near(value: str) -> tuple[str, ...]:
    return suggest(value, _ALPHABETS, passes, most=5, prior=_not_a_seaport)


def _not_a_seaport(value: str) -> int:
    place = codes.lookup("locode", value)
    return 0 if place and place.facts["function"].startswith("1") else 2
