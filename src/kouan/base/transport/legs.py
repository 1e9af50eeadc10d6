"""The legs of a shipment in their order, out of its transport documents, with the gaps between them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from kouan.kernel.text import Text

PLACE = Text("上一程到达 {there}，下一程从 {here} 起运", "One leg ends at {there}, the next begins at {here}")
TIME = Text("下一程在上一程到达之前起运", "The next leg departs before this one arrives")
MISSING_LEG = Text("缺少第 {leg} 程的单证", "There is no document for leg {leg}")
TWICE = Text("第 {leg} 程有多份单证", "There are several documents for leg {leg}")
NO_MASTER = Text("分单 {house} 的主单 {master} 未收到", "The master {master} of the house {house} was not received")
NO_HOUSE = Text("主单 {master} 的分单 {house} 未收到", "The house {house} of the master {master} was not received")
UNSAID = Text("单证没有写起运地或目的地", "The document states no origin or no destination")


@dataclass(frozen=True, slots=True)
class Paper:
    """One transport document as its reader may see it. `data`: its fields, times as ISO 8601 text."""

    ref: str
    id: str
    state: str
    data: Mapping[str, Any]

    def get(self, name: str) -> Any:
        """A field's value, None when it is not stated or not seen."""
        return self.data.get(name)

    @property
    def number(self) -> str:
        """The document's number without its kind."""
        return str(self.get("number") or "").partition(":")[2]


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing or does not fit, between two documents (`after`, `before`) or at one (`after`)."""

    kind: str
    reason: Text
    after: str = ""
    before: str = ""

    def out(self) -> dict[str, Any]:
        """The JSON shape of the shipment."""
        return {"kind": self.kind, "reason": self.reason.out(), "after": self.after, "before": self.before}


def same_place(one: str | None, other: str | None) -> bool:
    """Whether two codes name one place: equal, or an airport's three letters and the UN/LOCODE that ends with them."""
    first, second = _code(one), _code(other)
    if not first or not second:
        return False
    short, long = sorted((first, second), key=len)
    return first == second or (len(short) == 3 and len(long) == 5 and long[2:] == short)


def legs(papers: Sequence[Paper]) -> list[Paper]:
    """The documents that move the goods, in their order: direct and master ones, and houses whose master is not there."""
    masters = {paper.get("number") for paper in papers if paper.get("level") == "master"}
    apart = [paper for paper in papers if paper.get("form") != "fbl"]
    moving = [paper for paper in apart if paper.get("level") != "house" or paper.get("master") not in masters]
    if moving and all(paper.get("leg") is not None for paper in moving):
        return sorted(moving, key=lambda paper: (paper.get("leg"), _departs(paper), paper.ref))
    return _chained(sorted(moving, key=lambda paper: (_departs(paper), paper.ref)))


def gaps(papers: Sequence[Paper], ordered: Sequence[Paper]) -> list[Gap]:
    """What does not fit: legs that do not join, times that overlap, numbers that are left out, masters without houses."""
    return [*_numbers(ordered), *_joints(ordered), *_families(papers), *_places(ordered)]


def _code(text: str | None) -> str:
    return "".join((text or "").upper().split())


def _departs(paper: Paper) -> str:
    moment = _moment(paper.get("departs"))
    return moment.isoformat() if moment else str(paper.get("issued_on") or "9999")


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _chained(papers: list[Paper]) -> list[Paper]:
    """In the order in which one leg's end is another's beginning; what joins nothing keeps its place in time."""
    rest = list(papers)
    ordered: list[Paper] = []
    while rest:
        last = ordered[-1] if ordered else None
        following = next((one for one in rest if last and same_place(last.get("destination"), one.get("origin"))), None)
        beginning = next((one for one in rest if not any(_leads(other, one) for other in rest if other is not one)), None)
        chosen = following or beginning or rest[0]
        rest.remove(chosen)
        ordered.append(chosen)
    return ordered


def _leads(one: Paper, other: Paper) -> bool:
    return same_place(one.get("destination"), other.get("origin"))


def _numbers(ordered: Sequence[Paper]) -> Iterable[Gap]:
    stated = [paper.get("leg") for paper in ordered]
    if not stated or None in stated:
        return
    for leg in sorted(set(range(1, max(stated) + 1)) - set(stated)):
        yield Gap("leg_missing", MISSING_LEG.fill(leg=leg))
    for leg in sorted({leg for leg in stated if stated.count(leg) > 1}):
        yield Gap("leg_twice", TWICE.fill(leg=leg))


def _joints(ordered: Sequence[Paper]) -> Iterable[Gap]:
    for before, after in pairwise(ordered):
        there, here = before.get("destination"), after.get("origin")
        if there and here and not same_place(there, here):
            reason = Text(PLACE.zh.format(there=there, here=here), PLACE.en.format(there=there, here=here))
            yield Gap("place", reason, before.ref, after.ref)
        arrives, departs = _moment(before.get("arrives")), _moment(after.get("departs"))
        if arrives and departs and departs < arrives:
            yield Gap("time", TIME, before.ref, after.ref)


def _families(papers: Sequence[Paper]) -> Iterable[Gap]:
    known = {paper.get("number") for paper in papers}
    for paper in papers:
        master = paper.get("master")
        if master and master not in known:
            yield Gap("master_missing", _named(NO_MASTER, paper.number, master), paper.ref)
        for house in paper.get("houses") or ():
            if house not in known:
                yield Gap("house_missing", _named(NO_HOUSE, house, paper.number), paper.ref)


def _named(text: Text, house: str, master: str) -> Text:
    bare = {"house": house.removeprefix("bill:"), "master": master.removeprefix("bill:")}
    return Text(text.zh.format(**bare), text.en.format(**bare))


def _places(ordered: Sequence[Paper]) -> Iterable[Gap]:
    return (Gap("unsaid", UNSAID, paper.ref) for paper in ordered if not paper.get("origin") or not paper.get("destination"))
