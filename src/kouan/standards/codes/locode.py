"""UN/LOCODE: more than a hundred thousand places, kept as one sorted text and found by binary search.

No index is built, so that the list costs its text alone (about 5 million characters) and opens in the time that it
takes to unpack. A line is `code,name,function,status,entered,coordinates,subdivision,others`, as CSV.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from kouan.kernel.text import Text
from kouan.standards.codes.catalogue import data, rows
from kouan.standards.codes.folding import fold
from kouan.standards.codes.model import Code

COLUMNS = ("code", "name", "function", "status", "entered", "coordinates", "subdivision", "others")
_ENOUGH = 400
_BLOCK = 1 << 18
_COORDINATES = re.compile(r"([0-9]{2})([0-9]{2})([NS]) ?([0-9]{3})([0-9]{2})([EW])")


class Places:
    """The list of places."""

    def __init__(self, text: str, chinese: dict[str, str]) -> None:
        self._text = text
        self._chinese = chinese
        self._folded = ""

    def __len__(self) -> int:
        return self._text.count("\n")

    def __iter__(self) -> Iterator[Code]:
        return (self._code(line) for line in self._text.splitlines())

    def get(self, code: str, on: date | None) -> Code | None:
        """The place of a code with or without its blank. The list dates last changes only: `on` cannot exclude."""
        key = code.replace(" ", "").upper()
        if len(key) != 5 or not key.isascii():
            return None
        low, high = 0, len(self._text)
        while low < high:
            middle = self._text.rfind("\n", low, (low + high) // 2) + 1 or low
            end = self._text.find("\n", middle)
            here = self._text[middle:middle + 5]
            if here == key:
                place = self._code(self._text[middle:end])
                return place if on is None or place.stands(on) else None
            low, high = (end + 1, high) if here < key else (low, middle)
        return None

    def find(self, text: str, limit: int) -> list[Code]:
        """Places whose code, name or Chinese name fits, seaports first within each rank."""
        wanted = fold(text).strip()
        if not any(map(str.isalnum, wanted)) or "\n" in wanted or len(wanted) > 80:
            return []
        exact = self.get(wanted, None)
        found = {exact.code: exact} if exact else {}
        found |= {p.code: p for code, zh in self._chinese.items() if wanted in zh and (p := self.get(code, None))}
        for before in ("\n", ",", ",\"", " ", ""):
            if len(found) < limit:
                hits = {p.code: p for p in self._hits(before + wanted)}
                found |= {c: hits[c] for c in sorted(hits, key=lambda c: _order(hits[c])) if c not in found}
        return list(found.values())[:limit]

    def _hits(self, needle: str) -> Iterator[Code]:
        if not self._folded:
            blocks = range(0, len(self._text), _BLOCK)
            self._folded = "".join(fold(self._text[at:at + _BLOCK]) for at in blocks)
        at, seen = self._folded.find(needle), 0
        while at >= 0 and seen < _ENOUGH:
            inside = at + (1 if needle[0] == "\n" else 0)
            start = self._text.rfind("\n", 0, inside) + 1
            end = self._text.find("\n", inside)
            place = self._code(self._text[start:end])
            if needle.strip(",\"\n ") in fold(f"{place.code} {place.name.en} {place.facts.get('others', '')}"):
                yield place
            seen += 1
            at = self._folded.find(needle, end)

    def _code(self, line: str) -> Code:
        row = dict(zip(COLUMNS, next(csv.reader((line,))), strict=True))
        code, name = row["code"], row["name"]
        zh = self._chinese.get(code, "")
        facts = {k: v for k, v in row.items() if k not in ("code", "name") and v}
        return Code("locode", code, Text(zh or name, name), bool(zh), None, None, code[:2],
                    MappingProxyType({"function": ""} | facts))


@lru_cache(maxsize=1)
def load() -> Places:
    """Unpack the list."""
    chinese = {row["code"]: row["zh"] for row in rows("locode_zh.csv")}
    return Places(gzip.decompress(data("locode.csv.gz").read_bytes()).decode("utf-8"), chinese)


def position(place: Code) -> tuple[float, float] | None:
    """Longitude and latitude in degrees (WGS 84, to the minute); None where the list has none."""
    match = _COORDINATES.fullmatch(place.facts.get("coordinates", ""))
    if match is None:
        return None
    lat_d, lat_m, north, lon_d, lon_m, east = match.groups()
    latitude = (int(lat_d) + int(lat_m) / 60) * (1 if north == "N" else -1)
    longitude = (int(lon_d) + int(lon_m) / 60) * (1 if east == "E" else -1)
    return round(longitude, 4), round(latitude, 4)


def _order(place: Code) -> tuple[bool, bool, int, str]:
    # Places whose Chinese name somebody wrote are the ones that trade mostly means.
    return not place.facts["function"].startswith("1"), not place.translated, len(place.name.en), place.code

