"""A goods declaration to bytes, valid by the model that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.wco import faults, model
from kouan.base.exchange.codecs.wco.reader import check
from kouan.base.exchange.codecs.wco.tree import DECLARATION_SPACE, METADATA_SPACE
from kouan.base.exchange.codecs.wco.validate import DATE_SPACE

Child = tuple[str, Any]
"""Name and content: text, number, moment, Amount, (number, unit), a list of children, or None for nothing."""


def write(declaration: model.GoodsDeclaration) -> bytes:
    """The message, UTF-8, in its MetaData wrapper. Raises CodecError where a value does not fit the model."""
    root = etree.Element(f"{{{METADATA_SPACE}}}MetaData", nsmap={"md": METADATA_SPACE, "ds": DATE_SPACE})
    for name, value in (("WCODataModelVersionCode", "3.6"), ("WCOTypeName", "DEC")):
        etree.SubElement(root, f"{{{METADATA_SPACE}}}{name}").text = value
    inner = etree.SubElement(root, f"{{{DECLARATION_SPACE}}}Declaration", nsmap={"dec": DECLARATION_SPACE})
    Pen(DECLARATION_SPACE, DATE_SPACE).add(inner, _declaration(declaration))
    etree.indent(root)
    body = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    problems = check(body)
    if problems:
        raise CodecError(problems)
    return body


class Pen:
    """Puts children below elements of one namespace, dates in another."""

    def __init__(self, space: str, dates: str) -> None:
        self._space, self._dates = space, dates

    def add(self, parent: etree._Element, children: Iterable[Child]) -> None:
        """Children in order; what is nothing is left out. Raises CodecError for text that XML cannot hold."""
        for name, content in children:
            if content is None or content == "" or content == []:
                continue
            child = etree.SubElement(parent, f"{{{self._space}}}{name}")
            try:
                self._fill(child, content)
            except ValueError:
                raise faults.UNWRITABLE.error("", name, found=str(content)) from None

    def _fill(self, child: etree._Element, content: Any) -> None:
        match content:
            case list():
                self.add(child, content)
            case datetime():
                inner = etree.SubElement(child, f"{{{self._dates}}}DateTimeString", formatCode="304")
                inner.text = content.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")
            case model.Amount():
                child.text = _number(content.value)
                if content.currency:
                    child.set("currencyID", content.currency)
            case (value, unit):
                child.text = _number(value)
                if unit:
                    child.set("unitCode", unit)
            case Decimal() | int():
                child.text = _number(content)
            case _:
                child.text = str(content)


def _number(value: Decimal | int) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _declaration(d: model.GoodsDeclaration) -> list[Child]:
    return [
        ("AcceptanceDateTime", d.accepted), ("FunctionCode", d.function_code),
        ("FunctionalReferenceID", d.functional_reference), ("ID", d.id), ("IssueDateTime", d.issued),
        ("TypeCode", d.type_code), ("GoodsItemQuantity", d.total_items),
        ("DeclarationOfficeID", d.declaration_office), ("InvoiceAmount", d.invoice),
        ("TotalGrossMassMeasure", d.total_gross_kg), ("TotalPackageQuantity", d.total_packages),
        ("Submitter", _party(d.submitter)),
        *_documents("AdditionalDocument", d.documents),
        *(("AdditionalInformation", _statement(s)) for s in d.statements),
        ("Agent", _agent(d.agent)),
        *(("Amendment", _change(c)) for c in d.changes),
        *(("AuthorisationHolder", [("ID", a.id), ("CategoryCode", a.code)]) for a in d.authorisations),
        ("BorderTransportMeans", _transport(d.border_transport)),
        ("Consignment", [("Carrier", _party(d.carrier))] if d.carrier else None),
        *(("CurrencyExchange", [("CurrencyTypeCode", c), ("RateNumeric", r)]) for c, r in d.rates),
        ("Declarant", _party(d.declarant)),
        ("ExitOffice", _office(d.exit_office)),
        ("Exporter", _party(d.exporter)),
        ("GoodsShipment", _shipment(d)),
        *(("ObligationGuarantee", _guarantee(g)) for g in d.guarantees),
        ("PresentationOffice", _office(d.presentation_office)),
        ("SupervisingOffice", _office(d.supervising_office)),
    ]


def _shipment(d: model.GoodsDeclaration) -> list[Child] | None:
    parts: list[Child] = [
        ("TransactionNatureCode", d.transaction_nature),
        ("Buyer", _party(d.buyer)),
        ("Consignee", _party(d.consignee)),
        ("Consignment", _consignment(d)),
        ("Consignor", _party(d.consignor)),
        ("CustomsValuation", [("FreightChargeAmount", d.freight)] if d.freight else None),
        ("Destination", [("CountryCode", d.destination)] if d.destination else None),
        ("ExportCountry", [("ID", d.export_country)] if d.export_country else None),
        *(("GovernmentAgencyGoodsItem", _item(item)) for item in d.items),
        ("Importer", _party(d.importer)),
        ("Invoice", [("ID", d.invoice_id)] if d.invoice_id else None),
        *_documents("PreviousDocument", d.previous_documents),
        ("Seller", _party(d.seller)),
        ("TradeTerms", _terms(d.terms)),
        ("UCR", _ucr(d.ucr, d.trader_reference)),
        ("Warehouse", [("ID", d.warehouse.id), ("TypeCode", d.warehouse.code)] if d.warehouse else None),
    ]
    return _some(parts)


def _consignment(d: model.GoodsDeclaration) -> list[Child] | None:
    contained = None if d.containerised is None else "1" if d.containerised else "0"
    return _some([
        ("ContainerCode", contained),
        ("ArrivalTransportMeans", _transport(d.arrival_transport)),
        ("DepartureTransportMeans", _transport(d.departure_transport)),
        ("GoodsLocation", _location(d.goods_location)),
        ("LoadingLocation", _location(d.loading_location)),
        *(("TransportEquipment", _container(c)) for c in d.containers),
    ])


def _some(parts: list[Child]) -> list[Child] | None:
    return parts if any(content not in (None, "", []) for _, content in parts) else None


def _party(party: model.Party | None) -> list[Child] | None:
    if party is None:
        return None
    return [("Name", party.name), ("ID", party.id), ("Address", _address(party.address))]


def _agent(party: model.Party | None) -> list[Child] | None:
    if party is None:
        return None
    address = ("Address", _address(party.address))
    return [("Name", party.name), ("ID", party.id), ("FunctionCode", party.status), address]


def _address(at: model.Address | None) -> list[Child] | None:
    if at is None:
        return None
    return [
        ("CityName", at.city), ("CountryCode", at.country), ("CountrySubDivisionCode", at.subdivision),
        ("CountrySubDivisionName", at.subdivision_name), ("Line", at.line), ("PostcodeID", at.postcode),
    ]


def _office(identity: str) -> list[Child] | None:
    return [("ID", identity)] if identity else None


def _documents(name: str, documents: Sequence[model.Document]) -> Iterable[Child]:
    for d in documents:
        taken = None if d.written_off is None else [("QuantityQuantity", (d.written_off, d.unit))]
        yield name, [("CategoryCode", d.category), ("ID", d.id), ("Name", d.name), ("TypeCode", d.type),
                     ("LPCOExemptionCode", d.status), ("WriteOff", taken), ("LineNumeric", d.line)]


def _statement(s: model.Statement) -> list[Child]:
    return [("StatementCode", s.code), ("StatementDescription", s.text), ("StatementTypeCode", s.type)]


def _change(change: model.Change) -> list[Child]:
    pointers: list[Child] = [
        ("Pointer", [("SequenceNumeric", n), ("DocumentSectionCode", section), ("TagID", tag)])
        for n, section, tag in change.pointers
    ]
    return [("ChangeReasonCode", change.reason), *pointers]


def _transport(t: model.Transport | None) -> list[Child] | None:
    if t is None:
        return None
    return [
        ("Name", t.name), ("ID", t.id), ("IdentificationTypeCode", t.id_type), ("TypeCode", t.type),
        ("RegistrationNationalityCode", t.nationality), ("ModeCode", t.mode),
    ]


def _container(c: model.Container) -> list[Child]:
    seals: list[Child] = [("Seal", [("SequenceNumeric", n), ("ID", s)]) for n, s in enumerate(c.seals, 1)]
    return [("SequenceNumeric", c.sequence), ("ID", c.id), *seals]


def _location(at: model.Location | None) -> list[Child] | None:
    if at is None:
        return None
    address = [("TypeCode", at.qualifier), ("CountryCode", at.country)] if at.qualifier or at.country else None
    return [("Name", at.name), ("ID", at.id), ("TypeCode", at.type), ("Address", address)]


def _terms(terms: model.Terms | None) -> list[Child] | None:
    if terms is None:
        return None
    place = ("LocationName", terms.location_name)
    return [("ConditionCode", terms.condition), ("LocationID", terms.location), place]


def _ucr(identity: str, reference: str) -> list[Child] | None:
    return [("ID", identity), ("TraderAssignedReferenceID", reference)] if identity or reference else None


def _guarantee(g: model.Guarantee) -> list[Child]:
    return [
        ("AmountAmount", g.amount), ("ID", g.id), ("ReferenceID", g.reference), ("SecurityDetailsCode", g.type),
    ]


def _item(item: model.Item) -> list[Child]:
    return [
        ("CustomsValueAmount", item.customs_value), ("SequenceNumeric", item.sequence),
        ("StatisticalValueAmount", item.statistical_value), ("TransactionNatureCode", item.transaction_nature),
        *_documents("AdditionalDocument", item.documents),
        *(("AdditionalInformation", _statement(s)) for s in item.statements),
        ("Buyer", _party(item.buyer)),
        ("Commodity", _commodity(item)),
        ("Consignee", _party(item.consignee)),
        ("Consignor", _party(item.consignor)),
        ("CustomsValuation", [("MethodCode", item.valuation_method)] if item.valuation_method else None),
        ("Destination", [("CountryCode", item.destination)] if item.destination else None),
        ("ExportCountry", [("ID", item.export_country)] if item.export_country else None),
        *(("GovernmentProcedure", [("CurrentCode", p.current), ("PreviousCode", p.previous)])
          for p in item.procedures),
        *(("Origin", [("CountryCode", o.country), ("RegionID", o.region), ("TypeCode", o.type)])
          for o in item.origins),
        *(("Packaging", _package(p)) for p in item.packages),
        *_documents("PreviousDocument", item.previous_documents),
        ("Seller", _party(item.seller)),
        ("UCR", _ucr(item.ucr, item.trader_reference)),
    ]


def _package(p: model.Package) -> list[Child]:
    return [
        ("SequenceNumeric", p.sequence), ("MarksNumbersID", p.marks), ("QuantityQuantity", p.quantity),
        ("TypeCode", p.type), ("VolumeMeasure", p.volume_m3),
    ]


def _commodity(item: model.Item) -> list[Child] | None:
    quantity = None if item.supplementary is None else (item.supplementary, item.supplementary_unit)
    goods = _some([
        ("GrossMassMeasure", item.gross_kg), ("NetNetWeightMeasure", item.net_kg), ("TariffQuantity", quantity),
    ])
    return _some([
        ("Description", item.description),
        *(("Classification", [("ID", c.id), ("IdentificationTypeCode", c.type)]) for c in item.classifications),
        *(("DangerousGoods", [("UNDGID", number)]) for number in item.un_numbers),
        *(("DutyTaxFee", _duty(duty)) for duty in item.duties),
        ("GoodsMeasure", goods),
        ("InvoiceLine", [("ItemChargeAmount", item.invoice)] if item.invoice else None),
        *(("TransportEquipment", [("SequenceNumeric", n), ("ID", c)]) for n, c in enumerate(item.containers, 1)),
    ])


def _duty(duty: model.Duty) -> list[Child]:
    payment = _some([
        ("MethodCode", duty.method), ("TaxAssessedAmount", duty.assessed), ("PaymentAmount", duty.payable),
    ])
    return [
        ("DutyRegimeCode", duty.regime), ("TaxRateNumeric", duty.rate), ("TypeCode", duty.type),
        ("QuotaOrderID", duty.quota), ("Payment", payment),
    ]
