"""The grammars of vehicle plates: Mainland (GA 36 and the military and police series), Hong Kong, Macao.

Plates carry no check digit; a plate is right when one grammar fits. The Mainland leaves out I and O in the serial.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kouan.kernel.text import Text
from kouan.standards.identifiers.repair import DIGITS, LETTERS

PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
CONSULATE_SEATS = "沪粤川云桂鄂陕蒙藏黑辽渝"
OFFICE = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
SERIAL = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
ELECTRIC, HYBRID = "ABCDE", "FGHJK"
HONG_KONG = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class PlateKind:
    """One grammar: the characters allowed at each place, what it is called, and whose vehicles carry it."""

    name: str
    title: Text
    places: tuple[str, ...]

    @property
    def shape(self) -> re.Pattern[str]:
        """The grammar as a regular expression over the normal form."""
        return re.compile("".join(f"[{re.escape(place)}]" for place in self.places))


def _kind(name: str, zh: str, en: str, *places: str | tuple[str, int]) -> PlateKind:
    spread = [p if isinstance(p, str) else (p[0],) * p[1] for p in places]
    flat = tuple(c for p in spread for c in ((p,) if isinstance(p, str) else p))
    return PlateKind(name, Text(zh, en), flat)


# The first that fits decides; narrower grammars stand before wider ones.
KINDS = (
    _kind("mainland.cross-border", "粤港直通车号牌", "Guangdong–Hong Kong cross-border plate", "粤", "Z", (SERIAL, 4), "港"),
    _kind("mainland.cross-border", "粤澳直通车号牌", "Guangdong–Macao cross-border plate", "粤", "Z", (SERIAL, 4), "澳"),
    _kind("mainland.trailer", "挂车号牌", "trailer plate", PROVINCES, OFFICE, (SERIAL, 4), "挂"),
    _kind("mainland.learner", "教练车号牌", "driving school plate", PROVINCES, OFFICE, (SERIAL, 4), "学"),
    _kind("mainland.police", "警用号牌", "police plate", PROVINCES, OFFICE, (SERIAL, 4), "警"),
    _kind("mainland.emergency", "应急救援号牌", "emergency rescue plate", PROVINCES, OFFICE, (SERIAL, 4), "应", "急"),
    _kind("mainland.embassy", "使馆号牌", "embassy plate", (DIGITS, 6), "使"),
    _kind("mainland.embassy", "使馆号牌", "embassy plate", "使", (DIGITS, 6)),
    _kind("mainland.consulate", "领馆号牌", "consulate plate", CONSULATE_SEATS, OFFICE, (DIGITS, 4), "领"),
    _kind("mainland.consulate", "领馆号牌", "consulate plate", CONSULATE_SEATS, (DIGITS, 5), "领"),
    _kind("mainland.civil", "普通号牌", "civil plate", PROVINCES, OFFICE, (SERIAL, 5)),
    _kind("mainland.new-energy", "小型新能源汽车号牌", "new energy plate, small vehicle",
          PROVINCES, OFFICE, ELECTRIC + HYBRID, SERIAL, (DIGITS, 4)),
    _kind("mainland.new-energy", "大型新能源汽车号牌", "new energy plate, large vehicle",
          PROVINCES, OFFICE, (DIGITS, 5), ELECTRIC + HYBRID),
    _kind("mainland.armed-police", "武警号牌", "armed police plate", "W", "J", PROVINCES, (DIGITS, 4), DIGITS + LETTERS),
    _kind("mainland.armed-police", "武警总部号牌", "armed police headquarters plate",
          "W", "J", (DIGITS, 4), DIGITS + LETTERS),
    _kind("mainland.military", "军用号牌", "military plate", "BCEGHJKLNSVZ", "ABCDEFGHJKLMNOPRSTUVWXY", (DIGITS, 5)),
    _kind("mainland.civil-aviation", "民航号牌", "airport apron plate", "民", "航", LETTERS, (DIGITS, 4)),
    *(_kind("hongkong.civil", "香港号牌", "Hong Kong plate", (HONG_KONG, 2), "123456789", (DIGITS, n)) for n in range(4)),
    _kind("hongkong.trailer", "香港挂车号牌", "Hong Kong trailer plate", (DIGITS, 5), "T"),
    _kind("macao.civil", "澳门号牌", "Macao plate", "MA", LETTERS, "-", (DIGITS, 2), "-", (DIGITS, 2)),
    _kind("macao.civil", "澳门号牌", "Macao plate", "M", "-", (DIGITS, 2), "-", (DIGITS, 2)),
    _kind("macao.motorcycle", "澳门摩托车号牌", "Macao motorcycle plate", "C", "M", "-", (DIGITS, 5)),
)
