"""The verdict of an identifier check, and the normal form that every check begins with."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from kouan.kernel.text import Text

LONGEST = 256
_DOTS = frozenset("·•・‧.。_−")
_DROPPED = frozenset({"Pd", "Cf", "Zs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found.

    `value` is the normal form. `code` is stable (`iso6346.check_digit`; `iso6346.ok` when it passes). `reason` is
    None when nothing is to be said; a passing value may carry one as a caution. `repairs` are other values that
    pass, best first. `kind` says what sort of number it is where the number tells (`ship`, `mainland.civil`).
    """

    value: str
    ok: bool
    code: str
    reason: Text | None = None
    repairs: tuple[str, ...] = ()
    kind: str = ""


def normalise(text: str) -> str:
    """Half-width, upper case, without blanks, hyphens, dots and invisible characters; never raises.

    A text longer than any identifier is cut and marked with an ellipsis, so that it cannot pass.
    """
    if text.isascii() and text.isalnum() and len(text) <= LONGEST:
        return text.upper()
    cut = "…" if len(text) > LONGEST else ""
    upper = unicodedata.normalize("NFKC", text[:LONGEST]).upper()
    return "".join(c for c in upper if not _separates(c)) + cut


def _separates(char: str) -> bool:
    return char.isspace() or char in _DOTS or unicodedata.category(char) in _DROPPED


def empty(scheme: str) -> Check:
    """The verdict on a text that holds nothing."""
    return Check("", False, f"{scheme}.empty", Text("没有填写", "nothing is filled in"))
