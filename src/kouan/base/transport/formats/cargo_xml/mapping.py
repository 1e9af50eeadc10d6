"""An air waybill or house waybill message as a transport document; what has no field of its own is kept as stated."""

from __future__ import annotations

from typing import Any

from lxml import etree

from kouan.base.transport.formats.cargo_xml.goods import goods, units
from kouan.base.transport.formats.cargo_xml.money import charges
from kouan.base.transport.formats.cargo_xml.tree import Tree
from kouan.base.transport.formats.cargo_xml.values import MASS, VOLUME, day, flag, measure, moment, whole
from kouan.standards.identifiers.api import awb

PARTIES = {
    "ConsignorParty": "shipper", "ConsigneeParty": "consignee", "FreightForwarderParty": "forwarder", "AssociatedParty": "notify",
    "NotifyParty": "notify", "CarrierParty": "carrier",
}  # fmt: skip
LEVELS = {"740": "direct", "741": "master", "703": "house"}
HEADER, BUSINESS = "MessageHeaderDocument", "BusinessHeaderDocument"
Values = dict[str, Any]


def waybill(tree: Tree) -> Values:
    """The document of an XFWB: a direct or master air waybill."""
    root = tree.root
    consignment = tree.one(root, "MasterConsignment")
    kind = tree.one(root, f"{HEADER}/TypeCode")
    level = LEVELS.get(_text(kind), "")
    if level in ("direct", "master"):
        tree.text(kind)
    found = _common(tree, consignment)
    found.pop("issuer", None)
    number = tree.text(root, f"{BUSINESS}/ID", most=100)
    return _with(found, {
        "number": number, "issuer_code": number[:3], "issuer": awb.AIRLINES.get(number[:3]),
        "level": level if level in ("direct", "master") else "direct",
        "goods": goods(tree, consignment), "units": units(tree, consignment),
        "houses": tree.texts(consignment, "IncludedHouseConsignment/ID", most=100),
    })  # fmt: skip


def house(tree: Tree, consignment: etree._Element) -> Values:
    """The document of one house consignment of an XFZB."""
    root = tree.root
    tree.text(root, f"{HEADER}/TypeCode")
    master = tree.one(root, "MasterConsignment")
    found = _common(tree, consignment)
    # A house's own number stands in the business header too.
    number = tree.text(consignment, "ID", most=100) or tree.text(root, f"{BUSINESS}/ID", most=100)
    if tree.text(root, f"{BUSINESS}/ID", most=100) not in ("", number):
        found["stated"] = [*found.get("stated", ()), {"path": f"/{BUSINESS}/ID", "value": tree.text(root, f"{BUSINESS}/ID", most=100)}]
    return _with(found, {
        "number": number, "level": "house",
        "master": tree.text(master, "TransportContractDocument/ID", most=100),
        "master_pieces": whole(tree, master, "TotalPieceQuantity"),
        "master_gross_kg": measure(tree, master, "IncludedTareGrossWeightMeasure", MASS),
        "goods": goods(tree, consignment), "units": units(tree, consignment),
    })  # fmt: skip


def _common(tree: Tree, consignment: etree._Element | None) -> Values:
    """What both messages state in the same way."""
    root = tree.root
    carrier = tree.one(root, f"{BUSINESS}/SignatoryCarrierAuthentication")
    # The day is a field; the time, which has no zone, is kept as stated.
    signed = day(_text(tree.one(carrier, "ActualDateTime")))
    stages = _stages(tree, consignment)
    names = [tree.text(root, f"{BUSINESS}/{who}/Signatory", most=200) for who in _SIGNING]
    found = _with({"form": "awb"}, {
        "message": tree.text(root, f"{HEADER}/ID", most=120),
        "issued_on": signed or day(_text(tree.one(root, f"{HEADER}/IssueDateTime"))),
        "issued_at": tree.text(carrier, "IssueAuthenticationLocation/Name", most=100),
        "signatories": [name for name in names if name],
        "origin": tree.text(consignment, "OriginLocation/ID", most=35),
        "destination": tree.text(consignment, "FinalDestinationLocation/ID", most=35),
        "receipt": tree.text(consignment, "OriginLocation/Name", most=70),
        "delivery": tree.text(consignment, "FinalDestinationLocation/Name", most=70),
        "stages": stages, "departs": next((s["departs"] for s in stages if "departs" in s), None),
        "arrives": next((s["arrives"] for s in reversed(stages) if "arrives" in s), None),
        "pieces": whole(tree, consignment, "TotalPieceQuantity"), "packages": whole(tree, consignment, "PackageQuantity"),
        "gross_kg": measure(tree, consignment, "IncludedTareGrossWeightMeasure", MASS),
        "volume_m3": measure(tree, consignment, "GrossVolumeMeasure", VOLUME),
        "prepaid": flag(tree, consignment, "TotalChargePrepaidIndicator"), "charges": charges(tree, consignment),
        "instructions": _instructions(tree, consignment), "customs_notes": _notes(tree, consignment),
    })  # fmt: skip
    return found | _parties(tree, consignment)


_SIGNING = ("SignatoryConsignorAuthentication", "SignatoryCarrierAuthentication")


def _parties(tree: Tree, consignment: etree._Element | None) -> Values:
    parties: list[Values] = []
    contacts: list[Values] = []
    for element in consignment if consignment is not None else ():
        role = PARTIES.get(etree.QName(element).localname)
        if role is not None:
            parties.append(_party(tree, element, role))
            contacts += [one for c in tree.all(element, "DefinedTradeContact") if len(one := _contact(tree, c, role)) > 1]
    named = {party["role"]: party for party in reversed(parties)}
    return _with({}, {
        "parties": [party for party in parties if len(party) > 1], "contacts": contacts,
        **{role: named.get(role, {}).get("name") for role in ("shipper", "consignee")},
        "issuer": named.get("forwarder", {}).get("name", "")[:200],
    })  # fmt: skip


def _party(tree: Tree, element: etree._Element, role: str) -> Values:
    address = tree.one(element, "PostalStructuredAddress|FreightForwarderAddress")
    return _with({"role": role}, {
        "name": tree.text(element, "Name", most=400), "id": tree.text(element, "PrimaryID|CargoAgentID", most=70),
        "account": tree.text(element, "AccountID", most=70), "address": tree.text(address, "StreetName", most=400),
        "city": tree.text(address, "CityName", most=100), "postcode": tree.text(address, "PostcodeCode", most=20),
        "region": tree.text(address, "CountrySubDivisionName", most=100), "country": tree.text(address, "CountryID", most=2),
    })  # fmt: skip


def _contact(tree: Tree, element: etree._Element, role: str) -> Values:
    return _with({"role": role}, {
        "name": tree.text(element, "PersonName", most=200),
        "phone": tree.text(element, "DirectTelephoneCommunication/CompleteNumber", most=50),
        "fax": tree.text(element, "FaxCommunication/CompleteNumber", most=50),
        "email": tree.text(element, "URIEmailCommunication/URIID", most=200),
    })  # fmt: skip


def _stages(tree: Tree, consignment: etree._Element | None) -> list[Values]:
    return [_stage(tree, one, at) for at, one in enumerate(tree.all(consignment, "SpecifiedLogisticsTransportMovement"), 1)]


MODE_CODES = {"1": "sea", "2": "rail", "3": "road", "4": "air"}


def _stage(tree: Tree, element: etree._Element, at: int) -> Values:
    departs, leaves = moment(tree, element, "DepartureEvent/ScheduledOccurrenceDateTime")
    arrives, comes = moment(tree, element, "ArrivalEvent/ScheduledOccurrenceDateTime")
    sequence = whole(tree, element, "SequenceNumeric")
    kind = tree.one(element, "ModeCode")
    if _text(kind) in MODE_CODES:
        tree.text(kind)
    return _with({"sequence": sequence if sequence is not None and sequence <= 999 else at, "mode": MODE_CODES.get(_text(kind), "air")}, {
        "conveyance": tree.text(element, "ID", most=70), "carrier": tree.text(element, "UsedLogisticsTransportMeans/Name", most=70),
        "origin": tree.text(element, "DepartureEvent/OccurrenceDepartureLocation/ID", most=35),
        "destination": tree.text(element, "ArrivalEvent/OccurrenceArrivalLocation/ID", most=35),
        "departs": departs, "departs_local": leaves, "arrives": arrives, "arrives_local": comes,
    })  # fmt: skip


def _instructions(tree: Tree, consignment: etree._Element | None) -> list[Values]:
    found = []
    for kind in ("SPH", "SSR", "OSI"):
        for one in tree.all(consignment, f"Handling{kind}Instructions"):
            said = {"code": tree.text(one, "DescriptionCode", most=20), "text": tree.text(one, "Description", most=2000)}
            found.append(_with({"kind": kind}, said))
    return [one for one in found if len(one) > 1]


def _notes(tree: Tree, consignment: etree._Element | None) -> list[Values]:
    return [
        _with({}, {
            "country": tree.text(one, "CountryID", most=2), "subject": tree.text(one, "SubjectCode", most=10),
            "code": tree.text(one, "ContentCode", most=10), "text": tree.text(one, "Content", most=2000),
        })
        for one in tree.all(consignment, "IncludedCustomsNote")
    ]  # fmt: skip


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _with(base: Values, more: Values) -> Values:
    """Both together, without what is not stated."""
    return {**base, **{key: value for key, value in more.items() if value not in (None, "", [])}}
