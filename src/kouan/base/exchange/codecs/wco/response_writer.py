"""A response to bytes, valid by the model that reads it. An amended declaration (`became`) is not written."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.codecs.wco.response import Debt, Fault, Response, State
from kouan.base.exchange.codecs.wco.response_reader import check
from kouan.base.exchange.codecs.wco.response_tree import RESPONSE_SPACE
from kouan.base.exchange.codecs.wco.tree import METADATA_SPACE
from kouan.base.exchange.codecs.wco.validate import RESPONSE_DATE_SPACE
from kouan.base.exchange.codecs.wco.writer import Child, Pen

DESCRIPTION = 512


def write(responses: Sequence[Response]) -> bytes:
    """The message, UTF-8: MetaData around one response or several. Raises CodecError where a value does not fit."""
    spaces = {"md": METADATA_SPACE, "res": RESPONSE_SPACE, "ds": RESPONSE_DATE_SPACE}
    root = etree.Element(f"{{{METADATA_SPACE}}}MetaData", nsmap=spaces)
    for name, value in (("WCODataModelVersionCode", "3.6"), ("WCOTypeName", "RES")):
        etree.SubElement(root, f"{{{METADATA_SPACE}}}{name}").text = value
    pen = Pen(RESPONSE_SPACE, RESPONSE_DATE_SPACE)
    for response in responses:
        pen.add(etree.SubElement(root, f"{{{RESPONSE_SPACE}}}Response"), _response(response))
    etree.indent(root)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    problems = check(body)
    if problems:
        raise CodecError(problems)
    return body


def _response(r: Response) -> list[Child]:
    return [
        ("FunctionCode", r.function), ("FunctionalReferenceID", r.reference), ("IssueDateTime", r.issued),
        *(
            ("AdditionalInformation", [
                ("StatementCode", s.code), ("StatementDescription", s.text[:DESCRIPTION]), ("StatementTypeCode", s.type),
            ])
            for s in r.statements
        ),
        *(("Amendment", [("ChangeReasonCode", c.reason), *_pointers(c.pointers)]) for c in r.changes),
        ("AppealOffice", [("ID", r.appeal_office)] if r.appeal_office else None),
        ("Bank", [("ReferenceID", r.bank[0]), ("ID", r.bank[1])] if r.bank else None),
        *(("ContactOffice", [("ID", office)]) for office in r.offices),
        *(("Error", _error(error)) for error in r.errors),
        *(("Status", _state(state)) for state in r.states),
        ("Declaration", _declaration(r)),
    ]  # fmt: skip


def _pointers(pointers: Sequence[tuple[int | None, str, str]]) -> list[Child]:
    return [
        ("Pointer", [("SequenceNumeric", number), ("DocumentSectionCode", section), ("TagID", tag)])
        for number, section, tag in pointers
    ]


def _error(error: Fault) -> list[Child]:
    return [("Description", error.text[:DESCRIPTION]), ("ValidationCode", error.code), *_pointers(error.pointers)]


def _state(state: State) -> list[Child]:
    return [("EffectiveDateTime", state.at), ("NameCode", state.code), ("ReleaseDateTime", state.released)]


def _declaration(r: Response) -> list[Child]:
    items: list[Child] = [
        ("GovernmentAgencyGoodsItem", [
            ("SequenceNumeric", number),
            ("Commodity", [
                ("DutyTaxFee", [
                    ("DutyRegimeCode", d.regime), ("TaxRateNumeric", d.rate), ("TypeCode", d.type),
                    ("Payment", [("TaxAssessedAmount", d.assessed), ("PaymentAmount", d.payable)]),
                ])
                for d in duties
            ] or None),
        ])
        for number, duties in r.duties
    ]  # fmt: skip
    return [
        ("AcceptanceDateTime", r.accepted), ("CancellationDateTime", r.cancelled),
        ("FunctionalReferenceID", r.answered), ("ID", r.id), ("RejectionDateTime", r.rejected),
        ("VersionID", None if r.version is None else str(r.version)),
        *(("DutyTaxFee", [("Payment", _debt(debt))]) for debt in r.debts),
        ("GoodsShipment", items or None),
    ]


def _debt(debt: Debt) -> list[Child]:
    return [
        ("ReferenceID", debt.reference), ("TaxAssessedAmount", debt.assessed), ("DueDateTime", debt.due),
        ("PaymentAmount", debt.payable),
        *(("ObligationGuarantee", [("ReferenceID", reference)]) for reference in debt.guarantees),
    ]
