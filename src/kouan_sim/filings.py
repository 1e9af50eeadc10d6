"""Endless rows of unique filings for the load generator: goods declarations, cargo reports, gate passages.

A body is written once and then filled with new references, so that the client costs little beside the platform.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import orjson

from kouan_sim.identifiers import References, containers, plate
from kouan_sim.load import Filing
from kouan_sim.messages import cuscar, wco_declaration
from kouan_sim.traders import Desk

_TEMPLATES = 48


def declarations(refs: References) -> Iterator[Filing]:
    """WCO DEC XML declarations, each with its own reference, bill of lading and box."""
    now = datetime.now(UTC)
    desk = Desk(refs)
    patterns = []
    for number in range(_TEMPLATES):
        voyage = desk.voyage(now + timedelta(hours=6), bills=1)
        bill = voyage.bills[0]
        body = wco_declaration(voyage, bill, f"@REFERENCE{number:03d}@", now)
        patterns.append(
            (body, f"@REFERENCE{number:03d}@".encode(), bill.number.encode(), bill.boxes[0].number.encode())
        )
    boxes = containers("SIM", refs.chance("load").randrange(1_000_000))
    for body, reference, bill_number, box in itertools.cycle(patterns):
        new = refs.next("SIML")
        filled = body.replace(reference, new.encode()).replace(bill_number, refs.next("SIMB").encode())
        filled = filled.replace(box, next(boxes).encode())
        yield Filing(new, "/api/intake/wco-dec", "application/xml", filled)


def manifests(refs: References) -> Iterator[Filing]:
    """CUSCAR interchanges of one bill of lading each."""
    desk = Desk(refs)
    while True:
        now = datetime.now(UTC)
        voyage = desk.voyage(now + timedelta(hours=6), bills=1)
        yield Filing(voyage.manifest, "/api/intake/edifact", "application/edifact", cuscar(voyage, now))


def passages(refs: References) -> Iterator[Filing]:
    """Trucks at lane in-1, each with another plate and box."""
    chance = refs.chance("gate")
    boxes = containers("SIM", chance.randrange(1_000_000))
    while True:
        truck = {"vehicle": plate(chance), "containers": [next(boxes)], "direction": "in"}
        yield Filing(refs.next("SIMG"), "/api/gates/in-1/passages", "application/json", orjson.dumps(truck))


KINDS: Mapping[str, Callable[[References], Iterator[Filing]]] = {
    "wco-dec": declarations, "edifact": manifests, "gate": passages,
}  # fmt: skip
FILERS: Mapping[str, str] = {"wco-dec": "trader", "edifact": "carrier", "gate": "terminal"}
