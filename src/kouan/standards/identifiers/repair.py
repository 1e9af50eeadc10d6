"""Repair suggestions: what a misread or mistyped identifier most likely was.

Errors are tried from likely to unlikely: a letter read as its look-alike digit (or the other way) in a place that
allows only one of them, another look-alike, a wrong check digit, two neighbours exchanged, any other single character.
Every suggestion passes the check that it is made for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise, product

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST = 10
_PRODUCTS = 96

# Pairs that cameras and people confuse; the first six are the letter-for-digit classics.
_TWINS = {"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B"}
_NEAR = {
    "0": "DQ86C", "1": "LJT7", "2": "7", "3": "8B", "4": "A", "5": "63", "6": "805", "7": "T12Z", "8": "3069",
    "9": "80GQ", "A": "4R", "B": "3RPE", "C": "G0OL", "D": "0O", "E": "FB", "F": "EP", "G": "C9Q", "H": "NM",
    "I": "LJT", "J": "1IU", "K": "XR", "L": "1IT", "M": "NWH", "N": "MH", "O": "DQCU", "P": "RFB", "Q": "0OG9",
    "R": "PKAB", "S": "8Z", "T": "7I1Y", "U": "VJO", "V": "UYW", "W": "VM", "X": "KY", "Y": "VTX", "Z": "7S",
}
_TWIN = _TWINS | {letter: digit for digit, letter in _TWINS.items()}

Passes = Callable[[str], bool]
Scored = tuple[int, str]


def lookalikes(char: str, alphabet: str) -> list[str]:
    """The characters of the alphabet that `char` may be a misreading of, best first."""
    near = _TWIN.get(char, "") + _NEAR.get(char, "")
    return [c for c in near if c in alphabet]


def suggest(
    value: str, alphabets: Sequence[str], passes: Passes, *,
    check_at: int | None = None, prior: Callable[[str], int] = lambda _value: 0, most: int = MOST,
) -> tuple[str, ...]:
    """Values near `value` that pass, best first.

    `alphabets` names the characters allowed at each place; `check_at` is the place of the check character; `prior`
    adds a penalty to candidates that are unlikely for a reason of their own (an unknown owner code).
    """
    return best(scored(value, alphabets, passes, check_at=check_at, prior=prior), most)


def best(found: dict[str, int], most: int = MOST) -> tuple[str, ...]:
    """The cheapest candidates, in order."""
    return tuple(sorted(found, key=lambda c: (found[c], c))[:most])


def scored(
    value: str, alphabets: Sequence[str], passes: Passes, *,
    check_at: int | None = None, prior: Callable[[str], int] = lambda _value: 0,
) -> dict[str, int]:
    """What `suggest` chooses from: each candidate that passes, with its cost."""
    if len(value) != len(alphabets):
        return {}
    wrong = [i for i, (char, allowed) in enumerate(zip(value, alphabets, strict=True)) if char not in allowed]
    near = _coerced(value, alphabets, wrong, check_at) if wrong else _single(value, alphabets, check_at)
    found = _passing(value, near, passes, prior)
    if not found and 0 < len(wrong) <= 2:
        return _passing(value, _and_one_more(value, alphabets, wrong), passes, prior)
    return found


def _passing(value: str, near: Iterable[Scored], passes: Passes, prior: Callable[[str], int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for cost, candidate in near:
        if candidate != value and passes(candidate):
            found[candidate] = min(cost + prior(candidate), found.get(candidate, 99))
    return found


def _coerced(
    value: str, alphabets: Sequence[str], wrong: Sequence[int], check_at: int | None = None,
) -> Iterator[Scored]:
    """Candidates whose misplaced characters are replaced by look-alikes or stand one place off.

    Where a check character can judge, a single misplaced character may also have been anything.
    """
    choices = [lookalikes(value[i], alphabets[i]) for i in wrong]
    for chosen in islice(product(*choices), _PRODUCTS):
        yield sum(2 * near.index(c) for near, c in zip(choices, chosen, strict=True)), _put(value, wrong, chosen)
    yield from _exchanged(value, alphabets)
    if check_at is not None and len(wrong) == 1:
        yield from ((6, _put(value, wrong, [c])) for c in alphabets[wrong[0]])


def _and_one_more(value: str, alphabets: Sequence[str], wrong: Sequence[int]) -> Iterator[Scored]:
    """Candidates with the misplaced characters replaced and one further look-alike exchanged."""
    for cost, candidate in _coerced(value, alphabets, wrong):
        yield from ((cost + extra, other) for extra, other in _alike(candidate, alphabets))


def _single(value: str, alphabets: Sequence[str], check_at: int | None) -> Iterator[Scored]:
    """All candidates one slip away: look-alike, check character, exchanged neighbours, any substitution."""
    yield from _alike(value, alphabets)
    if check_at is not None:
        yield from ((3, _put(value, [check_at], [c])) for c in alphabets[check_at])
    yield from _exchanged(value, alphabets)
    for i, allowed in enumerate(alphabets):
        yield from ((6, _put(value, [i], [c])) for c in allowed)


def _exchanged(value: str, alphabets: Sequence[str]) -> Iterator[Scored]:
    for i, (left, right) in enumerate(pairwise(value)):
        if left != right and right in alphabets[i] and left in alphabets[i + 1]:
            yield 2, value[:i] + right + left + value[i + 2:]


def _alike(value: str, alphabets: Sequence[str]) -> Iterator[Scored]:
    for i, allowed in enumerate(alphabets):
        for rank, char in enumerate(lookalikes(value[i], allowed)):
            yield 1 + min(rank, 2), _put(value, [i], [char])


def _put(value: str, places: Sequence[int], chars: Sequence[str]) -> str:
    out = list(value)
    for place, char in zip(places, chars, strict=True):
        out[place] = char
    return "".join(out)


def shorten(value: str, length: int, passes: Passes) -> tuple[str, ...]:
    """Values of `length` that pass and come of dropping what surrounds them, or one doubled character."""
    windows = [value[i:i + length] for i in range(len(value) - length + 1)]
    if len(value) == length + 1:
        windows += [value[:i] + value[i + 1:] for i in range(len(value))]
    return tuple(dict.fromkeys(w for w in windows if passes(w)))[:MOST]
