"""The declaration (DEC) of WCO Data Model 3.6 in the DMS profile: what may stand where, in which order, how often.

Ours, as data: no schema of others is carried in. A test compares its verdict with the published schema's.
"""

from __future__ import annotations

from kouan.base.exchange.codecs.wco.classes import (
    AGENT,
    BORDER_MEANS,
    CARRIER,
    COMMODITY,
    CONTACTED_PARTY,
    DEDUCTION,
    DESTINATION,
    DOCUMENT,
    EXPORT_COUNTRY,
    FREIGHT,
    GOODS_LOCATION,
    GUARANTEE,
    ITEM_DOCUMENT,
    LOADING_LOCATION,
    MEANS,
    NAME,
    OFFICE,
    ORIGIN,
    PACKAGING,
    PARTY,
    POINTER,
    PREVIOUS_DOCUMENT,
    PROCEDURE,
    ROLE_PARTY,
    SEALED_EQUIPMENT,
    STATEMENT,
    TRADE_TERMS,
    TYPED_PARTY,
    UCR,
    Class,
    many,
    one,
    opt,
)
from kouan.base.exchange.codecs.wco.leaves import (
    AMOUNT,
    COUNTRY,
    DATE,
    SEQUENCE,
    alpha,
    code,
    digits,
    ident,
    measure,
    numeric,
    quantity,
    text,
)

DECLARATION_SPACE = "urn:wco:datamodel:WCO:DEC-DMS:2"
METADATA_SPACE = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"

ITEM: Class = (
    opt("CustomsValueAmount", AMOUNT), one("SequenceNumeric", SEQUENCE), opt("StatisticalValueAmount", AMOUNT),
    opt("TransactionNatureCode", digits(2)),
    many("AdditionalDocument", ITEM_DOCUMENT),
    many("AdditionalInformation", STATEMENT),
    many("AEOMutualRecognitionParty", ROLE_PARTY),
    opt("Buyer", CONTACTED_PARTY),
    opt("Commodity", COMMODITY),
    opt("Consignee", PARTY),
    opt("Consignor", PARTY),
    opt("CustomsValuation", (opt("MethodCode", code(3)), many("ChargeDeduction", DEDUCTION))),
    opt("Destination", DESTINATION),
    many("DomesticDutyTaxParty", ROLE_PARTY),
    opt("ExportCountry", EXPORT_COUNTRY),
    many("GovernmentProcedure", PROCEDURE),
    many("Origin", ORIGIN),
    many("Packaging", PACKAGING),
    many("PreviousDocument", PREVIOUS_DOCUMENT),
    opt("Seller", CONTACTED_PARTY),
    opt("UCR", UCR),
    opt("ValuationAdjustment", (opt("AdditionCode", code(4)),)),
)

SHIPMENT_CONSIGNMENT: Class = (
    opt("ContainerCode", code(3, "0", "1")),
    opt("ArrivalTransportMeans", MEANS),
    opt("DepartureTransportMeans", MEANS),
    opt("GoodsLocation", GOODS_LOCATION),
    opt("LoadingLocation", LOADING_LOCATION),
    many("TransportEquipment", SEALED_EQUIPMENT),
)

SHIPMENT: Class = (
    opt("ExitDateTime", DATE), opt("TransactionNatureCode", digits(2)),
    many("AEOMutualRecognitionParty", ROLE_PARTY),
    opt("Buyer", CONTACTED_PARTY),
    opt("Consignee", PARTY),
    opt("Consignment", SHIPMENT_CONSIGNMENT),
    opt("Consignor", PARTY),
    opt("CustomsValuation", (opt("FreightChargeAmount", AMOUNT), many("ChargeDeduction", DEDUCTION))),
    opt("Destination", DESTINATION),
    many("DomesticDutyTaxParty", ROLE_PARTY),
    opt("ExportCountry", EXPORT_COUNTRY),
    many("GovernmentAgencyGoodsItem", ITEM, 999),
    opt("Importer", CONTACTED_PARTY),
    opt("Invoice", (opt("ID", ident(70)), opt("IssueDateTime", DATE))),
    opt("Payer", PARTY),
    many("PreviousDocument", PREVIOUS_DOCUMENT),
    opt("Seller", CONTACTED_PARTY),
    opt("Surety", PARTY),
    opt("TradeTerms", TRADE_TERMS),
    opt("UCR", UCR),
    opt("Warehouse", (opt("ID", ident(35)), opt("TypeCode", code(3)))),
)

CONSIGNMENT: Class = (
    opt("Carrier", CARRIER),
    many("ConsignmentItem", (one("SequenceNumeric", SEQUENCE), opt("Consignor", TYPED_PARTY), FREIGHT), 999),
    opt("Consignor", TYPED_PARTY),
    FREIGHT,
    many("Itinerary", (one("SequenceNumeric", SEQUENCE), opt("RoutingCountryCode", COUNTRY))),
)

DECLARATION: Class = (
    opt("AcceptanceDateTime", DATE), one("FunctionCode", digits(2, "9", "13", "14")),
    opt("FunctionalReferenceID", ident(35)), opt("ID", ident(70)), opt("IssueDateTime", DATE),
    opt("IssueLocationID", ident(5)), opt("TypeCode", code(3)), opt("GoodsItemQuantity", quantity(5)),
    opt("DeclarationOfficeID", ident(17)), opt("InvoiceAmount", AMOUNT), opt("LoadingListQuantity", quantity(5)),
    opt("TotalGrossMassMeasure", measure(16, 6)), opt("TotalPackageQuantity", quantity(8)),
    opt("SpecificCircumstancesCodeCode", code(3)),
    opt("Authentication", (opt("Authentication", text(256)), opt("Authenticator", (NAME,)))),
    opt("Submitter", PARTY),
    many("AdditionalDocument", DOCUMENT),
    many("AdditionalInformation", (*STATEMENT, many("Pointer", POINTER))),
    opt("Agent", AGENT),
    many("Amendment", (opt("ChangeReasonCode", code(3)), many("Pointer", POINTER))),
    many("AuthorisationHolder", (opt("ID", ident(17)), opt("CategoryCode", code(4)))),
    opt("BorderTransportMeans", BORDER_MEANS),
    opt("Consignment", CONSIGNMENT),
    many("CurrencyExchange", (opt("CurrencyTypeCode", alpha(3)), opt("RateNumeric", numeric(12, 5)))),
    opt("Declarant", CONTACTED_PARTY),
    opt("ExitOffice", OFFICE),
    opt("Exporter", CONTACTED_PARTY),
    opt("GoodsShipment", SHIPMENT),
    many("ObligationGuarantee", GUARANTEE),
    opt("PresentationOffice", OFFICE),
    opt("SupervisingOffice", OFFICE),
)

METADATA: Class = (
    opt("WCODataModelVersionCode", code()), opt("WCOTypeName", text()), opt("ResponsibleCountryCode", code()),
    opt("ResponsibleAgencyName", text()), opt("AgencyAssignedCustomizationCode", code()),
    opt("AgencyAssignedCustomizationVersionCode", code()),
)
"""The wrapper's own values; the declaration follows them."""

__all__ = ["DECLARATION", "DECLARATION_SPACE", "METADATA", "METADATA_SPACE"]
