"""Values as EDIFACT writes them: numbers, dates and times (DE 2379), weights and volumes (Recommendation 20)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation

from kouan.base.exchange.codecs.edifact.model import Segment

_FORMS: Mapping[str, str] = {
    "2": "%d%m%y", "3": "%m%d%y", "4": "%d%m%Y", "101": "%y%m%d", "102": "%Y%m%d", "201": "%y%m%d%H%M",
    "202": "%y%m%d%H%M%S", "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "301": "%y%m%d%H%M", "302": "%y%m%d%H%M%S",
    "303": "%Y%m%d%H%M", "304": "%Y%m%d%H%M%S", "205": "%Y%m%d%H%M", "208": "%Y%m%d%H%M%S",
    "602": "%Y", "610": "%Y%m", "609": "%y%m",
}
"""strptime forms by format qualifier; 205, 208 and 30x carry a zone after the digits."""

_PERIODS: Mapping[str, str] = {"711": "102", "713": "201", "718": "102", "719": "203", "717": "101"}
_BY_LENGTH: Mapping[int, str] = {6: "101", 8: "102", 10: "201", 12: "203", 14: "204"}
_LENGTHS: Mapping[str, int] = {"%y": 2, "%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}
_ZONE = re.compile(r"(?:Z|UTC|GMT)?([+-]?\d{2}):?(\d{2})?")
TIMES = ("401", "402")
"""Format qualifiers of a time of day without a date."""
_OFFSETS: Mapping[str, int] = {
    "WET": 0, "CET": 1, "EET": 2, "MSK": 3, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "EST": -5, "EDT": -4, "PST": -8, "PDT": -7,
}
"""Hours ahead of UTC by the three letters of a zone (format qualifiers 30x). Those that stand for several (CST, IST) are no zone."""


def is_duration(qualifier: str) -> bool:
    """Whether a format qualifier is that of a length of time (801 to 8xx: years, days, hours): no moment."""
    return len(qualifier) == 3 and qualifier.isdigit() and qualifier.startswith("8")


def date_time(text: str, qualifier: str) -> tuple[datetime, bool]:
    """(moment, exact) of C507. UTC unless the value names a zone; of a period, its beginning.

    `exact` is False where the value did not fit its format qualifier, or had none, and its length decided.
    Raises ValueError for what is no date.
    """
    text = text.strip()
    if qualifier in _PERIODS:
        text, qualifier = text.split("-")[0], _PERIODS[qualifier]
    digits = re.match(r"\d*", text)
    head = digits.group() if digits else ""
    form = _FORMS.get(qualifier, "")
    if form and (qualifier in ("205", "208") or qualifier.startswith("30")):
        return _zoned(text, form), True
    if form and len(head) == _width(form) and head == text:
        return _parsed(head, form), True
    by_length = _BY_LENGTH.get(len(text))
    if by_length is None or head != text:
        raise ValueError(f"not a date: {text!r}")
    return _parsed(text, _FORMS[by_length]), False


def c507(segment: Segment) -> tuple[str, str, str]:
    """(function, value, format) of a DTM. It has one element; a + before a zone's offset that was sent unreleased makes two."""
    function, text, form = (segment.get(0, at) for at in range(3))
    if not form and re.fullmatch(r"\d{12,14}", text) and re.fullmatch(r"\d{2}(?::?\d{2})?", segment.get(1)):
        return function, f"{text}+{segment.get(1)}", segment.get(1, 1)
    return function, text, form


def time_of_day(text: str, day: datetime) -> datetime:
    """The moment of a time of day (formats 401 and 402) on a day. Raises ValueError for what is no time."""
    if not re.fullmatch(r"\d{4}(?:\d{2})?", text, re.ASCII):
        raise ValueError(f"not a time: {text!r}")
    return day.replace(hour=int(text[:2]), minute=int(text[2:4]), second=int(text[4:] or 0))


def _width(form: str) -> int:
    return sum(_LENGTHS[f"%{part}"] for part in form.split("%")[1:])


def _parsed(text: str, form: str) -> datetime:
    if not text.isascii():
        raise ValueError("not ASCII digits")
    return datetime.strptime(text, form).replace(tzinfo=UTC)


def _zoned(text: str, form: str) -> datetime:
    width = _width(form)
    moment = _parsed(text[:width], form)
    return moment.replace(tzinfo=_zone(text[width:])).astimezone(UTC)


def _zone(text: str) -> tzinfo:
    if text.upper() in ("", "Z", "UTC", "GMT"):
        return UTC
    if text.upper() in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[text.upper()]))
    found = _ZONE.fullmatch(text.upper())
    if found is None:
        raise ValueError(f"not a time zone: {text!r}")
    hours, minutes = int(found.group(1)), int(found.group(2) or 0)
    return timezone(timedelta(hours=hours, minutes=-minutes if found.group(1).startswith("-") else minutes))


def written(moment: datetime) -> tuple[str, str]:
    """(text, format qualifier) of a moment, in UTC: 203 to the minute, 204 where it has seconds."""
    at = moment.astimezone(UTC)
    return (at.strftime("%Y%m%d%H%M%S"), "204") if at.second else (at.strftime("%Y%m%d%H%M"), "203")


def number(text: str) -> Decimal:
    """A decimal with point or comma. Raises ValueError for what is none."""
    plain = text.strip().replace(",", ".")
    if not re.fullmatch(r"[+-]?(?:\d{1,30}\.?\d{0,30}|\.\d{1,30})", plain, re.ASCII):
        raise ValueError(f"not a number: {text!r}")
    try:
        return Decimal(plain)
    except InvalidOperation as wrong:
        raise ValueError(f"not a number: {text!r}") from wrong


def whole(text: str) -> int:
    """A whole number; 12.000 is one. Raises ValueError for what is none."""
    found = number(text)
    if found != found.to_integral_value():
        raise ValueError(f"not a whole number: {text!r}")
    return int(found)


KILOGRAMS: Mapping[str, Decimal] = {
    "KGM": Decimal(1), "KG": Decimal(1), "KGS": Decimal(1), "GRM": Decimal("0.001"), "MGM": Decimal("0.000001"),
    "TNE": Decimal(1000), "TON": Decimal(1000), "DTN": Decimal(100), "KTN": Decimal(1_000_000),
    "LBR": Decimal("0.45359237"), "LB": Decimal("0.45359237"), "LBS": Decimal("0.45359237"), "ONZ": Decimal("0.028349523125"),
    "STN": Decimal("907.18474"), "LTN": Decimal("1016.0469088"), "CWA": Decimal("45.359237"),
}
"""Kilograms in one unit. Recommendation 20, and the everyday KG, KGS, LB, LBS and TON (read as the metric ton)."""

CUBIC_METRES: Mapping[str, Decimal] = {
    "MTQ": Decimal(1), "M3": Decimal(1), "CBM": Decimal(1), "DMQ": Decimal("0.001"), "LTR": Decimal("0.001"),
    "CMQ": Decimal("0.000001"), "HLT": Decimal("0.1"), "FTQ": Decimal("0.028316846592"),
    "INQ": Decimal("0.000016387064"), "GLL": Decimal("0.003785411784"),
}
"""Cubic metres in one unit, after Recommendation 20, and the everyday M3 and CBM."""

_FULL = (70, 512)


def joined(pieces: list[str]) -> str:
    """Free text (C108) of several pieces. A piece that fills its length was cut there, so the next one follows
    directly; senders cut before or after they escape. Otherwise a space stands between."""
    text, cut = "", True
    for piece in pieces:
        if not piece.strip():
            continue
        text += piece if cut else f" {piece.lstrip()}"
        escaped = len(piece) + sum(piece.count(c) for c in ":+'?")
        cut = any(len(piece) <= full <= escaped for full in _FULL)
    return text.strip()


def cut(text: str, width: int = 70) -> list[str]:
    """The text in pieces of at most `width` characters, such that `joined` gives it back."""
    return [text[start : start + width] for start in range(0, len(text), width)]


def parted(text: str, width: int) -> list[str]:
    """The text in parts of at most `width` characters, divided at spaces where there are any, which the parts do not hold."""
    found: list[str] = []
    while len(text) > width:
        at = text.rfind(" ", 1, width + 1)
        found.append(text[: at if at > 0 else width])
        text = text[at + 1 if at > 0 else width :]
    return [*found, text]
