"""What a declaration at this port's own office must be (HS/T 82 7.2.1 a) 1); WCO Data Model; ISO 6346).

A declaration that names another office, or none, is accepted on its structure alone: only warnings are said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kouan.base.declaration import codes
from kouan.base.declaration.records import Declaration
from kouan.base.manifest.api import Consignment
from kouan.base.reference.api import doubts
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text

CONSIGNMENT = Consignment.facts.name
DECLARATION = Declaration.facts.name
CLOSED = ("rejected", "cancelled")
"""States in which a declaration holds nobody to anything."""
NAMED = 5


def ours(record: Declaration, found: Found) -> bool:
    """Whether the declaration is for this port's customs office."""
    return record.office is not None and record.office == found.site.get("office")


class _AtOurOffice(Rule):
    """Base of rules that hold at this port's office only."""

    abstract = True
    at = "filing"
    of = Declaration.facts.name
    clause = "HS/T 82 7.2.1 a) 1)"
    severity = "refuse"
    owner = "trader"

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """None for other offices; else what `wrong` says."""
        return self.wrong(record, found) if ours(record, found) else None

    def wrong(self, record: Declaration, found: Found) -> Unmet | None:
        """Why the rule does not hold at this office."""
        raise NotImplementedError


class HasItems(_AtOurOffice):
    """There is nothing to release without goods."""

    code = "DEC-ITEMS"
    title = Text("至少一项商品", "At least one goods item")

    def wrong(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses a declaration without items."""
        if record.items:
            return None
        return Unmet(Text("报关单没有商品项", "The declaration has no goods item"), "items")


class KnownCommodity(_AtOurOffice):
    """Risk rules and duties hang on the commodity code; its first six digits are international (HS Convention art. 3)."""

    code = "DEC-HS"
    title = Text("税则号列有效", "Commodity code exists")

    def further(self, record: Declaration, found: Found) -> Iterable[Need]:
        """The port's amendments of the codes stated."""
        return codes.amendments(record) if ours(record, found) else ()

    def wrong(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses the first item whose code is missing or not in the Harmonized System."""
        for at, item in enumerate(record.items):
            digits = item.hs if item.hs.isdigit() else "".join(char for char in item.hs if char.isdigit())
            if not digits:
                return Unmet(
                    Text(f"第 {at + 1} 项没有税则号列", f"Item {at + 1} states no commodity code"), f"items.{at}.hs"
                )
            known = len(digits) >= codes.HEADING and codes.on_day("hs", digits, codes.day_of(record, found), found).verdict != "unknown"
            if not known:
                return Unmet(
                    Text(f"第 {at + 1} 项的税则号列不在协调制度中", f"The code of item {at + 1} is not in the Harmonized System"),
                    f"items.{at}.hs",
                )
        return None


class BillOnManifest(_AtOurOffice):
    """Declaration, manifest line and bill hang together, or goods pass that nobody carried (H7.2.1a1)."""

    code = "DEC-BILL-ON-MANIFEST"
    title = Text("提运单在舱单中", "Bill stands on a manifest")

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The consignments that mention the bills."""
        return [Need(CONSIGNMENT, ref=bill) for bill in record.bills]

    def wrong(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses a bill that is on no kept manifest; a later try passes once the manifest has come."""
        missing = [at for at, bill in enumerate(record.bills) if not consignments(bill, found)]
        if not missing:
            return None
        bare = _named([record.bills[at] for at in missing])
        reason = Text(f"提运单 {bare} 不在已收到的舱单中", f"The bill {bare} is on no manifest that was received")
        return Unmet(reason, f"bills.{missing[0]}", record.bills[missing[0]])


class ContainerOnBill(_AtOurOffice):
    """A box is released by the bill that it came under."""

    code = "DEC-CONTAINER-ON-BILL"
    title = Text("集装箱属于所引提运单", "Container stands under a bill cited")

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The consignments that mention the bills."""
        return [Need(CONSIGNMENT, ref=bill) for bill in record.bills]

    def wrong(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses a container that stands on none of the consignments of the bills cited; waits for those first."""
        lines = [line for bill in record.bills for line in consignments(bill, found)]
        if not record.bills or any(not consignments(bill, found) for bill in record.bills):
            return None
        carried = {container for line in lines for container in line.containers}
        missing = [at for at, box in enumerate(record.containers) if box not in carried]
        if not missing:
            return None
        bare = _named([record.containers[at] for at in missing])
        reason = Text(f"集装箱 {bare} 不在所引提运单下", f"The container {bare} is under none of the bills cited")
        return Unmet(reason, f"containers.{missing[0]}", record.containers[missing[0]])


class ContainerDigit(_AtOurOffice):
    """A box that is released must be one that exists."""

    code = "DEC-CONTAINER-DIGIT"
    title = Text("箱号校验位", "Container check digit")
    clause = "ISO 6346"

    def wrong(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses the first container whose number fails its check."""
        return next((Unmet(reason, field, ref) for field, ref, reason in doubts(record, "container")), None)


class IdentifiersElsewhere(Rule):
    """Identifiers that fail their check are kept, with a warning, where this port's office does not decide."""

    code = "DEC-IDENTIFIERS"
    at = "filing"
    of = Declaration.facts.name
    title = Text("标识校验", "Check of identifiers")
    clause = "ISO 6346"
    severity = "warn"
    owner = "trader"

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Warns of the first reference that fails; containers at our office are judged by DEC-CONTAINER-DIGIT."""
        but = "container" if ours(record, found) else ""
        return next((Unmet(why, field, ref) for field, ref, why in doubts(record, but=but)), None)


class OtherOffice(Rule):
    """Who files here for another office learns that nobody here will release it."""

    code = "DEC-OTHER-OFFICE"
    at = "filing"
    of = Declaration.facts.name
    title = Text("申报海关不是本口岸", "Another office than this port's")
    clause = "HS/T 82 7.2.1 a) 1)"
    severity = "warn"
    owner = "trader"

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Warns that only the structure was looked at."""
        if ours(record, found):
            return None
        office = found.site.get("office", "")
        reason = Text(
            f"申报海关不是本口岸海关（{office}），仅校验结构", f"Not for this port's office ({office}): only its structure was checked"
        )
        return Unmet(reason, "office")


class DeclaredLine(Rule):
    """What is declared under a bill was carried under it; a carrier who takes it back has the declaration amended first."""

    code = "MAN-DECLARED"
    at = "filing"
    of = CONSIGNMENT
    title = Text("已申报的舱单分单", "Line that is declared")
    clause = "HS/T 82 7.2.1 a) 1)"
    severity = "refuse"
    owner = "carrier"

    def needs(self, record: Consignment, filer: str) -> Iterable[Need]:
        """The declarations that cite the bill."""
        return [Need(DECLARATION, ref=record.bill)]

    def judge(self, record: Consignment, found: Found) -> Unmet | None:
        """Refuses to withdraw a line, or to take a box off it, that a declaration at this office rests on."""
        for kept in found.of(Need(DECLARATION, ref=record.bill)):
            data = kept.data
            if not isinstance(data, Declaration) or kept.state in CLOSED or not ours(data, found) or record.bill not in data.bills:
                continue
            if not record.stands:
                reason = Text("提运单 {bill} 已申报，不能撤回", "The bill {bill} is declared and is not withdrawn")
                return Unmet(reason.fill(bill=_named([record.bill])), "status", kept.ref)
            gone = [box for box in data.containers if box not in record.containers]
            if gone and len(data.bills) == 1:
                reason = Text("集装箱 {boxes} 已申报，不能从提运单删除", "The container {boxes} is declared and is not taken off its bill")
                return Unmet(reason.fill(boxes=_named(gone)), "containers", kept.ref)
        return None


def consignments(bill: str, found: Found) -> Sequence[Consignment]:
    """The kept manifest lines of a bill, as house or master bill."""
    kept = (one.data for one in found.of(Need(CONSIGNMENT, ref=bill)))
    lines = (line for line in kept if isinstance(line, Consignment) and line.stands)
    return [line for line in lines if bill in (line.bill, line.master_bill)]


def _named(refs: Sequence[str]) -> str:
    shown = ", ".join(ref.partition(":")[2] for ref in refs[:NAMED])
    return f"{shown} … (+{len(refs) - NAMED})" if len(refs) > NAMED else shown
