"""The response (RES) of WCO Data Model 3.6 in the DMS profile: what may stand where, in which order, how often.

Ours, as data: no schema of others is carried in. A test compares its verdict with the published schema's.
"""

from __future__ import annotations

from kouan.base.exchange.codecs.wco.classes import Class, many, one, opt
from kouan.base.exchange.codecs.wco.leaves import AMOUNT, DATE, SEQUENCE, free_code, free_text, numeric, quantity, token

RESPONSE_SPACE = "urn:wco:datamodel:WCO:RES-DMS:2"

POINTER = many("Pointer", (
    opt("SequenceNumeric", SEQUENCE), opt("DocumentSectionCode", free_code(3)), opt("TagID", token(4)),
))
OFFICE: Class = (opt("ID", token(17)),)

DUTY: Class = (
    opt("AdValoremTaxBaseAmount", AMOUNT), opt("DeductAmount", AMOUNT), opt("DutyRegimeCode", free_code(3)),
    opt("SpecificTaxBaseQuantity", quantity(16, 6)), opt("TaxRateNumeric", numeric()), opt("TypeCode", free_code(3)),
    opt("Payment", (opt("TaxAssessedAmount", AMOUNT), opt("PaymentAmount", AMOUNT))),
)

DEBT: Class = (
    opt("Payment", (
        opt("ReferenceID", token(35)), opt("TaxAssessedAmount", AMOUNT), opt("DueDateTime", DATE),
        opt("PaymentAmount", AMOUNT), many("ObligationGuarantee", (opt("ReferenceID", token(35)),)),
    )),
)

ANSWERED: Class = (
    opt("AcceptanceDateTime", DATE), opt("CancellationDateTime", DATE), opt("FunctionalReferenceID", token(35)),
    opt("ID", token(70)), opt("RejectionDateTime", DATE), opt("VersionID", token(9)),
    many("DutyTaxFee", DEBT),
    opt("GoodsShipment", (
        many("GovernmentAgencyGoodsItem", (
            one("SequenceNumeric", SEQUENCE), opt("Commodity", (many("DutyTaxFee", DUTY),)),
        )),
    )),
)
"""The declaration that is answered: what became of it, and what is owed."""

RESPONSE: Class = (
    one("FunctionCode", free_code(2, digits=True)), opt("FunctionalReferenceID", token(35)), opt("IssueDateTime", DATE),
    many("AdditionalInformation", (
        opt("StatementCode", free_code(17)), opt("StatementDescription", free_text(512)), opt("LimitDateTime", DATE),
        opt("StatementTypeCode", free_code(3)), POINTER,
    )),
    many("Amendment", (opt("ChangeReasonCode", free_code(3)), POINTER)),
    opt("AppealOffice", OFFICE),
    opt("Bank", (opt("ReferenceID", token(17)), opt("ID", token(35)))),
    many("ContactOffice", (
        *OFFICE, many("Communication", (opt("ID", token(50)), opt("TypeCode", free_code(3)))),
    )),
    many("Error", (opt("Description", free_text(512)), opt("ValidationCode", free_code(8)), POINTER)),
    many("Status", (
        opt("EffectiveDateTime", DATE), opt("NameCode", free_code(3)), opt("ReleaseDateTime", DATE), POINTER,
    )),
    one("Declaration", ANSWERED),
)
"""A response. After it may stand what the declaration has become, as a declaration of the DEC model."""

__all__ = ["RESPONSE", "RESPONSE_SPACE"]
