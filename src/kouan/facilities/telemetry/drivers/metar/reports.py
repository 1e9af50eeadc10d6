"""One METAR or SPECI as values: WMO-No. 306 volume I.1, FM 15/16, with the North American groups of FMH-1.

`read` answers the report, or raises Unread with the group's cause: a report with a group that is no group is not believed,
because what was garbled may have been the wind. Remarks and trends are kept as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

KNOTS = {"KT": 1.0, "MPS": 3600 / 1852, "KMH": 1 / 1.852}
METRES = {"M": 1.0, "KM": 1000.0, "SM": 1609.344, "FT": 0.3048}
HPA_OF_INHG = 33.863886666667
COMPASS = {name: 45 * place for place, name in enumerate(("N", "NE", "E", "SE", "S", "SW", "W", "NW"))}
_REPORT_MOST = 2000


class Unread(ValueError):
    """A report that is not believed; its text is the cause's code."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A value as it was reported: its unit, and "<" or ">" where only a bound is known."""

    value: float
    unit: str
    bound: str = ""

    @property
    def metres(self) -> float:
        """A length in metres."""
        return self.value * METRES[self.unit]

    @property
    def knots(self) -> float:
        """A speed in knots."""
        return self.value * KNOTS[self.unit]


@dataclass(frozen=True, slots=True)
class Cloud:
    """A layer: cover (FEW, SCT, BKN, OVC, VV: vertical visibility), base in feet above the aerodrome, CB or TCU."""

    cover: str
    base_ft: int | None
    kind: str


@dataclass(frozen=True, slots=True)
class Range:
    """Runway visual range: lowest and highest (equal where it does not vary) and its tendency U, D or N."""

    runway: str
    lowest: Measure
    highest: Measure
    tendency: str


@dataclass(slots=True)
class Report:
    """What a report says; None or empty where it does not. Directions in degrees true, temperatures in °C, pressure in hPa."""

    kind: str = "METAR"
    corrected: bool = False
    station: str = ""
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    modifiers: list[str] = field(default_factory=list)
    wind_told: bool = False
    wind_direction: int | None = None
    wind_variable: bool = False
    wind_speed: Measure | None = None
    wind_gust: Measure | None = None
    wind_from: int | None = None
    wind_to: int | None = None
    cavok: bool = False
    visibility: Measure | None = None
    visibility_direction: int | None = None
    visibility_most: Measure | None = None
    visibility_most_direction: int | None = None
    ranges: list[Range] = field(default_factory=list)
    weather: list[str] = field(default_factory=list)
    recent: list[str] = field(default_factory=list)
    clouds: list[Cloud] = field(default_factory=list)
    temperature: float | None = None
    dew_point: float | None = None
    pressure: float | None = None
    wind_shear: list[str] = field(default_factory=list)
    runway_states: list[str] = field(default_factory=list)
    sea: str = ""
    snow_depth: Measure | None = None
    trend: str = ""
    remarks: str = ""

    def at(self, received: datetime) -> datetime | None:
        """When it was observed (UTC): its day of the month nearest to the time of reception; None without a time."""
        if self.day is None or self.hour is None or self.minute is None:
            return None
        tries = (received + timedelta(days=shift) for shift in range(-16, 17))
        fitting = [day for day in tries if day.day == self.day]
        moments = [day.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0) for day in fitting]
        return min(moments, key=lambda moment: abs(moment - received), default=None)


_STATION = re.compile(r"[A-Z][A-Z0-9]{3}")
_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)Z?")
_MODIFIER = re.compile(r"AUTO|CORR?|CC[A-G]|RTD|TEST|FINO|NIL")
_WIND = re.compile(r"(\d{3}|O{3}|VRB|///|MMM)(P?\d{2,3}|OO|//|MM)(?:G(P?\d{1,3}|//|M{1,2}))?(KTS?|LT|K|T|KMH|MPS)?")
_TURNING = re.compile(r"(\d{3})V(\d{3})")
_COMPASS = "|".join(sorted(COMPASS, key=len, reverse=True))
_METRIC = re.compile(rf"([MP]?)(\d{{4}})(?:M|NDV|({_COMPASS}))?")
_LENGTH = re.compile(r"([MP]?)(\d{1,2}|\d{1,2}/\d{1,2}|\d{1,2} \d{1,2}/\d{1,2})(SM|KM)")
_RVR = re.compile(r"R(\d\d[LCRT]{0,2})/([MP]?)(\d{4})(?:V([MP]?)(\d{4}))?(FT)?/?([NDU]?)")
_RVR_NONE = re.compile(r"R\d\d[LCRT]{0,2}/(?:////|/{2,6})(?:FT)?")
_RUNWAY = re.compile(r"R\d\d[LCR]?/(?:[\d/]{6}|CLRD(?:\d\d|//)?|SNOCLO)|\d{8}|R/SNOCLO|SNOCLO")
_PHENOMENA = "DZ|RA|SN|SG|IC|PL|PE|GR|GS|UP|BR|FG|FU|VA|DU|SA|HZ|PY|PO|SQ|FC|SS|DS"
_WEATHER = re.compile(rf"(?:[-+]|VC)?(?:(?:MI|BC|PR|DR|BL|SH|TS|FZ)+(?:{_PHENOMENA})*|(?:{_PHENOMENA})+)|NSW|//")
_CLOUD = re.compile(r"(FEW|SCT|BKN|OVC|VV|///)(\d{3}|///)?(CB|TCU|///)?|(CLR|SKC|NSC|NCD)|/{6,9}")
_AIR = re.compile(r"(M?\d\d|//|XX|MM)/(M?\d\d|//|XX|MM)?")
_PRESSURE = re.compile(r"(?:QNH|Q)(\d{3,4}|////)(?:INS)?|A(\d{4}|////)")
_SEA = re.compile(r"W(?:M?\d\d|//)/(?:S[\d/]|H\d{1,3}|H///)")
_COLOUR = re.compile(r"(?:BLACK)?(?:BLU|BLU\+|WHT|GRN|YLO\d?|AMB|RED)(?:BLU|WHT|GRN|YLO|AMB|RED)?|BLACK")
_TREND = frozenset({"NOSIG", "BECMG", "TEMPO", "INTER", "PROB30", "PROB40"})
_SNOW = re.compile(r"(?:^| )4/(\d{3})(?= |$)")
_EXACT = re.compile(r"(?:^| )T([01]\d{3})([01]\d{3})?(?= |$)")


def read(text: str) -> Report:
    """The report of one METAR or SPECI, without its closing `=`; raises Unread."""
    words = text.strip().rstrip("=").split()
    if not words or len(text) > _REPORT_MOST:
        raise Unread("empty" if not words else "too_long")
    report = Report()
    words = _head(report, words)
    if "RMK" in words:
        place = words.index("RMK")
        words, report.remarks = words[:place], " ".join(words[place + 1 :])
        _remarks(report)
    at = next((n for n, word in enumerate(words) if word in _TREND), len(words))
    words, report.trend = words[:at], " ".join(words[at:])
    _body(report, words)
    return report


def _head(report: Report, words: list[str]) -> list[str]:
    if words[0] in {"METAR", "SPECI"}:
        report.kind, words = words[0], words[1:]
    if words and words[0] == "COR":
        report.corrected, words = True, words[1:]
    if not words:
        return words
    if not _STATION.fullmatch(words[0]):
        raise Unread("station")
    report.station, words = words[0], words[1:]
    match = _TIME.fullmatch(words[0]) if words else None
    if match is not None:
        report.day, report.hour, report.minute = (int(part) for part in match.groups())
        if not 1 <= report.day <= 31 or report.hour > 24 or report.minute > 59:
            raise Unread("time")
        words = words[1:]
    return words


def _body(report: Report, words: list[str]) -> None:
    """Each group by its own form; a whole number of miles and its fraction are two words."""
    groups = list(_GROUPS)
    place = 0
    while place < len(words):
        pair = " ".join(words[place : place + 2])
        if _LENGTH.fullmatch(pair) and " " in pair:
            _length(report, pair)
            place += 2
            continue
        if words[place] == "WS":
            place = _shear(report, words, place + 1)
            continue
        for group in groups:
            if group(report, words[place]):
                break
        else:
            raise Unread("group")
        place += 1


def _modifier(report: Report, word: str) -> bool:
    if not _MODIFIER.fullmatch(word):
        return False
    report.modifiers.append(word)
    report.corrected |= word.startswith("C")
    return True


def _wind(report: Report, word: str) -> bool:
    match = _WIND.fullmatch(word)
    if match is None or report.wind_told:
        return False
    report.wind_told = True
    direction, speed, gust, unit = match.groups()
    unit = {"KMH": "KMH", "MPS": "MPS"}.get(unit or "KT", "KT")
    direction = direction.replace("O", "0")
    if direction.isdigit():
        if int(direction) > 360:
            raise Unread("wind")
        report.wind_direction = int(direction)
    report.wind_variable = direction == "VRB"
    report.wind_speed, report.wind_gust = _speed(speed.replace("O", "0"), unit), _speed(gust or "", unit)
    if report.wind_variable or report.wind_speed is None:
        report.wind_direction = None
    return True


def _speed(text: str, unit: str) -> Measure | None:
    digits = text.removeprefix("P")
    return Measure(float(digits), unit, ">" if text.startswith("P") else "") if digits.isdigit() else None


def _turning(report: Report, word: str) -> bool:
    match = _TURNING.fullmatch(word)
    if match is None or max(int(match[1]), int(match[2])) > 360:
        return False
    report.wind_from, report.wind_to = int(match[1]), int(match[2])
    return True


def _seen(report: Report, measure: Measure, direction: int | None) -> bool:
    if report.visibility is None:
        report.visibility, report.visibility_direction = measure, direction
    elif report.visibility_most is None:
        report.visibility_most, report.visibility_most_direction = measure, direction
    else:
        return False
    return True


_BOUNDS = {"M": "<", "P": ">", "": ""}


def _metric(report: Report, word: str) -> bool:
    if word == "CAVOK":
        report.cavok = True
        return _seen(report, Measure(10_000.0, "M", ">"), None)
    if word == "////":
        return True
    match = _METRIC.fullmatch(word)
    if match is None:
        return False
    bound = ">" if match[2] == "9999" else _BOUNDS[match[1]]
    return _seen(
        report, Measure(10_000.0 if match[2] == "9999" else float(match[2]), "M", bound), COMPASS.get(match[3] or "")
    )


def _length(report: Report, word: str) -> bool:
    match = _LENGTH.fullmatch(word)
    if match is None or re.search(r"/0+$", match[2]):
        return False
    value = float(sum(Fraction(part) for part in match[2].split()))
    return _seen(report, Measure(value, match[3], _BOUNDS[match[1]]), None)


def _range(report: Report, word: str) -> bool:
    if _RVR_NONE.fullmatch(word):
        return True
    match = _RVR.fullmatch(word)
    if match is None:
        return False
    runway, bound, low, bound_high, high, feet, tendency = match.groups()
    unit = "FT" if feet else "M"
    lowest = Measure(float(low), unit, _BOUNDS[bound])
    highest = Measure(float(high), unit, _BOUNDS[bound_high or ""]) if high else lowest
    report.ranges.append(Range(runway, lowest, highest, tendency))
    return True


def _sky(report: Report, word: str) -> bool:
    match = _CLOUD.fullmatch(word)
    if match is None:
        return False
    cover, base, kind, clear = match.groups()
    if clear or not cover:
        return True
    known = base is not None and base.isdigit()
    report.clouds.append(Cloud(cover.strip("/"), int(base) * 100 if known else None, (kind or "").strip("/")))
    return True


def _conditions(report: Report, word: str) -> bool:
    if word.startswith("RE") and _WEATHER.fullmatch(word[2:]):
        report.recent.append(word[2:])
        return True
    if not _WEATHER.fullmatch(word):
        return False
    if word != "//":
        report.weather.append(word)
    return True


def _air(report: Report, word: str) -> bool:
    match = _AIR.fullmatch(word)
    if match is None:
        return False
    if report.temperature is None:  # the exact one of the remarks stays
        report.temperature, report.dew_point = _celsius(match[1]), _celsius(match[2] or "")
    return True


def _celsius(text: str) -> float | None:
    digits = text.removeprefix("M")
    return float(digits) * (-1 if text.startswith("M") else 1) + 0.0 if digits.isdigit() else None


def _altimeter(report: Report, word: str) -> bool:
    match = _PRESSURE.fullmatch(word)
    if match is None:
        return False
    hectopascals, inches = match.groups()
    if hectopascals and hectopascals.isdigit():
        value = float(hectopascals)
        report.pressure = value if value < 2000 else round(value / 100 * HPA_OF_INHG, 1)
    elif inches and inches.isdigit():
        report.pressure = report.pressure or round(float(inches) / 100 * HPA_OF_INHG, 1)
    return True


def _surface(report: Report, word: str) -> bool:
    if _RUNWAY.fullmatch(word):
        report.runway_states.append(word)
        return True
    if _SEA.fullmatch(word):
        report.sea = word
        return True
    return bool(_COLOUR.fullmatch(word))


def _shear(report: Report, words: list[str], place: int) -> int:
    """WS RWY22L, WS R22L, WS ALL RWY: which runways have wind shear."""
    rest = words[place : place + 2]
    if rest == ["ALL", "RWY"]:
        report.wind_shear.append("ALL")
        return place + 2
    match = re.fullmatch(r"(?:RWY|R|RUNWAY)(\d\d[LCR]?)", rest[0]) if rest else None
    if match is None:
        raise Unread("group")
    report.wind_shear.append(match[1])
    return place + 1


def _remarks(report: Report) -> None:
    """What remarks say in figures: exact temperatures (T-group) and snow depth in inches (FMH-1, 12.7)."""
    snow, exact = _SNOW.search(report.remarks), _EXACT.search(report.remarks)
    if snow:
        report.snow_depth = Measure(float(snow[1]), "in")
    if exact:
        report.temperature, report.dew_point = (_tenths(part) if part else None for part in exact.groups())


def _tenths(text: str) -> float:
    return int(text[1:]) / 10 * (-1 if text[0] == "1" else 1) + 0.0


_GROUPS: tuple[Callable[[Report, str], bool], ...] = (
    _modifier, _wind, _turning, _metric, _length, _range, _surface, _conditions, _sky, _air, _altimeter,
)  # fmt: skip
