"""Profiles made into closures once, and found by the codes they look for: most never run for a declaration they cannot match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from kouan.supervision.targeting.fields import FIELDS, NEGATIVE, NUMERIC, Value, read
from kouan.supervision.targeting.looking import Cell, Look
from kouan.supervision.targeting.profiles import Condition, Profile

Test = Callable[[Cell], bool]
Match = Callable[[Look], bool]
ANCHORS = ("is", "begins")
MANY = ("item", "line", "goods")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A profile ready to be judged."""

    profile: Profile
    matches: Match


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a declaration must hold for a profile to match at all: one of some values in a field, or its beginning."""

    what: str
    operator: Literal["is", "begins"]
    values: frozenset[Value]


def test_of(condition: Condition) -> Test:
    """The test of one cell. A cell without a value meets `missing` alone. ValueError for values that cannot be read."""
    operator = condition.operator
    if operator == "missing":
        return lambda cell: not cell
    values = [read(FIELDS[condition.what].shape, text) for text in condition.values]
    if operator in NEGATIVE:
        return _none_of(_positive(operator.removesuffix("_not"), values))
    return _one_of(_positive(operator, values))


def _one_of(positive: Callable[[Value], bool]) -> Test:
    # Plain loops: these run for every declaration, and a generator costs more than the comparison itself.
    def test(cell: Cell) -> bool:
        for value in cell:  # noqa: SIM110 - see above
            if positive(value):
                return True
        return False

    return test


def _none_of(positive: Callable[[Value], bool]) -> Test:
    def test(cell: Cell) -> bool:
        for value in cell:
            if positive(value):
                return False
        return bool(cell)

    return test


def _positive(operator: str, values: Sequence[Value]) -> Callable[[Value], bool]:
    if operator == "is":
        return frozenset(values).__contains__
    if operator in NUMERIC:
        return _within(operator, [value for value in values if isinstance(value, Decimal)])
    texts = tuple(str(value) for value in values)
    if operator == "begins":
        return lambda value: str(value).startswith(texts)
    if len(texts) == 1:
        return lambda value: texts[0] in str(value)
    return lambda value: any(text in str(value) for text in texts)


def _within(operator: str, bounds: Sequence[Decimal]) -> Callable[[Value], bool]:
    least, most = bounds[0], bounds[-1]
    if operator == "at_least":
        return lambda value: isinstance(value, Decimal) and value >= least
    if operator == "at_most":
        return lambda value: isinstance(value, Decimal) and value <= most
    return lambda value: isinstance(value, Decimal) and least <= value <= most


def compiled(profile: Profile) -> Compiled:
    """A profile with its conditions as closures; ValueError when a value cannot be read."""
    tests = [(condition.what, test_of(condition)) for condition in profile.conditions]
    if profile.match == "any":
        return Compiled(profile, lambda look: any(test(cell) for what, test in tests for cell in look.column(what)))
    places: dict[str, list[tuple[str, Test]]] = defaultdict(list)
    for what, test in tests:
        places[FIELDS[what].scope].append((what, test))
    return Compiled(profile, _every(list(places.values())))


def _every(groups: Sequence[Sequence[tuple[str, Test]]]) -> Match:
    """Whether in each place one and the same element meets all tests of that place; places of one element come first."""
    ordered = sorted(groups, key=lambda group: FIELDS[group[0][0]].scope in MANY)
    parts = [(group[0][0], group[0][1], tuple(group[1:])) for group in ordered]

    def matches(look: Look) -> bool:
        for what, first, rest in parts:  # noqa: SIM110 - a plain loop, as above
            if not _together(look, what, first, rest):
                return False
        return True

    return matches


def _together(look: Look, what: str, first: Test, rest: Sequence[tuple[str, Test]]) -> bool:
    for at, cell in enumerate(look.column(what)):
        if not first(cell):
            continue
        for other, test in rest:
            if not test(look.column(other)[at]):
                break
        else:
            return True
    return False


def anchor_of(profile: Profile) -> Anchor | None:
    """By what a profile is found; None when it has to be tried on every declaration."""
    if profile.match == "any" and len(profile.conditions) > 1:
        return None
    for condition in profile.conditions:
        shape = FIELDS[condition.what].shape
        if condition.operator in ANCHORS and shape != "number":
            operator: Literal["is", "begins"] = "is" if condition.operator == "is" else "begins"
            return Anchor(condition.what, operator, frozenset(read(shape, text) for text in condition.values))
    return None


class Book:
    """The profiles that stand on a day, found by their anchors."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles = [compiled(one) for one in sorted(profiles, key=lambda one: (one.code, one.edition))]
        self.wants = frozenset(FIELDS[c.what].scope for one in self.profiles for c in one.profile.conditions)
        self.counting = any(
            c.what in ("trader.inspected", "trader.hits") for one in self.profiles for c in one.profile.conditions
        )
        self._always: list[int] = []
        self._exact: dict[str, dict[Value, list[int]]] = {}
        self._prefix: dict[str, dict[int, dict[str, list[int]]]] = {}
        for at, one in enumerate(self.profiles):
            self._file(at, anchor_of(one.profile))

    def _file(self, at: int, anchor: Anchor | None) -> None:
        if anchor is None:
            self._always.append(at)
            return
        for value in anchor.values:
            if anchor.operator == "is":
                self._exact.setdefault(anchor.what, {}).setdefault(value, []).append(at)
            else:
                text = str(value)
                self._prefix.setdefault(anchor.what, {}).setdefault(len(text), {}).setdefault(text, []).append(at)

    def candidates(self, look: Look) -> list[int]:
        """The numbers of the profiles that can match at all, in order."""
        found = set(self._always)
        for what, exact in self._exact.items():
            for value in _distinct(look, what):
                found.update(exact.get(value, ()))
        for what, lengths in self._prefix.items():
            for value in _distinct(look, what):
                text = str(value)
                for length, begins in lengths.items():
                    found.update(begins.get(text[:length], ()))
        return sorted(found)

    def matching(self, look: Look) -> list[Profile]:
        """The profiles that match a declaration, by code."""
        return [self.profiles[at].profile for at in self.candidates(look) if self.profiles[at].matches(look)]


def _distinct(look: Look, what: str) -> set[Value]:
    return {value for cell in look.column(what) for value in cell}


def standing(profiles: Iterable[Profile], today: date) -> list[Profile]:
    """Of each code the newest edition that is valid on a day; the day is the port's own."""
    newest: dict[str, Profile] = {}
    for one in profiles:
        begun = one.valid_from is None or one.valid_from <= today
        over = one.valid_until is not None and one.valid_until < today
        if begun and not over and (one.code not in newest or newest[one.code].edition < one.edition):
            newest[one.code] = one
    return list(newest.values())


EMPTY = Book(())
