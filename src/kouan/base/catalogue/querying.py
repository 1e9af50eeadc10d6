"""From what a person types to what the index is asked: words begun as they stand, Chinese by pairs of signs."""

from __future__ import annotations

import re
from itertools import pairwise

from kouan.base.catalogue.store import Wanted

_WORD = re.compile(r"[^\W_\u2000-\u9fff\uff00-\uffef]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_SHORTEST = 4
MOST = 24
"""Lexemes of one question; what a person types has fewer."""


def wanted(text: str, kind: str = "") -> Wanted:
    """The search for a text in either language; a text without any word finds nothing but the whole list's order."""
    low = text.strip().lower()
    runs = _HAN.findall(low)
    lexemes = [f"'{_stem(word)[:60]}':*" for word in _WORD.findall(low)]
    for run in runs:
        lexemes += [f"'{one}{other}'" for one, other in pairwise(run)] or [f"'{run}'"]
    return Wanted(" & ".join(dict.fromkeys(lexemes[:MOST])), runs, low, kind)


def _stem(word: str) -> str:
    """A plural finds its singular, which begins alike."""
    return word[:-1] if len(word) > _SHORTEST and word.endswith("s") and not word.endswith("ss") else word
