"""At the gate: no box leaves whose goods are not released (at = gate; the smart gate asks this rule like its own)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.facilities.gate.api import GateRule, Passage
from kouan.kernel.rules import Found, Kept, Need, Unmet
from kouan.kernel.text import Text
from kouan.supervision.release.lifecycle import STATES

DECLARATION = Declaration.facts.name
CONSIGNMENT = Consignment.facts.name
RECENT = 50
"""Papers of a box that are looked at, the newest first: a box makes a few voyages a year."""
CLOSED = ("cancelled", "rejected")
EARLIEST = timedelta(days=60)
"""How long before its manifest a declaration that cites no bill may have come."""


class GoodsReleased(GateRule):
    """A box on a manifest or declaration leaves when every bill that it came under is declared and released."""

    code = "GATE-RELEASED"
    title = Text("货物已放行", "Goods are released")
    clause = "HS/T 82 9.1.6 c)"
    severity = "refuse"
    owner = "customs"

    def applies(self, record: Passage, found: Found) -> bool:
        """Only boxes on their way out."""
        return record.direction == "out" and bool(record.containers)

    def needs(self, record: Passage, filer: str) -> Iterable[Need]:
        """The declarations of the boxes, locked so that no hold can come in between, and their manifest lines."""
        if record.direction != "out":
            return
        for box in record.containers:
            yield papers(box)
            yield lines(box)

    def further(self, record: Passage, found: Found) -> Iterable[Need]:
        """The declarations that cite the bills of the boxes without naming the boxes."""
        if record.direction != "out":
            return
        for box in record.containers:
            for _, line in current_lines(box, found):
                yield citing(line.bill)

    def judge(self, record: Passage, found: Found) -> Unmet | None:
        """Refuses the first box that may not leave, and says what it waits for."""
        return next((why for box in record.containers if (why := unreleased(box, found)) is not None), None)


def papers(box: str) -> Need:
    """The declarations that name a box, locked."""
    return Need(DECLARATION, ref=box, lock=True, most=RECENT)


def lines(box: str) -> Need:
    """The manifest lines of a box."""
    return Need(CONSIGNMENT, ref=box, most=RECENT)


def citing(bill: str) -> Need:
    """The declarations that cite a bill."""
    return Need(DECLARATION, ref=bill, most=RECENT)


def unreleased(box: str, found: Found) -> Unmet | None:
    """Why a box may not leave; None when it may, or when no paper of it is known."""
    number = box.partition(":")[2]
    arrivals = current_lines(box, found)
    for arrived, line in arrivals:
        declared = [d for d in _citing(line.bill, box, found) if d.filed_at > arrived.filed_at - EARLIEST]
        if (why := _verdict(declared, number, line.bill.partition(":")[2], found)) is not None:
            return why
    if arrivals:
        return None
    declared = list(found.of(papers(box)))
    return _verdict(declared[:1], number, "", found) if declared else None


def current_lines(box: str, found: Found) -> list[tuple[Kept, Consignment]]:
    """The lines of the newest manifest that lists a box: several shippers may share it."""
    kept = [(one, one.data) for one in found.of(lines(box))]
    lines_ = ((one, line) for one, line in kept if isinstance(line, Consignment) and line.stands)
    listed = [(one, line) for one, line in lines_ if box in line.containers]
    return [(one, line) for one, line in listed if line.manifest == listed[0][1].manifest]


def _citing(bill: str, box: str, found: Found) -> list[Kept]:
    by_bill = {kept.id: kept for kept in found.of(citing(bill))}
    for kept in found.of(papers(box)):
        assert isinstance(kept.data, Declaration)
        if bill in kept.data.bills or not kept.data.bills:
            by_bill.setdefault(kept.id, kept)
    return list(by_bill.values())


def _verdict(declared: Sequence[Kept], number: str, bill: str, found: Found) -> Unmet | None:
    """Released by this port's office, or why not; the declaration nearest to release speaks."""
    ours = [kept for kept in declared if isinstance(kept.data, Declaration) and _ours(kept.data, found)]
    if any(kept.state == "released" for kept in ours):
        return None
    live = [kept for kept in ours if kept.state not in CLOSED]
    under = (f"（提运单 {bill}）", f" (bill {bill})") if bill else ("", "")
    if not live:
        reason = Text(f"箱 {number}{under[0]}尚未在本口岸申报", f"Box {number}{under[1]} is not declared at this port")
        return Unmet(reason, "containers", declared[0].ref if declared else "")
    state = STATES[live[0].state]
    zh = f"箱 {number}{under[0]}未放行：报关单{state.zh}"
    return Unmet(
        Text(zh, f"Box {number}{under[1]} is not released: its declaration is {state.en.lower()}"), "containers", live[0].ref
    )


def _ours(record: Declaration, found: Found) -> bool:
    return record.office is not None and record.office == found.site.get("office")
