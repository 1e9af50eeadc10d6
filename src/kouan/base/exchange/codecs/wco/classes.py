"""Classes of the WCO Data Model that occur in many places: parties, documents, transport, goods measures.

Written after WCO Data Model 3.6 in the profile of the DMS declaration (namespace DEC-DMS:2). Order matters: the
model writes values first, then classes, each in alphabetical order with few exceptions.
"""

from __future__ import annotations

from dataclasses import dataclass

from kouan.base.exchange.codecs.wco.leaves import (
    AMOUNT,
    COUNTRY,
    DATE,
    SEQUENCE,
    Leaf,
    alpha,
    code,
    digits,
    ident,
    measure,
    numeric,
    quantity,
    text,
)

MANY = 1 << 30


@dataclass(frozen=True, slots=True)
class Part:
    """A named child: a leaf or a class, at least `least` and at most `most` times."""

    name: str
    is_a: Leaf | Class
    least: int = 0
    most: int = 1


Class = tuple[Part, ...]
"""An element's children, in the order in which they must stand."""


def one(name: str, is_a: Leaf | Class) -> Part:
    """A child that must be there, once."""
    return Part(name, is_a, 1, 1)


def opt(name: str, is_a: Leaf | Class) -> Part:
    """A child that may be there, once."""
    return Part(name, is_a)


def many(name: str, is_a: Leaf | Class, most: int = MANY) -> Part:
    """A child that may be there, any number of times up to `most`."""
    return Part(name, is_a, 0, most)


NAME = opt("Name", text(70))
PARTY_ID = opt("ID", ident(17))
TYPE = opt("TypeCode", code(3))
CATEGORY = opt("CategoryCode", code(3))

ADDRESS: Class = (
    opt("CityName", text(35)), opt("CountryCode", COUNTRY), opt("CountrySubDivisionCode", code(9)),
    opt("CountrySubDivisionName", text(35)), opt("Line", text(70)), opt("PostcodeID", ident(9)),
)
TYPED_ADDRESS: Class = (TYPE, *ADDRESS)
PARTY: Class = (NAME, PARTY_ID, opt("Address", ADDRESS))
TYPED_PARTY: Class = (NAME, PARTY_ID, opt("Address", TYPED_ADDRESS))
CONTACT = opt("Contact", (NAME,))
COMMUNICATION = opt("Communication", (opt("ID", ident(50)), TYPE))
CONTACTED_PARTY: Class = (*PARTY, CONTACT, COMMUNICATION)
CARRIER: Class = (*PARTY, COMMUNICATION)
AGENT: Class = (NAME, PARTY_ID, opt("FunctionCode", code(3)), opt("Address", ADDRESS))
ROLE_PARTY: Class = (PARTY_ID, opt("RoleCode", code(3)))
OFFICE: Class = (PARTY_ID,)

POINTER: Class = (opt("SequenceNumeric", SEQUENCE), opt("DocumentSectionCode", code(3)), opt("TagID", ident(4)))
STATEMENT: Class = (
    opt("StatementCode", code(17)), opt("StatementDescription", text(512)), opt("StatementTypeCode", code(3)),
)
DOCUMENT: Class = (CATEGORY, opt("ID", ident(70)), TYPE)
PREVIOUS_DOCUMENT: Class = (*DOCUMENT, opt("LineNumeric", SEQUENCE))
ITEM_DOCUMENT: Class = (
    CATEGORY, opt("EffectiveDateTime", DATE), opt("ID", ident(70)), opt("Name", text(35)), TYPE,
    opt("LPCOExemptionCode", code(3)), opt("Submitter", (NAME, opt("RoleCode", code(3)))),
    opt("WriteOff", (opt("QuantityQuantity", quantity(16, 6)), opt("AmountAmount", AMOUNT))),
)
UCR: Class = (opt("ID", ident(35)), opt("TraderAssignedReferenceID", ident(35)))

_MEANS_ID = (opt("Name", text(35)), opt("ID", ident(35)), opt("IdentificationTypeCode", code(17)))
_MEANS_TYPE = opt("TypeCode", code(4))
MODE = opt("ModeCode", digits(1, exact=True))
MEANS: Class = (*_MEANS_ID, _MEANS_TYPE, MODE)
BORDER_MEANS: Class = (*_MEANS_ID, _MEANS_TYPE, opt("RegistrationNationalityCode", COUNTRY), MODE)
SEAL: Class = (one("SequenceNumeric", SEQUENCE), opt("ID", ident(35)))
EQUIPMENT: Class = (one("SequenceNumeric", SEQUENCE), opt("ID", ident(17)))
SEALED_EQUIPMENT: Class = (*EQUIPMENT, many("Seal", SEAL))
GOODS_LOCATION: Class = (
    opt("Name", text(256)), opt("ID", ident(17)), TYPE,
    opt("Address", (
        TYPE, opt("CityName", text(35)), opt("CountryCode", COUNTRY), opt("Line", text(70)),
        opt("PostcodeID", ident(9)),
    )),
)
LOADING_LOCATION: Class = (opt("Name", text(256)), opt("ID", ident(17)))
FREIGHT = opt("Freight", (opt("PaymentMethodCode", code(3)),))
DEDUCTION: Class = (opt("ChargesTypeCode", code(3)), opt("OtherChargeDeductionAmount", AMOUNT))
DESTINATION: Class = (opt("CountryCode", COUNTRY), opt("RegionID", ident(9)))
EXPORT_COUNTRY: Class = (opt("ID", COUNTRY),)
TRADE_TERMS: Class = (
    opt("ConditionCode", alpha(3)), opt("CountryRelationshipCode", code(3)), opt("Description", text(70)),
    opt("LocationID", ident(17)), opt("LocationName", text(256)),
)
GUARANTEE: Class = (
    opt("AmountAmount", AMOUNT), opt("ID", ident(70)), opt("ReferenceID", ident(35)),
    opt("SecurityDetailsCode", code(3)), opt("AccessCode", code(4)), opt("GuaranteeOffice", OFFICE),
)

DUTY: Class = (
    opt("AdValoremTaxBaseAmount", AMOUNT), opt("DeductAmount", AMOUNT), opt("DutyRegimeCode", code(3)),
    opt("SpecificTaxBaseQuantity", quantity(16, 6)), opt("TaxRateNumeric", numeric()), TYPE,
    opt("QuotaOrderID", ident(17)),
    opt("Payment", (
        opt("MethodCode", alpha(1)), opt("TaxAssessedAmount", AMOUNT), opt("PaymentAmount", AMOUNT),
    )),
)
COMMODITY: Class = (
    opt("Description", text(512)),
    many("Classification", (opt("ID", ident(18)), opt("IdentificationTypeCode", code(3)))),
    many("DangerousGoods", (opt("UNDGID", digits(4, kind="id")),)),
    many("DutyTaxFee", DUTY),
    opt("GoodsMeasure", (
        opt("GrossMassMeasure", measure(16, 6)), opt("NetNetWeightMeasure", measure(16, 6)),
        opt("TariffQuantity", quantity(16, 6)),
    )),
    opt("InvoiceLine", (opt("ItemChargeAmount", AMOUNT),)),
    many("TransportEquipment", EQUIPMENT),
)
PACKAGING: Class = (
    one("SequenceNumeric", SEQUENCE), opt("MarksNumbersID", ident(512)), opt("QuantityQuantity", quantity(8)),
    opt("TypeCode", code(2)), opt("PackingMaterialDescription", text(256)), opt("LengthMeasure", measure(15)),
    opt("WidthMeasure", measure(15)), opt("HeightMeasure", measure(15)), opt("VolumeMeasure", measure(16, 6)),
)
ORIGIN: Class = (opt("CountryCode", code(4)), opt("RegionID", ident(9)), TYPE)
PROCEDURE: Class = (opt("CurrentCode", code(7)), opt("PreviousCode", code(7)))
