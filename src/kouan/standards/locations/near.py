"""Near matches of a wrong location code: one character other, two exchanged, one missing or too many; pure."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator

ALPHABET = string.ascii_uppercase + "23456789"


def spellings(code: str) -> Iterator[str]:
    """Codes of five characters that differ from one by a slip; the country's letters are kept first, changed last."""
    if len(code) == 5:
        for at in (*range(2, 4), 0):
            yield code[:at] + code[at + 1] + code[at] + code[at + 2:]
        for at in (2, 3, 4, 0, 1):
            yield from (code[:at] + char + code[at + 1:] for char in ALPHABET if char != code[at])
    elif len(code) == 4:
        yield from (code[:at] + char + code[at:] for at in range(2, 5) for char in ALPHABET)
    elif len(code) == 6:
        yield from (code[:at] + code[at + 1:] for at in range(6))


def near(code: str, known: Callable[[str], bool], most: int) -> list[str]:
    """Those spellings that are known, each once, in order."""
    found: dict[str, None] = {}
    for spelling in spellings(code):
        if len(found) >= most:
            break
        if spelling not in found and known(spelling):
            found[spelling] = None
    return list(found)


def slips(code: str, known: Iterable[str]) -> list[str]:
    """Those of some codes of the same length that differ in one place or by two exchanged neighbours."""
    return [other for other in known if len(other) == len(code) and other != code and _one_slip(code, other)]


def _one_slip(one: str, other: str) -> bool:
    at = [n for n, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    return len(at) == 1 or (len(at) == 2 and at[1] == at[0] + 1 and one[at[0]] == other[at[1]] and one[at[1]] == other[at[0]])
