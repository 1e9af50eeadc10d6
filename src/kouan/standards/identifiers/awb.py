"""Air waybill numbers (IATA Resolution 600a): airline prefix of three digits, serial of seven, check digit.

The check digit is the serial's remainder by 7, so that it is never 7, 8 or 9. It finds every single wrong digit of the
serial but those that are off by 7 (0 and 7, 1 and 8, 2 and 9), and says nothing of the prefix.
"""

from __future__ import annotations

import re

from kouan.kernel.text import Text
from kouan.standards.identifiers.check import Check, empty, normalise
from kouan.standards.identifiers.repair import DIGITS, shorten, suggest

LENGTH = 11
_SHAPE = re.compile(r"[0-9]{11}")
_ALPHABETS = (DIGITS,) * 10 + ("0123456",)
AIRLINES = {
    "001": "American Airlines", "006": "Delta Air Lines", "014": "Air Canada", "016": "United Airlines",
    "020": "Lufthansa Cargo", "023": "FedEx", "057": "Air France", "065": "Saudia", "071": "Ethiopian Airlines",
    "074": "KLM", "081": "Qantas", "086": "Air New Zealand", "098": "Air India", "105": "Finnair", "112": "China Cargo Airlines",
    "125": "British Airways", "131": "Japan Airlines", "157": "Qatar Airways", "160": "Cathay Pacific",
    "172": "Cargolux", "176": "Emirates", "180": "Korean Air", "205": "All Nippon Airways", "217": "Thai Airways",
    "232": "Malaysia Airlines", "235": "Turkish Airlines", "297": "China Airlines", "324": "Shandong Airlines",
    "369": "Atlas Air", "406": "UPS", "479": "Shenzhen Airlines", "555": "Aeroflot", "607": "Etihad Airways",
    "618": "Singapore Airlines", "695": "EVA Air", "724": "Swiss", "731": "Xiamen Airlines", "738": "Vietnam Airlines",
    "774": "Shanghai Airlines", "781": "China Eastern Airlines", "784": "China Southern Airlines",
    "876": "Sichuan Airlines", "880": "Hainan Airlines", "933": "Nippon Cargo Airlines", "988": "Asiana Airlines",
    "999": "Air China",
}  # fmt: skip
"""Prefixes of larger airlines, written by this project; a prefix that is not here may well exist."""


def check_digit(first_seven: str) -> str:
    """The check digit of a serial's first seven digits; ValueError for other characters."""
    return str(int(first_seven) % 7)


def passes(value: str) -> bool:
    """Whether a normalised value is an air waybill number with the right check digit."""
    return _SHAPE.fullmatch(value) is not None and value[:3] != "000" and check_digit(value[3:10]) == value[10]


def written(value: str) -> str:
    """A number as it is printed, with its hyphen: `888-11111111`; other texts stay as they are."""
    return f"{value[:3]}-{value[3:]}" if _SHAPE.fullmatch(value) else value


def check(text: str) -> Check:
    """Check an air waybill number, e.g. `888-11111111`. `value` and repairs are written with a hyphen.

    `kind` names the airline of the prefix where it is a known one.
    """
    value = normalise(text)
    if passes(value):
        return Check(written(value), True, "awb.ok", kind=AIRLINES.get(value[:3], ""))
    if not value:
        return empty("awb")
    code, reason, repairs = _fault(value)
    return Check(written(value), False, code, reason, tuple(written(one) for one in repairs))


def _fault(value: str) -> tuple[str, Text, tuple[str, ...]]:
    if len(value) != LENGTH:
        reason = Text(f"航空运单号应为 11 位数字，写了 {len(value)} 位", f"an air waybill number has 11 digits, not {len(value)}")
        return "awb.length", reason, _resized(value)
    if not _SHAPE.fullmatch(value):
        reason = Text("航空运单号应为三位航空公司代号加八位数字", "an air waybill number is an airline's three digits and eight more")
        return "awb.structure", reason, suggest(value, _ALPHABETS, passes, check_at=10, prior=_unknown_airline)
    if value[:3] == "000":
        return "awb.prefix", Text("航空公司代号不能为 000", "no airline has the prefix 000"), ()
    right = check_digit(value[3:10])
    reason = Text(f"校验位应为 {right}，写的是 {value[10]}", f"the check digit should be {right}, not {value[10]}")
    return "awb.check_digit", reason, _corrected(value)


def _corrected(value: str) -> tuple[str, ...]:
    """The number with its right check digit leads: a mistyped last digit is mended without touching the serial."""
    right = value[:10] + check_digit(value[3:10])
    others = suggest(value, _ALPHABETS, passes, check_at=10, prior=_unknown_airline)
    return tuple(dict.fromkeys((right, *others)))


def _resized(value: str) -> tuple[str, ...]:
    if len(value) == LENGTH - 1 and value.isascii() and value.isdigit() and value[:3] != "000":
        return (value + check_digit(value[3:]),)
    return shorten(value, LENGTH, passes) if LENGTH < len(value) <= 2 * LENGTH else ()


def _unknown_airline(value: str) -> int:
    return 0 if value[:3] in AIRLINES else 2
