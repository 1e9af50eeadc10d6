"""Values of Cargo-XML in the units of the records: kilograms, cubic metres, centimetres, decimals, whole numbers."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from lxml import etree

from kouan.base.transport.formats.cargo_xml.tree import Tree

MASS = {"KGM": 1.0, "K": 1.0, "LBR": 0.45359237, "L": 0.45359237, "GRM": 0.001, "TNE": 1000.0, "": 1.0}
VOLUME = {"MTQ": 1.0, "CMQ": 1e-6, "DMQ": 1e-3, "FTQ": 0.028316846592, "INQ": 0.000016387064, "": 1.0}
LENGTH = {"CMT": 1.0, "MTR": 100.0, "INH": 2.54, "FOT": 30.48, "MMT": 0.1, "": 1.0}
PLAIN = frozenset({"KGM", "K", "MTQ", "CMT", ""})
"""Units in which a value is kept as it stands; others are converted, and the original is kept beside."""
_ZONED = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})\Z")
DIGITS = 18


def measure(tree: Tree, base: etree._Element | None, path: str, units: dict[str, float]) -> float | None:
    """A measure in the unit whose factor is 1; None without it, or when its number or unit cannot be understood."""
    element = tree.one(base, path)
    if element is None:
        return None
    unit = str(element.get("unitCode", "")).strip().upper()
    number = decimal_of((element.text or "").strip())
    if number is None or unit not in units or number < 0:
        return None
    if unit in PLAIN:
        tree.text(element)
        tree.attribute(element, "unitCode")
    return round(float(number) * units[unit], 6)


def whole(tree: Tree, base: etree._Element | None, path: str) -> int | None:
    """A whole number, not negative; anything else stays unread."""
    element = tree.one(base, path)
    number = decimal_of((element.text or "").strip()) if element is not None else None
    if number is None or number < 0 or number != int(number) or number > 2**53:
        return None
    tree.text(element)
    return int(number)


def amount(tree: Tree, element: etree._Element | None) -> tuple[Decimal | None, str]:
    """An amount and its currency; (None, "") without it or when it is no number."""
    number = decimal_of((element.text or "").strip()) if element is not None else None
    if number is None:
        return None, ""
    tree.text(element)
    currency = str(element.get("currencyID", "")) if element is not None else ""
    if len(currency) > 3:
        return number, ""
    return number, tree.attribute(element, "currencyID")


def flag(tree: Tree, base: etree._Element | None, path: str) -> bool | None:
    """A true or false; anything else stays unread."""
    element = tree.one(base, path)
    text = (element.text or "").strip().lower() if element is not None else ""
    if text not in ("true", "false", "1", "0"):
        return None
    tree.text(element)
    return text in ("true", "1")


def moment(tree: Tree, base: etree._Element | None, path: str) -> tuple[datetime | None, str]:
    """A time with its zone, or else the local time as it is printed; (None, "") without any."""
    text = tree.text(base, path, most=35)
    if not text or not _ZONED.search(text):
        return None, text
    try:
        return datetime.fromisoformat(text), ""
    except ValueError:
        return None, text


def day(text: str) -> date | None:
    """The day of a date or time; None when it is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def decimal_of(text: str) -> Decimal | None:
    """A finite decimal number of a sane size; None for anything else."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= DIGITS and len(text) <= 40 else None
