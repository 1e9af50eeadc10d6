"""Vehicle plates of the Mainland, Hong Kong and Macao, cross-border plates included.

Normal form: without blanks and dots, simplified characters (`鲁B12345`, `粤Z1234港`, `AB1234`); Macao keeps its hyphens
(`MA-12-34`), since `MA 1234` is a Hong Kong plate.
"""

from __future__ import annotations

import re
import unicodedata

from kouan.kernel.text import Text
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.plate_kinds import KINDS, PlateKind
from kouan.standards.identifiers.repair import suggest

_SIMPLIFIED = str.maketrans("遼滬蘇贛魯粵瓊貴雲陝寧領學掛應門澳", "辽沪苏赣鲁粤琼贵云陕宁领学挂应门澳")
_MACAO = re.compile(r"(M[A-Z]|A[A-Z])([0-9]{2})([0-9]{2})|(M)([0-9]{2})([0-9]{2})|(CM)([0-9]{5})")
_HYPHENATED = re.compile(r"[A-Z]{1,2}-[0-9]{2}-[0-9]{2}|CM-[0-9]{5}")
_SHAPES = tuple((kind, kind.shape) for kind in KINDS)
_REPAIRS = 6


def kind_of(value: str) -> PlateKind | None:
    """The first grammar that a normalised plate fits; None when none does."""
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(value)), None)


def normal(text: str) -> str:
    """The one spelling of a plate."""
    value = normalise(text).translate(_SIMPLIFIED)
    if _written_as_macao(text) or not kind_of(value):
        match = _MACAO.fullmatch(value)
        if match:
            return "-".join(part for part in match.groups() if part)
    return value


def check(text: str) -> Check:
    """Check a plate; `kind` tells which plate it is (`mainland.civil`, `hongkong.civil`, `macao.civil` …)."""
    value = normal(text)
    return _check(value) if value else empty("plate")


def _check(value: str) -> Check:
    kind = kind_of(value)
    if kind is None:
        return _failed(value)
    macao = _MACAO.fullmatch(value) if kind.name == "hongkong.civil" and value[0] == "M" else None
    if macao:
        other = "-".join(part for part in macao.groups() if part)
        return Check(value, True, "plate.hongkong_or_macao", Text(
            f"按香港号牌处理；澳门号牌请写 {other}", f"taken as a Hong Kong plate; for Macao write {other}"),
            (other,), kind.name)
    return Check(value, True, "plate.ok", kind=kind.name)


def _failed(value: str) -> Check:
    repairs = tuple(dict.fromkeys(r for kind, shape in _SHAPES for r in _fitting(value, kind, shape)))[:_REPAIRS]
    if "I" in value or "O" in value:
        return Check(value, False, "plate.letter", Text(
            "号牌序号不使用字母 I 和 O", "the serial of a plate does not use the letters I and O"), repairs)
    return Check(value, False, "plate.structure", Text(
        "不是内地、香港或澳门号牌的格式", "not the form of a Mainland, Hong Kong or Macao plate"), repairs)


def _fitting(value: str, kind: PlateKind, shape: re.Pattern[str]) -> tuple[str, ...]:
    return suggest(value, kind.places, lambda candidate: shape.fullmatch(candidate) is not None, most=3)


def _written_as_macao(text: str) -> bool:
    upper = unicodedata.normalize("NFKC", text[:64]).upper().strip()
    hyphened = "".join("-" if unicodedata.category(c) == "Pd" else c for c in upper if not c.isspace())
    return _HYPHENATED.fullmatch(hyphened) is not None
