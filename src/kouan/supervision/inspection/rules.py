"""What an inspection order must be: a known team, and a bay that is free at its hour (HS/T 82 9.2.1 b) 1))."""

from __future__ import annotations

from collections.abc import Iterable

from kouan.base.place.api import Place
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.supervision.inspection.lifecycle import AGENCIES
from kouan.supervision.inspection.records import InspectionOrder

ORDER = InspectionOrder.facts.name
SLOT_TAKEN = "ORD-SLOT"


class KnownAgencies(Rule):
    """Only agencies that inspect goods at the port can be called to a visit."""

    code = "ORD-AGENCIES"
    at = "filing"
    of = ORDER
    title = Text("参与部门有效", "Agencies that inspect")
    clause = "HS/T 82 9.2.1"
    severity = "refuse"
    owner = "customs"

    def judge(self, record: InspectionOrder, found: Found) -> Unmet | None:
        """Refuses an agency that is none of customs, border inspection and maritime."""
        strange = next((agency for agency in record.agencies if agency not in AGENCIES), None)
        if strange is None:
            return None
        return Unmet(Text("参与部门只能是海关、边检、海事", "Only customs, border and maritime inspect goods"), "agencies")


class FreeSlot(Rule):
    """A bay takes one visit at an hour; the bay's own row is locked, so that two plans cannot take it at once."""

    code = SLOT_TAKEN
    at = "filing"
    of = ORDER
    title = Text("查验位空闲", "Bay is free")
    clause = "HS/T 82 9.2.1"
    severity = "refuse"
    owner = "customs"

    def needs(self, record: InspectionOrder, filer: str) -> Iterable[Need]:
        """The bay, locked, and the visits planned there."""
        if record.bay is None:
            return ()
        return (Need(Place.facts.name, ref=record.bay, lock=True), Need(ORDER, ref=record.bay))

    def judge(self, record: InspectionOrder, found: Found) -> Unmet | None:
        """Refuses a bay and hour that another open visit holds."""
        if record.bay is None or record.planned_at is None:
            return None
        for kept in found.of(Need(ORDER, ref=record.bay)):
            other = kept.data
            assert isinstance(other, InspectionOrder)
            if set(other.containers) & set(record.containers):
                continue  # the same box under another declaration: one visit serves both
            if other.bay == record.bay and other.planned_at == record.planned_at and kept.state != "finished":
                return Unmet(Text("该时段查验位已占用", "The bay is taken at that hour"), "planned_at", kept.ref)
        return None
