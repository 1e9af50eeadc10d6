"""Telling Chinese text from what bytes of other encodings make in GB 18030."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice

_LOOKED_AT = 20_000
_WIDE = re.compile(r"([A-Za-z]?)([^\x00-\x7f])")
_HIGH = re.compile(rb"[\x80-\xff]+")
_LONG = 8
"""Bytes beyond ASCII in a row: four Chinese signs; no word of Western Europe has as many."""


def seems_chinese(text: str) -> bool:
    """Whether what was decoded as GB 18030 is Chinese: three of four of its signs are in daily use, simplified or traditional.

    Bytes of Latin-1 or Big5 make pairs of GB 18030, too, but few, or half, of such signs. One between Latin letters, the
    second of which it takes in, is an accented letter. Signs of four bytes make nothing in other encodings.
    """
    wide = [found.groups() for found in islice(_WIDE.finditer(text), _LOOKED_AT)]
    used = _in_use()
    meant = sum(_meant(letter, sign, sign.encode("gb18030"), used) for letter, sign in wide)
    return 4 * meant >= 3 * len(wide)


def _meant(letter: str | None, sign: str, raw: bytes, used: frozenset[str]) -> bool:
    return len(raw) == 4 or (sign in used and not (letter and raw[1] < 128))


@cache
def _in_use() -> frozenset[str]:
    """The signs of GB 2312 (punctuation, letters, level 1) and of the first plane of Big5."""
    simplified = (bytes((lead, trail)) for lead in (*range(0xA1, 0xAA), *range(0xB0, 0xD8)) for trail in range(0xA1, 0xFF))
    traditional = (bytes((lead, trail)) for lead in range(0xA4, 0xC7) for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    pairs = ((pair, codec) for found, codec in ((simplified, "gb2312"), (traditional, "big5")) for pair in found)
    return frozenset("".join(pair.decode(codec, "ignore") for pair, codec in pairs))


def is_chinese(chunk: bytes) -> bool:
    """Whether bytes that should be of Western Europe (ISO 8859-1, -15) are Chinese in GB 18030."""
    runs = _HIGH.findall(chunk)
    if max(map(len, runs), default=0) < _LONG:
        return False
    try:
        return seems_chinese(b" ".join(runs).decode("gb18030"))
    except UnicodeDecodeError:
        return False
