"""What trade papers must be, and how firm and order number make one reference, on facts alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from kouan.base.trade.records import Invoice, Payment, Policy, PurchaseOrder
from kouan.base.trade.rules import RULES
from kouan.kernel.records import Record
from kouan.kernel.rules import Need, judge
from tests.facts import found, kept

FIRM = "91379999MA0WHH048N"
LINE = {"description": "Lathe", "hs": "84581100", "amount": "100"}


def unmet(record: Record, *known: Record, filer: str = "trader") -> dict[str, str]:
    """Rules that do not hold, with the field that each names; `known`: the trader's orders that are kept."""
    need = Need(PurchaseOrder.facts.name, ref=getattr(record, "order", None) or "")
    facts = found((need, [kept(one) for one in known]), filer=filer)
    rules = [rule() for rule in RULES if rule.of == record.facts.name]
    return {one.rule.code: one.unmet.field for one in judge(rules, record, facts) if one.unmet}


def order(**more: Any) -> PurchaseOrder:
    return PurchaseOrder.model_validate({"number": "PO-1", "firm": FIRM, "way": "in", "amount": "100", "currency": "USD", **more})


def invoice(**more: Any) -> Invoice:
    return Invoice.model_validate({"number": "INV-1", "firm": FIRM, "order_number": "PO-1", "amount": "100", "currency": "USD", **more})


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, {}),
        ({"goods": [LINE]}, {}),
        ({"goods": [LINE, LINE]}, {"TRADE-ORDER-SUM": "amount"}),
        ({"goods": [LINE, {**LINE, "amount": None}]}, {}),
        ({"currency": "XQQ"}, {"TRADE-ORDER-STATED": "currency"}),
        ({"country": "QQ"}, {"TRADE-ORDER-STATED": "country"}),
        ({"goods": [{**LINE, "hs": "0000"}]}, {"TRADE-ORDER-STATED": "goods.0.hs"}),
        ({"firm": "91379999MA0WHH048M"}, {"TRADE-ORDER-STATED": "firm"}),
    ],
)
def test_orders(more: dict[str, Any], expected: dict[str, str]) -> None:
    assert unmet(order(**more)) == expected


def test_papers_of_an_order_that_is_known_agree_with_it() -> None:
    assert unmet(invoice(), order()) == {}
    assert unmet(invoice(amount="101"), order()) == {"TRADE-INVOICE-ORDER": "amount"}
    assert unmet(invoice(currency="EUR"), order()) == {"TRADE-INVOICE-ORDER": "currency"}
    assert unmet(invoice(currency="EUR")) == {}, "the order may still come"
    assert unmet(invoice(currency="EUR"), order(), filer="agent") == {}, "another's order is not told of"
    told = {"number": "X", "firm": FIRM, "order_number": "PO-1", "amount": "1", "currency": "EUR"}
    assert unmet(Payment.model_validate(told), order()) == {"TRADE-PAYMENT-ORDER": "currency"}
    assert unmet(Policy.model_validate(told), order()) == {"TRADE-POLICY-ORDER": "currency"}


def test_a_warning_says_no_amount() -> None:
    rules = [rule() for rule in RULES if rule.of == Invoice.facts.name and rule.severity == "warn"]
    need = Need(PurchaseOrder.facts.name, ref=invoice().order or "")
    facts = found((need, [kept(order(amount="98765"))]))
    said = judge(rules, invoice(amount="123456", goods=[LINE]), facts)
    assert [one.unmet is not None for one in said] == [True, True]
    assert not any(figure in str(one.unmet) for one in said for figure in ("98765", "123456"))


@settings(max_examples=40, deadline=None)
@given(number=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_firm_and_order_number_are_one_reference_in_every_paper(number: str) -> None:
    try:
        made = order(number=number)
    except ValidationError:
        return
    spelled = invoice(order_number=f" {number} ", firm=f"enterprise:{FIRM.lower()}", order="trade:X/FORGED")
    assert made.order == spelled.order
    assert made.order is None or made.order.startswith(f"trade:{FIRM}/")
    assert order(number=number, firm="9137-9999-MA0W-HH04-8N").order == made.order
    assert invoice(order_number=number, firm="91379999MA0WHH021Y").order != made.order
