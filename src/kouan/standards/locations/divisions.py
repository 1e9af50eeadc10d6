"""Provinces and prefecture-level cities of China by the first two and four digits of GB/T 2260, with where they lie.

Codes and Chinese names: the National Bureau of Statistics' list of 2023, read from GitHub modood/Administrative-divisions-of-China
57a0aa9 (WTFPL). All 329 cities that khaeru/gb2260 d7c94b9 holds as well have the same names there; of it facts alone are carried:
names in English letters and positions, to a tenth of a degree. Thirteen newer cities were added by this project. Municipalities
stand as provinces. What a code of a former city or of a county under its province stands for is known by its province alone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from kouan.kernel.text import Text

SOURCE = Text(
    "GB/T 2260 行政区划代码（国家统计局2023年版，地级；位置取至0.1度）",
    "GB/T 2260 divisions, prefecture level (National Bureau of Statistics, 2023; positions to 0.1 degree)",
)
MUNICIPALITIES = ("11", "12", "31", "50")
_CREDIT = re.compile(r"[1-9ANY][1-9]([0-9]{4})[0-9]{2}[0-9A-Z]{10}\Z")
_CUSTOMS = re.compile(r"([0-9]{4})[0-9A-Z]{6}\Z")


class Division(NamedTuple):
    """A province (code of two digits) or city (four), and about where it lies (WGS 84, degrees)."""

    code: str
    name: Text
    lon: float
    lat: float


@cache
def divisions() -> Mapping[str, Division]:
    """All of them by code."""
    text = files(__package__).joinpath("divisions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {r["code"]: Division(r["code"], Text(r["zh"], r["en"]), float(r["lon"]), float(r["lat"])) for r in rows}


def of_firm(code: str) -> tuple[Division | None, Division | None]:
    """Province and city in which a firm is registered, by its unified social credit code (GB 32100) or its ten-character code with
    customs, whose first four digits are those of its division; None where the code is none, or its place is not known."""
    bare = "".join(code.split()).upper().rpartition(":")[2]
    found = _CREDIT.match(bare) or _CUSTOMS.match(bare)
    if found is None:
        return None, None
    province = divisions().get(found[1][:2])
    city = province if found[1][:2] in MUNICIPALITIES else divisions().get(found[1])
    return province, city
