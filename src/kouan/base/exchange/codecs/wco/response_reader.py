"""Bytes to responses. Customs writes them with and without namespaces: both are read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from kouan.base.exchange.codecs.problem import CodecError, Problem
from kouan.base.exchange.codecs.wco import faults, mapping
from kouan.base.exchange.codecs.wco.model import Amount, Change, Duty, Statement
from kouan.base.exchange.codecs.wco.reader import moment, parsed
from kouan.base.exchange.codecs.wco.response import Debt, Fault, Reading, Response, State
from kouan.base.exchange.codecs.wco.response_tree import RESPONSE_SPACE
from kouan.base.exchange.codecs.wco.tree import DECLARATION_SPACE, METADATA_SPACE
from kouan.base.exchange.codecs.wco.validate import (
    BECOME,
    DATE_SPACE,
    RESPONSE_DATE_SPACE,
    RESPONSE_ROOTS,
    Values,
    Walker,
    path_of,
)

_NONE: Values = {}


def read(body: bytes) -> tuple[Response, ...]:
    """The responses of a message. Raises CodecError with every problem of its structure."""
    reading = read_all(body)
    if reading.slips:
        raise CodecError(reading.slips)
    return reading.responses


def check(body: bytes) -> tuple[Problem, ...]:
    """The problems of a message's structure; none: it is valid."""
    try:
        _, _, walker = _walked(body)
    except CodecError as wrong:
        return wrong.problems
    return tuple(walker.problems)


def read_all(body: bytes) -> Reading:
    """The responses as far as they can be read, and what is wrong with the structure.

    An agency tells what it did: a slip of form does not undo that. Raises CodecError where nothing can be made of the
    body: no XML, no response, or a response without function or without the declaration that it answers.
    """
    root, values, walker = _walked(body)
    wrapped = _local(root) == "MetaData"
    found = values.get("Response", []) if wrapped else [values]
    elements = list(root.iter(f"{{{RESPONSE_SPACE}}}Response"))
    useless = [p for one, element in zip(found, elements, strict=False) for p in _useless(one, element)]
    if useless or not found:
        raise CodecError([*useless, *walker.problems])
    return Reading(tuple(_response(one) for one in found), tuple(walker.problems))


def _walked(body: bytes) -> tuple[etree._Element, Values, Walker]:
    root = parsed(body)
    if not str(root.tag).startswith("{"):
        _name(root)
    if root.tag not in RESPONSE_ROOTS:
        raise faults.RESPONSE_ROOT.error(f"line {root.sourceline}, {path_of(root)}", _local(root), found=_local(root))
    walker = Walker()
    values = walker.walk(root, RESPONSE_ROOTS[str(root.tag)])
    _real_dates(root, walker)
    return root, values, walker


def _useless(values: Values, element: etree._Element) -> Iterator[Problem]:
    position = f"line {element.sourceline}, {path_of(element)}"
    function = str(values.get("FunctionCode", "")).strip()
    if not (function.isascii() and function.isdigit()):
        yield faults.USELESS.at(position, "FunctionCode", name="FunctionCode")
    about = values.get("Declaration", _NONE)
    if not (about.get("FunctionalReferenceID") or about.get("ID")):
        yield faults.USELESS.at(position, "Declaration/FunctionalReferenceID", name="FunctionalReferenceID")


def _name(root: etree._Element) -> None:
    """Give the elements of a message without namespaces those that the model has for their places."""
    for element in root.iter(etree.Element):
        tag = str(element.tag)
        if tag.startswith("{"):
            continue
        parent = element.getparent()
        space = METADATA_SPACE if parent is None and tag == "MetaData" else RESPONSE_SPACE
        if parent is not None:
            space = _space(element, parent, tag)
        element.tag = f"{{{space}}}{tag}"


def _space(element: etree._Element, parent: etree._Element, tag: str) -> str:
    above = etree.QName(parent)
    if above.localname == "MetaData":
        return RESPONSE_SPACE if tag == "Response" else METADATA_SPACE
    if tag == "DateTimeString":
        return DATE_SPACE if above.namespace == DECLARATION_SPACE else RESPONSE_DATE_SPACE
    before = element.getprevious()
    if tag == "Declaration" and before is not None and _local(before) == "Declaration":
        return DECLARATION_SPACE
    return str(above.namespace)


def _real_dates(root: etree._Element, walker: Walker) -> None:
    for element in root.iter("{*}DateTimeString"):
        if element.text and _moment(element.text) is None and len(element.text) >= 8:
            walker.wrong(element, faults.DATE, name="DateTimeString", found=element.text)


def _moment(text: Any) -> datetime | None:
    with suppress(ValueError):
        return moment(text) if text else None
    return None


def _decimal(text: Any) -> Decimal | None:
    with suppress(InvalidOperation):
        found = Decimal(text) if text else None
        return found if found is None or found.is_finite() else None
    return None


def _whole(text: Any) -> int | None:
    found = _decimal(text)
    return int(found) if found is not None and found.adjusted() < 18 else None


def _amount(values: Values, name: str) -> Amount | None:
    value = _decimal(values.get(name))
    return None if value is None else Amount(value, values.get(f"{name}@currencyID", ""))


def _pointers(values: Values) -> tuple[tuple[int | None, str, str], ...]:
    return tuple(
        (_whole(p.get("SequenceNumeric")), p.get("DocumentSectionCode", ""), p.get("TagID", ""))
        for p in values.get("Pointer", ())
    )


def _response(values: Values) -> Response:
    get = values.get
    about, bank = get("Declaration", _NONE), get("Bank")
    function = str(get("FunctionCode", "")).strip()
    return Response(
        function=function.zfill(2), reference=get("FunctionalReferenceID", ""), issued=_moment(get("IssueDateTime")),
        answered=about.get("FunctionalReferenceID", ""), id=about.get("ID", ""), version=_whole(about.get("VersionID")),
        accepted=_moment(about.get("AcceptanceDateTime")), cancelled=_moment(about.get("CancellationDateTime")),
        rejected=_moment(about.get("RejectionDateTime")),
        errors=tuple(
            Fault(e.get("ValidationCode", ""), e.get("Description", ""), _pointers(e)) for e in get("Error", ())
        ),
        states=tuple(
            State(s.get("NameCode", ""), _moment(s.get("EffectiveDateTime")), _moment(s.get("ReleaseDateTime")))
            for s in get("Status", ())
        ),
        statements=tuple(
            Statement(s.get("StatementCode", ""), s.get("StatementDescription", ""), s.get("StatementTypeCode", ""))
            for s in get("AdditionalInformation", ())
        ),
        changes=tuple(Change(c.get("ChangeReasonCode", ""), _pointers(c)) for c in get("Amendment", ())),
        bank=None if bank is None else (bank.get("ReferenceID", ""), bank.get("ID", "")),
        offices=tuple(office["ID"] for office in get("ContactOffice", ()) if office.get("ID")),
        appeal_office=get("AppealOffice", _NONE).get("ID", ""),
        debts=tuple(_debt(d.get("Payment", _NONE)) for d in about.get("DutyTaxFee", ())),
        duties=tuple(_duties(item) for item in about.get("GoodsShipment", _NONE).get("GovernmentAgencyGoodsItem", ())),
        became=_became(get(BECOME)),
    )


def _debt(payment: Values) -> Debt:
    return Debt(
        payment.get("ReferenceID", ""), _amount(payment, "TaxAssessedAmount"), _amount(payment, "PaymentAmount"),
        _moment(payment.get("DueDateTime")),
        tuple(g["ReferenceID"] for g in payment.get("ObligationGuarantee", ()) if g.get("ReferenceID")),
    )


def _duties(item: Values) -> tuple[int, tuple[Duty, ...]]:
    duties = item.get("Commodity", _NONE).get("DutyTaxFee", ())
    return _whole(item.get("SequenceNumeric")) or 0, tuple(_duty(d, d.get("Payment", _NONE)) for d in duties)


def _duty(values: Values, payment: Values) -> Duty:
    return Duty(
        type=values.get("TypeCode", ""), regime=values.get("DutyRegimeCode", ""), rate=_decimal(values.get("TaxRateNumeric")),
        assessed=_amount(payment, "TaxAssessedAmount"), payable=_amount(payment, "PaymentAmount"),
    )


def _became(values: Values | None) -> Any:
    """What the declaration has become; None where its values do not fit the model of a declaration."""
    if values is None:
        return None
    with suppress(ValueError, KeyError, InvalidOperation, AttributeError, TypeError):
        return mapping.declaration(mapping.dated(values, _moment))
    return None


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
