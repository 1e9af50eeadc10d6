"""Endless rows of unique filings for the load generator: goods declarations, cargo reports, gate passages.

A body is written once and then filled with new references, so that the client costs little beside the platform.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from kouan_sim.identifiers import References, containers, plate
from kouan_sim.load import Filing
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import OFFICE, Desk, Voyage

_MARK = "@REFERENCE@"
_BILLS_A_SHIP = 200
_MOST_BILLS = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """What a run files: `filings` by `filer`; `before` it, once, the carrier's cargo reports behind them."""

    filer: str
    filings: Iterator[Filing]
    before: tuple[Filing, ...] = ()


def _report(desk: Desk, bills: int) -> tuple[Voyage, Filing]:
    now = datetime.now(UTC)
    voyage = desk.voyage(now + timedelta(hours=6), bills)
    return voyage, Filing(voyage.manifest, "/api/intake/edifact", "application/edifact", cuscar(voyage, now))


def declarations(refs: References, count: int, office: str = OFFICE) -> Source:
    """WCO DEC XML declarations, each with its own reference, over as many bills of lading (1,000 at most).

    At the demo port's own office bills have to stand on a manifest, so the manifests come first.
    """
    now, desk = datetime.now(UTC), Desk(refs)
    left, before, bodies = min(count, _MOST_BILLS), [], []
    while left > 0:
        voyage, report = _report(desk, min(left, _BILLS_A_SHIP))
        left -= len(voyage.bills)
        before.append(report)
        bodies += [wco_declaration(voyage, bill, _MARK, now, office=office) for bill in voyage.bills]
    halves = [body.split(_MARK.encode()) for body in bodies]
    return Source("trader", _filled(refs, halves), tuple(before) if office == OFFICE else ())


def _filled(refs: References, halves: list[list[bytes]]) -> Iterator[Filing]:
    for pieces in itertools.cycle(halves):
        reference = refs.next("SIML")
        yield Filing(reference, "/api/intake/wco-dec", "application/xml", reference.encode().join(pieces))


def manifests(refs: References, count: int, office: str = OFFICE) -> Source:
    """CUSCAR interchanges of one bill of lading each."""
    del count, office
    desk = Desk(refs)

    def rows() -> Iterator[Filing]:
        while True:
            yield _report(desk, 1)[1]

    return Source("carrier", rows())


def passages(refs: References, count: int, office: str = OFFICE) -> Source:
    """Trucks at lane in-1, each with another plate and box."""
    del count, office
    chance = refs.chance("gate")
    boxes = containers("SIM", chance.randrange(1_000_000))

    def rows() -> Iterator[Filing]:
        while True:
            truck = {"vehicle": plate(chance), "containers": [next(boxes)], "direction": "in"}
            yield Filing(refs.next("SIMG"), "/api/gates/in-1/passages", "application/json", orjson.dumps(truck))

    return Source("terminal", rows())


KINDS: Mapping[str, Callable[[References, int, str], Source]] = {
    "wco-dec": declarations, "edifact": manifests, "gate": passages,
}  # fmt: skip
