"""What a value must be, leaf by leaf: each leaf type becomes one function from text to what is wrong, or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from kouan.base.exchange.codecs.problem import Fault
from kouan.base.exchange.codecs.wco import faults
from kouan.base.exchange.codecs.wco.leaves import COLLAPSED, NUMBERS, Leaf

Wrong = tuple[Fault, dict[str, object]]
Check = Callable[[str], Wrong | None]
SPACE = " \t\r\n"

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(r"20[0-9]{6}(?:[0-9]{6}(?:Z|[-+][0-9]{2})?)?")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_NOT_LETTERS, _NOT_DIGITS = re.compile(r"[^a-zA-Z]"), re.compile(r"[^0-9]")


@cache
def check_of(leaf: Leaf) -> Check:
    """The check of a leaf type. Dates are checked where their inner element stands."""
    if leaf.kind in NUMBERS:
        return _number(leaf)
    collapsed = leaf.kind in COLLAPSED
    inner = _plain_text(leaf) if not (leaf.letters or leaf.digits or leaf.values) else _restricted(leaf)
    if not collapsed:
        return inner

    def check(text: str) -> Wrong | None:
        if text[:1] in SPACE or text[-1:] in SPACE or "  " in text or "\n" in text or "\t" in text:
            text = " ".join(text.split())
        return inner(text)

    return check


def _plain_text(leaf: Leaf) -> Check:
    size = leaf.size
    if not size:
        return lambda _: None
    if leaf.free:
        return lambda text: (faults.LENGTH, {"size": size, "found": len(text)}) if len(text) > size else None

    def check(text: str) -> Wrong | None:
        if len(text) > size:
            return faults.LENGTH, {"size": size, "found": len(text)}
        if not text.strip(SPACE):
            return faults.BLANK, {}
        if "\n" in text or "\r" in text:
            return faults.LINES, {}
        return None

    return check


def _restricted(leaf: Leaf) -> Check:
    """Letters or digits only, an exact length, a list of values."""
    banned = _NOT_LETTERS if leaf.letters else _NOT_DIGITS if leaf.digits else None
    fault = faults.LETTERS if leaf.letters else faults.DIGITS
    values = ", ".join(sorted(leaf.values))

    def check(text: str) -> Wrong | None:
        if len(text) > leaf.size or (leaf.exact and len(text) != leaf.size):
            return (faults.EXACT if leaf.exact else faults.LENGTH), {"size": leaf.size, "found": len(text)}
        if banned is not None and banned.search(text):
            return fault, {"found": text}
        if leaf.values and text not in leaf.values:
            return faults.VALUES, {"values": values, "found": text}
        return None

    return check


def _number(leaf: Leaf) -> Check:
    size, fraction = leaf.size, leaf.fraction

    def check(text: str) -> Wrong | None:
        if text.isdigit() and text.isascii() and (not size or len(text) <= size):
            return None
        plain = text.strip(SPACE)
        if not _DECIMAL.fullmatch(plain):
            return faults.NUMBER, {"found": text}
        whole, _, places = plain.lstrip("+-").partition(".")
        places = places.rstrip("0")
        if fraction is not None and len(places) > fraction:
            return faults.FRACTION, {"size": fraction, "found": plain}
        if size and len(whole.lstrip("0")) + len(places) > size:
            return faults.TOTAL, {"size": size, "found": plain}
        return None

    return check


def date_check(text: str) -> Wrong | None:
    """The text of DateTimeString: CCYYMMDD, perhaps HHMMSS, perhaps Z or ±HH; from the year 2000 on."""
    return None if _DATE.fullmatch(text) else (faults.DATE, {"found": text})


def _short(least: int, most: int) -> Callable[[str], bool]:
    return lambda value: least <= len(value) <= most


def _free(value: str) -> bool:
    return "\0" not in value


def _agency(value: str) -> bool:
    return 1 <= len(value) <= 3 and "\n" not in value


_IDENTITY: Mapping[str, Callable[[str], bool]] = {
    "schemeID": _free, "schemeName": _free, "schemeAgencyID": _agency, "schemeAgencyName": _free,
    "schemeVersionID": _free, "schemeDataURI": _free, "schemeURI": _free,
}
_LIST: Mapping[str, Callable[[str], bool]] = {
    "listID": _free, "listAgencyID": _agency, "listAgencyName": _free, "listName": _free, "listVersionID": _free,
    "name": _free, "languageID": lambda value: bool(_LANGUAGE.fullmatch(value.strip(SPACE))), "listURI": _free,
    "listSchemeURI": _free,
}
_UNIT: Mapping[str, Callable[[str], bool]] = {"unitCode": _short(1, 5)}

ATTRIBUTES: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
    "id": _IDENTITY, "token": _IDENTITY, "code": _LIST, "text": {"languageID": _LIST["languageID"]},
    "amount": {"currencyID": lambda value: bool(re.fullmatch("[A-Z]{3}", value))},
    "quantity": _UNIT, "measure": _UNIT, "numeric": {}, "date": {}, "class": {},
}
"""Attributes by kind of leaf; "class" for elements that hold elements."""
