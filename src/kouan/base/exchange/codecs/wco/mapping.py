"""The values of a valid document to `GoodsDeclaration`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from kouan.base.exchange.codecs.wco import model
from kouan.base.exchange.codecs.wco.validate import Values

_NONE: Values = {}
_T = TypeVar("_T")


def declaration(values: Values) -> model.GoodsDeclaration:
    """The declaration. `values` come from a document without problems."""
    get = values.get
    shipment: Values = get("GoodsShipment", _NONE)
    consignment: Values = shipment.get("Consignment", _NONE)
    warehouse, ucr = shipment.get("Warehouse"), shipment.get("UCR", _NONE)
    return model.GoodsDeclaration(
        function_code=values["FunctionCode"],
        functional_reference=get("FunctionalReferenceID", ""),
        id=get("ID", ""),
        type_code=get("TypeCode", ""),
        issued=get("IssueDateTime"),
        accepted=get("AcceptanceDateTime"),
        declaration_office=get("DeclarationOfficeID", ""),
        presentation_office=get("PresentationOffice", _NONE).get("ID", ""),
        supervising_office=get("SupervisingOffice", _NONE).get("ID", ""),
        exit_office=get("ExitOffice", _NONE).get("ID", ""),
        submitter=_party(get("Submitter")),
        declarant=_party(get("Declarant")),
        agent=_party(get("Agent")),
        importer=_party(shipment.get("Importer")),
        exporter=_party(get("Exporter")),
        consignor=_party(shipment.get("Consignor") or get("Consignment", _NONE).get("Consignor")),
        consignee=_party(shipment.get("Consignee")),
        buyer=_party(shipment.get("Buyer")),
        seller=_party(shipment.get("Seller")),
        items=_each(shipment.get("GovernmentAgencyGoodsItem"), _item),
        containers=_each(consignment.get("TransportEquipment"), _container),
        documents=_each(get("AdditionalDocument"), _document),
        previous_documents=_each(shipment.get("PreviousDocument"), _document),
        statements=_each(get("AdditionalInformation"), _statement),
        changes=_each(get("Amendment"), _change),
        authorisations=_each(get("AuthorisationHolder"), _holder),
        border_transport=_transport(get("BorderTransportMeans")),
        arrival_transport=_transport(consignment.get("ArrivalTransportMeans")),
        departure_transport=_transport(consignment.get("DepartureTransportMeans")),
        carrier=_party(get("Consignment", _NONE).get("Carrier")),
        goods_location=_location(consignment.get("GoodsLocation")),
        loading_location=_location(consignment.get("LoadingLocation")),
        containerised=consignment["ContainerCode"] == "1" if "ContainerCode" in consignment else None,
        destination=shipment.get("Destination", _NONE).get("CountryCode", ""),
        export_country=shipment.get("ExportCountry", _NONE).get("ID", ""),
        transaction_nature=shipment.get("TransactionNatureCode", ""),
        invoice=_amount(values, "InvoiceAmount"),
        invoice_id=shipment.get("Invoice", _NONE).get("ID", ""),
        freight=_amount(shipment.get("CustomsValuation", _NONE), "FreightChargeAmount"),
        terms=_terms(shipment.get("TradeTerms")),
        guarantees=_each(get("ObligationGuarantee"), _guarantee),
        rates=tuple(
            (rate.get("CurrencyTypeCode", ""), Decimal(rate["RateNumeric"]))
            for rate in get("CurrencyExchange", ()) if "RateNumeric" in rate
        ),
        total_packages=_whole(values, "TotalPackageQuantity"),
        total_gross_kg=_kilograms(values, "TotalGrossMassMeasure"),
        total_items=_whole(values, "GoodsItemQuantity"),
        ucr=ucr.get("ID", ""),
        trader_reference=ucr.get("TraderAssignedReferenceID", ""),
        warehouse=None if warehouse is None else model.Role(warehouse.get("ID", ""), warehouse.get("TypeCode", "")),
    )


def dates(values: Values) -> Iterator[tuple[Values, str]]:
    """Where dates may stand in the values of a declaration: (the element's values, name)."""
    shipment: Values = values.get("GoodsShipment", _NONE)
    yield values, "AcceptanceDateTime"
    yield values, "IssueDateTime"
    yield shipment, "ExitDateTime"
    yield shipment.get("Invoice", _NONE), "IssueDateTime"
    for item in shipment.get("GovernmentAgencyGoodsItem", ()):
        for document in item.get("AdditionalDocument", ()):
            yield document, "EffectiveDateTime"


def dated(values: Values, moment: Callable[[str], datetime | None]) -> Values:
    """The values with their dates as moments."""
    for holder, name in dates(values):
        if name in holder:
            holder[name] = moment(holder[name])
    return values


def _each(found: Sequence[Values] | None, make: Callable[[Values], _T]) -> tuple[_T, ...]:
    return tuple([make(values) for values in found]) if found else ()


def _whole(values: Values, name: str) -> int | None:
    text = values.get(name)
    return None if text is None else int(Decimal(text))


def _decimal(values: Values, name: str) -> Decimal | None:
    text = values.get(name)
    return None if text is None else Decimal(text)


_KILOGRAMS = {"KGM": Decimal(1), "TNE": Decimal(1000), "GRM": Decimal("0.001"), "LBR": Decimal("0.45359237")}


def _kilograms(values: Values, name: str) -> Decimal | None:
    """A mass; the model implies kilograms, and a unitCode may say another unit."""
    text = values.get(name)
    return None if text is None else Decimal(text) * _KILOGRAMS.get(values.get(f"{name}@unitCode", "KGM"), Decimal(1))


def _amount(values: Values, name: str) -> model.Amount | None:
    text = values.get(name)
    return None if text is None else model.Amount(Decimal(text), values.get(f"{name}@currencyID", ""))


def _party(values: Values | None) -> model.Party | None:
    if values is None:
        return None
    get = values.get
    at = get("Address")
    address = None if at is None else model.Address(
        at.get("Line", ""), at.get("CityName", ""), at.get("PostcodeID", ""), at.get("CountryCode", ""),
        at.get("CountrySubDivisionCode", ""), at.get("CountrySubDivisionName", ""),
    )
    return model.Party(get("ID", ""), get("Name", ""), address, get("FunctionCode", ""))


def _document(values: Values) -> model.Document:
    get = values.get
    taken: Values = get("WriteOff", _NONE)
    return model.Document(
        get("ID", ""), get("TypeCode", ""), get("CategoryCode", ""), _whole(values, "LineNumeric"), get("Name", ""),
        get("LPCOExemptionCode", ""), _decimal(taken, "QuantityQuantity"), taken.get("QuantityQuantity@unitCode", ""),
    )


def _statement(values: Values) -> model.Statement:
    get = values.get
    return model.Statement(get("StatementCode", ""), get("StatementDescription", ""), get("StatementTypeCode", ""))


def _change(values: Values) -> model.Change:
    pointers = [
        (_whole(p, "SequenceNumeric"), p.get("DocumentSectionCode", ""), p.get("TagID", ""))
        for p in values.get("Pointer", ())
    ]
    return model.Change(values.get("ChangeReasonCode", ""), tuple(pointers))


def _holder(values: Values) -> model.Role:
    return model.Role(values.get("ID", ""), values.get("CategoryCode", ""))


def _transport(values: Values | None) -> model.Transport | None:
    if values is None:
        return None
    get = values.get
    return model.Transport(
        get("ID", ""), get("IdentificationTypeCode", ""), get("Name", ""), get("TypeCode", ""),
        get("RegistrationNationalityCode", ""), get("ModeCode", ""),
    )


def _container(values: Values) -> model.Container:
    seals = tuple([seal["ID"] for seal in values.get("Seal", ()) if "ID" in seal])
    return model.Container(int(Decimal(values["SequenceNumeric"])), values.get("ID", ""), seals)


def _location(values: Values | None) -> model.Location | None:
    if values is None:
        return None
    get, at = values.get, values.get("Address", _NONE)
    return model.Location(
        get("Name", ""), get("ID", ""), get("TypeCode", ""), at.get("TypeCode", ""), at.get("CountryCode", "")
    )


def _terms(values: Values | None) -> model.Terms | None:
    if values is None:
        return None
    get = values.get
    return model.Terms(get("ConditionCode", ""), get("LocationID", ""), get("LocationName", ""))


def _guarantee(values: Values) -> model.Guarantee:
    get = values.get
    amount = _amount(values, "AmountAmount")
    return model.Guarantee(get("ID", ""), get("ReferenceID", ""), get("SecurityDetailsCode", ""), amount)


def _item(values: Values) -> model.Item:
    get = values.get
    commodity: Values = get("Commodity", _NONE)
    goods: Values = commodity.get("GoodsMeasure", _NONE)
    ucr: Values = get("UCR", _NONE)
    return model.Item(
        sequence=int(Decimal(values["SequenceNumeric"])),
        description=commodity.get("Description", ""),
        classifications=_each(commodity.get("Classification"), _classification),
        un_numbers=tuple([d["UNDGID"] for d in commodity.get("DangerousGoods", ()) if d.get("UNDGID")]),
        origins=_each(get("Origin"), _origin),
        gross_kg=_kilograms(goods, "GrossMassMeasure"),
        net_kg=_kilograms(goods, "NetNetWeightMeasure"),
        supplementary=_decimal(goods, "TariffQuantity"),
        supplementary_unit=goods.get("TariffQuantity@unitCode", ""),
        invoice=_amount(commodity.get("InvoiceLine", _NONE), "ItemChargeAmount"),
        customs_value=_amount(values, "CustomsValueAmount"),
        statistical_value=_amount(values, "StatisticalValueAmount"),
        valuation_method=get("CustomsValuation", _NONE).get("MethodCode", ""),
        packages=_each(get("Packaging"), _package),
        procedures=_each(get("GovernmentProcedure"), _procedure),
        documents=_each(get("AdditionalDocument"), _document),
        previous_documents=_each(get("PreviousDocument"), _document),
        statements=_each(get("AdditionalInformation"), _statement),
        duties=_each(commodity.get("DutyTaxFee"), _duty),
        containers=tuple([e["ID"] for e in commodity.get("TransportEquipment", ()) if "ID" in e]),
        consignor=_party(get("Consignor")),
        consignee=_party(get("Consignee")),
        buyer=_party(get("Buyer")),
        seller=_party(get("Seller")),
        destination=get("Destination", _NONE).get("CountryCode", ""),
        export_country=get("ExportCountry", _NONE).get("ID", ""),
        transaction_nature=get("TransactionNatureCode", ""),
        ucr=ucr.get("ID", ""),
        trader_reference=ucr.get("TraderAssignedReferenceID", ""),
    )


def _classification(values: Values) -> model.Classification:
    return model.Classification(values.get("ID", ""), values.get("IdentificationTypeCode", ""))


def _origin(values: Values) -> model.Origin:
    return model.Origin(values.get("CountryCode", ""), values.get("TypeCode", ""), values.get("RegionID", ""))


def _package(values: Values) -> model.Package:
    sequence, quantity = int(Decimal(values["SequenceNumeric"])), _whole(values, "QuantityQuantity")
    volume = _decimal(values, "VolumeMeasure")
    return model.Package(sequence, quantity, values.get("TypeCode", ""), values.get("MarksNumbersID", ""), volume)


def _procedure(values: Values) -> model.Procedure:
    return model.Procedure(values.get("CurrentCode", ""), values.get("PreviousCode", ""))


def _duty(values: Values) -> model.Duty:
    get, payment = values.get, values.get("Payment", _NONE)
    return model.Duty(
        get("TypeCode", ""), get("DutyRegimeCode", ""), payment.get("MethodCode", ""), get("QuotaOrderID", ""),
        _decimal(values, "TaxRateNumeric"), _amount(payment, "TaxAssessedAmount"),
        _amount(payment, "PaymentAmount"),
    )
