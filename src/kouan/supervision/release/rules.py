"""What must hold before goods are released, each with who can make it hold and until when (at = release).

The reasons are read by the declarant too: they name what is missing, never why goods were selected.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment, Manifest
from kouan.base.portcall.api import PortCall
from kouan.kernel.clock import local
from kouan.kernel.references import make
from kouan.kernel.rules import Found, Kept, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.supervision.inspection.api import AGENCIES, CLASSES, WAITING, InspectionOrder
from kouan.supervision.release.lifecycle import AMENDABLE, STATES
from kouan.supervision.targeting.api import Assessment, content_of

DECLARATION = Declaration.facts.name
ASSESSMENT = Assessment.facts.name
ORDER = InspectionOrder.facts.name
CALL = PortCall.facts.name
CONSIGNMENT = Consignment.facts.name
MANIFEST = Manifest.facts.name
CLAUSE = "HS/T 82 9.1.6 c)"
BEFORE, AFTER = timedelta(days=30), timedelta(days=60)
CALLS = 30
OFFICE = "REL-OFFICE"
INSPECTION = "REL-INSPECTED"


class OwnOffice(Rule):
    """Only the office that a declaration names decides on it (WCO Data Model, DeclarationOfficeID)."""

    code = "ASS-OFFICE"
    at = "assess"
    of = DECLARATION
    title = Text("申报海关为本口岸", "Declared at this port's office")
    clause = CLAUSE
    severity = "refuse"
    owner = "customs"

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses to decide for another office."""
        return elsewhere(record, found)


class OfficeOfRelease(OwnOffice):
    """Goods are released by the office at which they were declared."""

    code = OFFICE
    at = "release"


class Assessed(Rule):
    """Nothing is released that was not assessed as it stands now."""

    code = "REL-ASSESSED"
    at = "release"
    of = DECLARATION
    title = Text("已完成风险评估", "Assessed")
    clause = CLAUSE
    severity = "hold"
    owner = "customs"
    within = timedelta(minutes=30)

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The assessments of the declaration."""
        return (Need(ASSESSMENT, ref=ref_of(record, filer)),)

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Unmet until an assessment of this very content is kept."""
        if assessment_of(record, found) is not None:
            return None
        return Unmet(Text("海关尚未完成审核", "Customs has not assessed the declaration yet"))


class Inspected(Rule):
    """Goods that are selected leave after one visit of all agencies, if its class is release."""

    code = INSPECTION
    at = "release"
    of = DECLARATION
    title = Text("无需查验，或联合查验已通过", "Not selected, or the joint inspection released it")
    clause = "HS/T 82 9.2.1 b) 1)"
    severity = "hold"
    owner = "customs"
    within = timedelta(hours=24)

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The assessments and the inspection orders of the declaration."""
        ref = ref_of(record, filer)
        return (Need(ASSESSMENT, ref=ref), Need(ORDER, ref=ref))

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Unmet while a visit is planned or waits for results, or when the last one's class is not release."""
        order = order_of(record, found)
        if order is None:
            assessment = assessment_of(record, found)
            if assessment is None or assessment.outcome == "green":
                return None
            return Unmet(Text("已选定联合查验，正在安排", "Selected for joint inspection; the visit is being planned"))
        if order.state != "finished":
            return Unmet(planned(order, found.site.get("zone", "UTC")), ref=order.ref)
        assert isinstance(order.data, InspectionOrder)
        result = order.data.result
        if result == "release":
            return None
        title = CLASSES[result or "detain"]
        reason = Text(f"联合查验结果：{title.zh}", f"The joint inspection's class: {title.en.lower()}")
        return Unmet(reason, ref=order.ref)


class CallAccepted(Rule):
    """Cargo of a ship is released when customs has accepted the ship's call, where that call is known."""

    code = "REL-CALL"
    at = "release"
    of = DECLARATION
    title = Text("运载船舶的口岸动态已获海关接受", "The carrying ship's call is accepted by customs")
    clause = CLAUSE
    severity = "hold"
    owner = "customs"
    within = timedelta(hours=12)

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The calls of the ship, and the manifest lines of the bills, which lead to its voyage."""
        return (calls_wanted(record.vessel), *bills_wanted(record)) if record.vessel else ()

    def further(self, record: Declaration, found: Found) -> Iterable[Need]:
        """The manifests of these lines."""
        return manifests_wanted(record, found) if record.vessel else ()

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Unmet when the ship's calls at this port are known and customs has accepted none of them."""
        calls = calls_of(record, found)
        if not calls or any(call.tracks["customs"]["state"] == "accepted" for call in calls):
            return None
        assert isinstance(calls[0].data, PortCall)
        reason = Text("船舶 {ship} 的口岸动态尚未获海关接受", "Customs has not accepted the call of {ship} yet")
        return Unmet(reason.fill(ship=calls[0].data.ship_name), "vessel", calls[0].ref)


class OnManifest(Rule):
    """What is released was carried: each bill cited stands on a manifest."""

    code = "REL-MANIFEST"
    at = "release"
    of = DECLARATION
    title = Text("提运单在舱单中", "Bills stand on a manifest")
    clause = "HS/T 82 7.2.1 a) 1)"
    severity = "hold"
    owner = "carrier"
    within = timedelta(hours=24)

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The manifest lines of the bills."""
        return bills_wanted(record)

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Unmet for the first bill on no manifest that was received."""
        missing = next((b for b in record.bills if not standing(b, found)), None)
        if missing is None:
            return None
        reason = Text("提运单 {bill} 不在已收到的舱单中", "The bill {bill} is on no manifest that was received")
        return Unmet(reason.fill(bill=missing.partition(":")[2]), "bills", missing)


class AmendableState(Rule):
    """What was targeted, inspected, held, released or cancelled is not changed any more by its declarant."""

    code = "DEC-AMENDABLE"
    at = "filing"
    of = DECLARATION
    title = Text("仍可修改", "May still be amended")
    clause = CLAUSE
    severity = "refuse"
    owner = "trader"

    def needs(self, record: Declaration, filer: str) -> Iterable[Need]:
        """The declaration as it is kept, when this is an amendment."""
        return (Need(DECLARATION, key=record.key(filer)),)

    def judge(self, record: Declaration, found: Found) -> Unmet | None:
        """Refuses an amendment of a declaration that customs has begun to decide on."""
        kept = next(iter(found.of(Need(DECLARATION, key=record.key(found.filer)))), None)
        if kept is None or kept.state in AMENDABLE:
            return None
        state = STATES[kept.state]
        return Unmet(Text(f"报关单{state.zh}，不能再修改", f"The declaration is {state.en.lower()} and is not amended any more"))


def ref_of(record: Declaration, filer: str) -> str:
    """The reference of a declaration, out of its content and filer."""
    return make(Declaration.facts.ref, record.key(filer).replace("|", "/"))


def elsewhere(record: Declaration, found: Found) -> Unmet | None:
    """Says which office decides when it is not this port's; None when it is."""
    if record.office is not None and record.office == found.site.get("office"):
        return None
    if not record.office:
        return Unmet(Text("报关单未写明申报海关，本口岸不受理", "The declaration names no customs office; none here decides on it"))
    reason = Text("申报海关为 {office}，由该海关决定", "Declared at office {office}, which decides on it")
    return Unmet(reason.fill(office=record.office), "office")


def assessment_of(record: Declaration, found: Found) -> Assessment | None:
    """The assessment of a declaration's present content."""
    kept = (one.data for one in found.of(Need(ASSESSMENT, ref=ref_of(record, found.filer))))
    digest = content_of(record)
    return next((one for one in kept if isinstance(one, Assessment) and one.content == digest), None)


def order_of(record: Declaration, found: Found) -> Kept | None:
    """The last inspection order of a declaration."""
    ref = ref_of(record, found.filer)
    orders = found.of(Need(ORDER, ref=ref))
    return next((o for o in orders if isinstance(o.data, InspectionOrder) and o.data.declaration == ref), None)


def calls_wanted(vessel: str) -> Need:
    """The last calls of a ship."""
    return Need(CALL, ref=vessel, most=CALLS)


def bills_wanted(record: Declaration) -> list[Need]:
    """The manifest lines of the bills that a declaration cites."""
    return [Need(CONSIGNMENT, ref=bill) for bill in record.bills]


def standing(bill: str, found: Found) -> list[Consignment]:
    """The manifest lines that mention a bill and were not withdrawn by their carrier."""
    return [kept.data for kept in found.of(Need(CONSIGNMENT, ref=bill)) if isinstance(kept.data, Consignment) and kept.data.stands]


def manifests_wanted(record: Declaration, found: Found) -> list[Need]:
    """The manifests on which these bills stand."""
    lines = (kept.data for need in bills_wanted(record) for kept in found.of(need))
    return [Need(MANIFEST, ref=ref) for ref in dict.fromkeys(line.manifest for line in lines if isinstance(line, Consignment))]


def voyages_of(record: Declaration, found: Found) -> set[str]:
    """The voyages of the manifests on which a declaration's bills stand, of the same ship."""
    heads = (kept.data for need in manifests_wanted(record, found) for kept in found.of(need))
    return {head.voyage for head in heads if isinstance(head, Manifest) and head.voyage and head.vessel == record.vessel}


def calls_of(record: Declaration, found: Found) -> list[Kept]:
    """The calls here of the ship that carries the goods, newest first.

    The carrier's manifest decides on the voyage. Where no manifest does, the call is of the voyage that the declarant states or,
    where none is known of it, any near in time: a wrong voyage must not lead round the rule.
    """
    if not record.vessel:
        return []
    here = [
        (kept, kept.data)
        for kept in found.of(calls_wanted(record.vessel))
        if isinstance(kept.data, PortCall) and kept.data.port == found.site.get("code")
    ]
    if voyages := voyages_of(record, found):
        return [kept for kept, call in here if call.voyage in voyages]
    of_voyage = [kept for kept, call in here if record.voyage and call.voyage == record.voyage]
    near = [kept for kept, call in here if found.at - BEFORE <= call.eta <= found.at + AFTER]
    return of_voyage or near


def planned(order: Kept, zone: str) -> Text:
    """The public notice of a visit: which order, when, and whose results are waited for."""
    assert isinstance(order.data, InspectionOrder)
    at = order.data.planned_at
    waited = [title for kind, title in AGENCIES.items() if order.tracks[kind]["state"] == WAITING]
    when = (f"，计划 {local(at, zone)}", f", planned {local(at, zone)}") if at else ("", "")
    return Text(
        f"已选定联合查验：{order.data.number}{when[0]}，等待{'、'.join(t.zh for t in waited)}结果",
        f"Selected for joint inspection: {order.data.number}{when[1]}; result awaited of "
        + ", ".join(t.en.lower() for t in waited),
    )
