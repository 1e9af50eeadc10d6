"""Writers of trade messages about a simulated voyage: UN/EDIFACT CUSCAR D.95B and WCO DEC 3.6 XML.

Plain text writers of the simulators' own: no parser or writer of the platform takes part. Bytes are UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from kouan_sim.traders import OFFICE, PORT, Bill, Goods, Party, Voyage

_RELEASED = str.maketrans({"?": "??", "'": "?'", "+": "?+", ":": "?:"})


def _e(text: str, longest: int = 35) -> str:
    """A component of an EDIFACT segment: cut to its length, its service signs released."""
    return text[:longest].translate(_RELEASED)


def _latin(party: Party) -> str:
    """The part of a firm's name that the character set UNOC can carry."""
    return " ".join(word for word in party.name.split() if word.isascii())


def cuscar(voyage: Voyage, at: datetime, sender: str = "SIMCARRIER") -> bytes:
    """The cargo report of a voyage (BGM 85): ship, boxes, bills of lading with parties and goods."""
    segments = [*_report_head(voyage, at), *_equipment(voyage)]
    for line, bill in enumerate(voyage.bills, 1):
        segments += _consignment(line, bill)
    reference = voyage.manifest[-14:]
    message = [f"UNH+{reference}+CUSCAR:D:95B:UN", *segments]
    message.append(f"UNT+{len(message) + 1}+{reference}")
    head = f"UNB+UNOC:3+{_e(sender)}+{PORT}+{at:%y%m%d:%H%M}+{reference}"
    lines = ["UNA:+.? ", head, *message, f"UNZ+1+{reference}"]
    return "".join(f"{line}'\r\n" for line in lines).encode("latin-1")


def _report_head(voyage: Voyage, at: datetime) -> Iterator[str]:
    yield f"BGM+85+{voyage.manifest}+9"
    yield f"DTM+137:{at:%Y%m%d%H%M}:203"
    yield f"RFF+VON:{voyage.number}"
    yield "NAD+CA+SIMCARRIER:172:166++SIM CARRIER LINES"
    ship = f"{voyage.imo}:146:11:{_e(voyage.vessel.name)}:{voyage.flag}"
    yield f"TDT+20+{voyage.number}+1++SIMC:172:166:SIM CARRIER LINES+++{ship}"
    yield f"LOC+5+{voyage.last_port}:139:6"
    yield f"LOC+60+{PORT}:139:6"
    yield f"DTM+132:{voyage.eta:%Y%m%d%H%M}:203"


def _equipment(voyage: Voyage) -> Iterator[str]:
    for box in (box for bill in voyage.bills for box in bill.boxes):
        yield f"EQD+CN+{box.number}+{box.size}:102:5++3+5"
        yield f"MEA+AAE+G+KGM:{box.gross}"
        yield f"SEL+{box.seal}+CA"


def _consignment(line: int, bill: Bill) -> Iterator[str]:
    yield f"CNI+{line}+{bill.number}"
    yield f"RFF+BM:{bill.number}"
    yield f"LOC+9+{bill.loaded}:139:6"
    yield f"LOC+11+{PORT}:139:6"
    yield _party("CZ", bill.consignor)
    yield _party("CN", bill.consignee)
    for number, goods in enumerate(bill.goods, 1):
        yield f"GID+{number}+{goods.packages}:{goods.package}"
        yield f"FTX+AAA+++{_e(goods.description, 70)}"
        yield f"PIA+5+{goods.hs}:HS"
        yield f"MEA+AAE+G+KGM:{goods.gross}"
        if goods.un:
            yield f"DGS+IMD++{goods.un}"
        yield f"PCI++{bill.number}"
        for box in bill.boxes:
            yield f"SGP+{box.number}"


def _party(role: str, party: Party) -> str:
    code = f"{party.code}:100:ZZZ" if party.code else ""
    return f"NAD+{role}+{code}++{_e(_latin(party))}+{_e(party.street)}+{_e(party.city)}+++{party.country}"


def _tag(name: str, *content: str, **attributes: str) -> str:
    marks = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{marks}>{''.join(content)}</{name}>"


def _text(name: str, value: object) -> str:
    return _tag(name, escape(str(value)))


def _firm(name: str, party: Party) -> str:
    address = _tag(
        "Address",
        _text("CityName", party.city),
        _text("CountryCode", party.country),
        _text("Line", party.street),
    )
    return _tag(name, _text("Name", party.name[:70]), _text("ID", party.code) if party.code else "", address)


def wco_declaration(
    voyage: Voyage, bill: Bill, reference: str, at: datetime, *, declarant: Party | None = None, office: str = OFFICE
) -> bytes:
    """A goods declaration (import, type IMA) for one bill of lading, at the demo port's office unless named.

    `reference` is its FunctionalReferenceID, at most 22 signs. Element order follows the WCO DEC 3.6 schema.
    """
    items = [_item(number, goods, bill) for number, goods in enumerate(bill.goods, 1)]
    total = sum(goods.gross for goods in bill.goods)
    packages = sum(goods.packages for goods in bill.goods)
    stamp = _tag("IssueDateTime", _tag("p:DateTimeString", f"{at.astimezone(UTC):%Y%m%d%H%M%S}Z", formatCode="304"))
    declaration = _tag(
        "Declaration",
        _text("FunctionCode", 9), _text("FunctionalReferenceID", reference), stamp, _text("TypeCode", "IMA"),
        _text("GoodsItemQuantity", len(items)), _text("DeclarationOfficeID", office),
        _invoice(bill), _tag("TotalGrossMassMeasure", str(total), unitCode="KGM"),
        _text("TotalPackageQuantity", packages),
        _tag("BorderTransportMeans", _text("Name", voyage.vessel.name), _text("ID", voyage.imo),
             _text("IdentificationTypeCode", "10"), _text("RegistrationNationalityCode", voyage.flag),
             _text("ModeCode", 1)),
        _firm("Declarant", declarant or bill.consignee), _firm("Exporter", bill.consignor),
        _shipment(voyage, bill, items),
    )  # fmt: skip
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<md:MetaData xmlns:md="urn:wco:datamodel:WCO:DocumentMetaData-DMS:2" '
        'xmlns="urn:wco:datamodel:WCO:DEC-DMS:2" xmlns:p="urn:wco:datamodel:WCO:Declaration_DS:DMS:2">'
        "<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>DEC</md:WCOTypeName>"
        "<md:ResponsibleCountryCode>CN</md:ResponsibleCountryCode>"
        f"{declaration}</md:MetaData>\n"
    ).encode()


def _invoice(bill: Bill) -> str:
    value = sum(goods.value for goods in bill.goods)
    return _tag("InvoiceAmount", str(value), currencyID=bill.goods[0].currency)


def _shipment(voyage: Voyage, bill: Bill, items: Iterable[str]) -> str:
    boxes = [
        _tag("TransportEquipment", _text("SequenceNumeric", number), _text("ID", box.number),
             _tag("Seal", _text("SequenceNumeric", 1), _text("ID", box.seal)))
        for number, box in enumerate(bill.boxes, 1)
    ]  # fmt: skip
    consignment = _tag(
        "Consignment", _text("ContainerCode", 1),
        _tag("ArrivalTransportMeans", _text("Name", voyage.vessel.name), _text("ID", voyage.imo),
             _text("IdentificationTypeCode", "10"), _text("ModeCode", 1)),
        _tag("LoadingLocation", _text("ID", bill.loaded)), *boxes,
    )  # fmt: skip
    return _tag(
        "GoodsShipment", _text("TransactionNatureCode", 1), _firm("Consignee", bill.consignee), consignment,
        _firm("Consignor", bill.consignor), _tag("Destination", _text("CountryCode", "CN")),
        _tag("ExportCountry", _text("ID", bill.goods[0].origin)), *items, _firm("Importer", bill.consignee),
        _tag("PreviousDocument", _text("CategoryCode", "X"), _text("ID", bill.number),
             _text("TypeCode", "705"), _text("LineNumeric", 1)),
        _tag("TradeTerms", _text("ConditionCode", "CIF"), _text("LocationID", PORT)),
    )  # fmt: skip


def _item(number: int, goods: Goods, bill: Bill) -> str:
    commodity = _tag(
        "Commodity", _text("Description", goods.description),
        _tag("Classification", _text("ID", goods.hs), _text("IdentificationTypeCode", "TSP")),
        _tag("DangerousGoods", _text("UNDGID", goods.un)) if goods.un else "",
        _tag("GoodsMeasure", _tag("GrossMassMeasure", str(goods.gross), unitCode="KGM"),
             _tag("NetNetWeightMeasure", str(goods.net), unitCode="KGM")),
        _tag("InvoiceLine", _tag("ItemChargeAmount", str(goods.value), currencyID=goods.currency)),
    )  # fmt: skip
    return _tag(
        "GovernmentAgencyGoodsItem", _text("SequenceNumeric", number),
        _tag("StatisticalValueAmount", str(goods.value), currencyID=goods.currency), commodity,
        _tag("CustomsValuation", _text("MethodCode", 1)),
        _tag("GovernmentProcedure", _text("CurrentCode", "40"), _text("PreviousCode", "00")),
        _tag("Origin", _text("CountryCode", goods.origin), _text("TypeCode", "1")),
        _tag("Packaging", _text("SequenceNumeric", 1), _text("MarksNumbersID", bill.number),
             _text("QuantityQuantity", goods.packages), _text("TypeCode", goods.package)),
    )  # fmt: skip
