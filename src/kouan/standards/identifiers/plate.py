"""Vehicle plates of the Mainland, Hong Kong and Macao, cross-border plates included.

Normal form: without blanks and dots, simplified characters (`鲁B12345`, `粤Z1234港`, `AB1234`); Macao keeps its hyphens
(`MA-12-34`), since `MA 1234` is a Hong Kong plate.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from kouan.kernel.text import Text
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.plate_kinds import KINDS, PlateKind
from kouan.standards.identifiers.repair import best, scored

_SIMPLIFIED = str.maketrans("遼滬蘇贛魯粵瓊貴雲陝寧領學掛應門澳", "辽沪苏赣鲁粤琼贵云陕宁领学挂应门澳")
_MACAO = re.compile(r"(M[A-Z]?)([0-9]{2})([0-9]{2})|(CM)([0-9]{5})")
_HYPHENATED = re.compile(r"(?:M|[MA][A-Z])-[0-9]{2}-[0-9]{2}|CM-[0-9]{5}")
_SHAPES = tuple((kind, kind.shape) for kind in KINDS)
_COMMON = ("mainland.civil", "mainland.new-energy", "mainland.trailer", "mainland.cross-border")
_REPAIRS = 6


def kind_of(value: str) -> PlateKind | None:
    """The first grammar that a normalised plate fits; None when none does."""
    return next((kind for kind, shape in _SHAPES if shape.fullmatch(value)), None)


def normal(text: str) -> str:
    """The one spelling of a plate."""
    hyphenated = _with_hyphens(text)
    if _HYPHENATED.fullmatch(hyphenated):
        return hyphenated
    value = normalise(text).translate(_SIMPLIFIED)
    macao = None if kind_of(value) else _MACAO.fullmatch(value)
    return _macao(macao) if macao else value


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
        other = _macao(macao)
        return Check(value, True, "plate.hongkong_or_macao", Text(
            f"按香港号牌处理；澳门号牌请写 {other}", f"taken as a Hong Kong plate; for Macao write {other}"),
            (other,), kind.name)
    return Check(value, True, "plate.ok", kind=kind.name)


def _failed(value: str) -> Check:
    repairs = best({r: cost for kind, shape in reversed(_SHAPES) for r, cost in _fitting(value, kind, shape)}, _REPAIRS)
    if "I" in value or "O" in value:
        return Check(value, False, "plate.letter", Text(
            "号牌序号不使用字母 I 和 O", "the serial of a plate does not use the letters I and O"), repairs)
    return Check(value, False, "plate.structure", Text(
        "不是内地、香港或澳门号牌的格式", "not the form of a Mainland, Hong Kong or Macao plate"), repairs)


def _fitting(value: str, kind: PlateKind, shape: re.Pattern[str]) -> Iterable[tuple[str, int]]:
    # A misread civil plate is likelier than a rare one that it resembles.
    rarity = 0 if kind.name in _COMMON else 5
    found = scored(value, kind.places, lambda candidate: shape.fullmatch(candidate) is not None)
    return ((candidate, cost + rarity) for candidate, cost in found.items())


def _macao(parts: re.Match[str]) -> str:
    return "-".join(part for part in parts.groups() if part)


def _with_hyphens(text: str) -> str:
    upper = unicodedata.normalize("NFKC", text).upper() if len(text) <= 64 else ""
    return "".join("-" if unicodedata.category(c) == "Pd" else c for c in upper if not c.isspace())
