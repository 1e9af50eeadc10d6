"""Adding up: the totals that a fact is part of, and by how much they change when facts come and go (pure).

Whatever the order in which records are counted, and however often, the changes come to the facts that stand at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from kouan.kernel.indicators import Indicator
from kouan.operations.monitoring.folding import begins
from kouan.operations.monitoring.rules import indicator

COUNTED = ""
"""The source of what the platform counts itself."""
EVERYONE = 0


class Fact(NamedTuple):
    """A part of a record in an indicator, as it is kept. `dims` in one spelling (JSON with sorted names)."""

    record_id: UUID
    indicator: str
    part: int
    record: str
    ref: str
    source: str
    at: datetime
    dims: str
    org: int
    bin: int
    n: int
    value: Decimal
    simulated: bool
    readers: tuple[int, ...]


class Cell(NamedTuple):
    """The key of a total. `whole`: of all parts together, without dimensions."""

    indicator: str
    source: str
    grain: str
    org: int
    whole: bool
    at: datetime
    bin: int
    dims: str


@dataclass(slots=True)
class Change:
    """By how much a total changes."""

    n: int = 0
    total: Decimal = Decimal(0)
    simulated: int = 0

    def add(self, fact: Fact, sign: int) -> None:
        """A fact more, or one less."""
        self.n += sign * fact.n
        self.total += sign * fact.value
        self.simulated += sign * int(fact.simulated)

    def join(self, other: Change) -> None:
        """Another change of the same total."""
        self.n += other.n
        self.total += other.total
        self.simulated += other.simulated


def spelled(dims: Mapping[str, str]) -> str:
    """Dimensions in one spelling."""
    return orjson.dumps(dict(dims), option=orjson.OPT_SORT_KEYS).decode()


def cells_of(of: type[Indicator] | None, fact: Fact, zone: ZoneInfo) -> list[Cell]:
    """The totals that a fact is part of: by grain, for the port and the firm, divided and whole. Loaded ones are never added
    up here: whole and part may both be loaded."""
    found = []
    for grain in of.grains if of else ("day",):
        at = begins(grain, fact.at, zone)
        for org in dict.fromkeys((EVERYONE, fact.org if fact.source == COUNTED else EVERYONE)):
            found.append(Cell(fact.indicator, fact.source, grain, org, False, at, fact.bin, fact.dims))
            if fact.source == COUNTED:
                found.append(Cell(fact.indicator, fact.source, grain, org, True, at, fact.bin, "{}"))
    return found


def changes_of(gone: Iterable[Fact], come: Iterable[Fact], zone: ZoneInfo) -> dict[Cell, tuple[Change, Fact]]:
    """By how much each total changes when some facts go and others come, with one of its facts."""
    alike: dict[tuple[object, ...], tuple[Change, Fact]] = {}
    for facts, sign in ((gone, -1), (come, 1)):
        for fact in facts:
            key = (fact.indicator, fact.source, quarter(fact.at), fact.bin, fact.dims, fact.org)
            alike.setdefault(key, (Change(), fact))[0].add(fact, sign)
    found: dict[Cell, tuple[Change, Fact]] = {}
    for change, fact in alike.values():
        for cell in cells_of(indicator(fact.indicator), fact, zone):
            found.setdefault(cell, (Change(), fact))[0].join(change)
    return found


def quarter(at: datetime) -> int:
    """The quarter of an hour in which a moment lies: no hour, shift or day of any time zone begins within one."""
    return int(at.timestamp()) // 900
