"""Folding of names for search: no accents, no case, half-width."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = {
    "ß": "s", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "t", "æ": "a", "œ": "o", "ı": "i", "ħ": "h", "ŧ": "t",
}
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def fold(text: str) -> str:
    """Every character becomes exactly one, so that a place in the folded text is the same place in the text."""
    return text.lower() if text.isascii() else _FOREIGN.sub(lambda found: _one(found[0]), text).lower()


@lru_cache(maxsize=4096)
def _one(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[:1].lower()[:1]
    return _LETTERS.get(base, base)
