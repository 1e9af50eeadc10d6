"""Charges, declared values and totals of a Cargo-XML consignment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from kouan.base.transport.formats.cargo_xml.tree import Tree, name
from kouan.base.transport.formats.cargo_xml.values import amount, flag

SUMS = "ApplicableTotalRating/ApplicablePrepaidCollectMonetarySummation"
NIL = ("NilCarriageValueIndicator", "NilCustomsValueIndicator", "NilInsuranceValueIndicator", "TotalDisbursementPrepaidIndicator")
Values = dict[str, Any]


def charges(tree: Tree, consignment: etree._Element | None) -> list[Values]:
    """Every amount of a consignment with what it is for, and the values that are expressly not declared."""
    return [*_flags(tree, consignment), *_plain(tree, consignment), *_extra(tree, consignment), *_totals(tree, consignment)]


def _flags(tree: Tree, consignment: etree._Element | None) -> Iterator[Values]:
    for key in NIL:
        said = flag(tree, consignment, key)
        if said is not None:
            yield {"kind": key, "text": "true" if said else "false"}


def _plain(tree: Tree, consignment: etree._Element | None) -> Iterator[Values]:
    for element in consignment if consignment is not None else ():
        if name(element).endswith("Amount"):
            yield from _amount(tree, element, {"kind": name(element)})


def _extra(tree: Tree, consignment: etree._Element | None) -> Iterator[Values]:
    for one in tree.all(consignment, "ApplicableLogisticsAllowanceCharge"):
        known: Values = {
            "kind": "other charge", "code": tree.text(one, "ID", most=20), "due": tree.text(one, "PartyTypeCode", most=20),
            "prepaid": flag(tree, one, "PrepaidIndicator"), "text": tree.text(one, "Reason", most=400),
        }  # fmt: skip
        stated = {key: value for key, value in known.items() if value not in (None, "")}
        found = list(_amount(tree, tree.one(one, "ActualAmount"), stated))
        yield from found or ([stated] if len(stated) > 1 else [])


def _totals(tree: Tree, consignment: etree._Element | None) -> Iterator[Values]:
    for block in tree.all(consignment, SUMS):
        prepaid = flag(tree, block, "PrepaidIndicator")
        for element in block:
            if name(element).endswith("Amount"):
                yield from _amount(tree, element, {"kind": name(element), "prepaid": prepaid})


def _amount(tree: Tree, element: etree._Element | None, base: Values) -> Iterator[Values]:
    value, currency = amount(tree, element)
    if value is not None:
        yield {**{key: said for key, said in base.items() if said is not None}, "amount": value, "currency": currency}
