"""Which code stands on a day: the carried list, and what the port has amended since; pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kouan.kernel.text import Text
from kouan.standards.codes.api import Code, lookup
from kouan.standards.parameters.records import Entry, Rate

Verdict = Literal["stands", "expired", "not_yet", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a code on a day. `amended`: the port's own entry decides; `demo`: it is there for demonstrations."""

    set_name: str
    code: str
    verdict: Verdict
    name: Text | None = None
    since: date | None = None
    until: date | None = None
    parent: str = ""
    facts: Mapping[str, str] | None = None
    amended: bool = False
    demo: bool = False

    @property
    def stands(self) -> bool:
        """Whether the code may be used on that day."""
        return self.verdict == "stands"


def standing(set_name: str, code: str, on: date, entries: Iterable[Entry] = ()) -> Standing:
    """A code on a day. `entries`: the amendments of that code, in any order; the newest that has begun decides."""
    mine = sorted(entries, key=lambda entry: entry.since)
    begun = [entry for entry in mine if entry.since <= on]
    if begun:
        return of_entry(begun[-1], on)
    carried = lookup(set_name, code, on) or lookup(set_name, code)
    if carried is not None:
        return of_code(carried, on)
    return of_entry(mine[0], on) if mine else Standing(set_name, code, "unknown")


def of_entry(entry: Entry, on: date) -> Standing:
    """An amendment on a day."""
    verdict: Verdict = "not_yet" if on < entry.since else "expired" if entry.until and entry.until < on else "stands"
    return Standing(
        entry.set_name, entry.code, verdict, Text(entry.name_zh, entry.name_en), entry.since, entry.until, entry.parent or "",
        {}, True, entry.demo,
    )  # fmt: skip


def of_code(code: Code, on: date) -> Standing:
    """A carried code on a day."""
    verdict: Verdict = "not_yet" if code.since and on < code.since else "expired" if code.until and code.until < on else "stands"
    return Standing(code.list_name, code.code, verdict, code.name, code.since, code.until, code.parent, code.facts)


def by_code(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Amendments by the reference of their code."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.of_code:
            found.setdefault(entry.of_code, []).append(entry)
    return found


def merged(carried: Iterable[Code], entries: Sequence[Entry], on: date) -> Iterator[Standing]:
    """The codes of a set that stand on a day, in order. `carried`: the list in order of its codes."""
    amended = by_code(entries)
    known = {code.code: ref for ref, mine in amended.items() if (code := lookup(mine[0].set_name, mine[0].code))}
    own = sorted(
        (standing(mine[0].set_name, mine[0].code, on, mine) for ref, mine in amended.items() if ref not in known.values()),
        key=_code,
    )
    held = _amended(carried, {code: amended[ref] for code, ref in known.items()}, on)
    return (item for item in heapq.merge(held, own, key=_code) if item.stands)


def _amended(carried: Iterable[Code], amended: Mapping[str, Sequence[Entry]], on: date) -> Iterator[Standing]:
    before = ""
    for code in carried:
        mine = amended.get(code.code)
        if mine is None:
            yield of_code(code, on)
        elif code.code != before:  # a code that stood for several things is told once where the port decides
            yield standing(code.list_name, code.code, on, mine)
        before = code.code


def _code(item: Standing) -> str:
    return item.code


def in_force(rates: Iterable[Rate], code: str, on: date) -> list[Rate]:
    """The rates of a commodity code that stand on a day: of each kind and area the longest code's, of those the newest."""
    best: dict[tuple[str, str], Rate] = {}
    for rate in sorted(rates, key=lambda one: (len(one.hs), one.since)):
        if code.startswith(rate.hs) and rate.since <= on and (rate.until is None or on <= rate.until):
            best[(rate.kind, rate.area)] = rate
    return [best[key] for key in sorted(best)]
