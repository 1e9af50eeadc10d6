"""What trade papers must be: a firm, money and goods that exist, sums that add up, papers of one order that agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from kouan.base.trade.records import Invoice, Payment, Policy, PurchaseOrder, TradeGoods
from kouan.kernel.rules import Found, Need, Rule, Unmet
from kouan.kernel.text import Text
from kouan.standards.codes import api as codes
from kouan.standards.identifiers.api import check

ORDER = PurchaseOrder.facts.name
CLAUSE = "HS/T 82 7.2.2 c)"
ROUNDING = Decimal("0.05")
"""Lines are rounded each for itself."""


class _Stated(Rule):
    """Firm, currency, country and goods of a paper are such as there are."""

    abstract = True
    at = "filing"
    title = Text("企业、币制、国别与税则号列有效", "Firm, currency, country and commodity codes exist")
    clause = CLAUSE
    severity = "refuse"
    owner = "filer"

    def judge(self, record: Any, found: Found) -> Unmet | None:
        """Refuses the first value that does not exist."""
        return next(_misstated(record), None)


class OrderStated(_Stated):
    """What an order states."""

    code = "TRADE-ORDER-STATED"
    of = ORDER


class PaymentStated(_Stated):
    """What a payment states."""

    code = "TRADE-PAYMENT-STATED"
    of = Payment.facts.name


class InvoiceStated(_Stated):
    """What an invoice states."""

    code = "TRADE-INVOICE-STATED"
    of = Invoice.facts.name


class PolicyStated(_Stated):
    """What a policy states."""

    code = "TRADE-POLICY-STATED"
    of = Policy.facts.name


def _misstated(record: Any) -> Iterator[Unmet]:
    verdict = check("uscc", record.firm.partition(":")[2])
    if not verdict.ok:
        yield Unmet(verdict.reason or Text("统一社会信用代码不成立", "The credit code does not hold"), "firm", record.firm)
    if codes.lookup("currency", record.currency) is None:
        yield Unmet(Text(f"币制 {record.currency} 未知", f"There is no currency {record.currency}"), "currency")
    country = getattr(record, "country", None)
    if country and codes.lookup("country", country) is None:
        yield Unmet(Text(f"国别 {country} 未知", f"There is no country {country}"), "country")
    for at, goods in enumerate(getattr(record, "goods", ())):
        if goods.hs and codes.ancestor("hs", goods.hs) is None:
            yield Unmet(Text(f"税则号列 {goods.hs} 不在协调制度中", f"{goods.hs} is not in the Harmonized System"), f"goods.{at}.hs")


class _Sum(Rule):
    """The lines of a paper add up to its amount."""

    abstract = True
    at = "filing"
    title = Text("商品金额合计相符", "Lines add up to the amount")
    clause = CLAUSE
    severity = "warn"
    owner = "filer"

    def judge(self, record: Any, found: Found) -> Unmet | None:
        """Warns of a sum that is another, where every line states its amount."""
        total = _total(record.goods)
        if total is None or abs(total - record.amount) <= ROUNDING:
            return None
        # Warnings are read by everyone who reads the paper, its amount is not.
        return Unmet(Text("各项商品金额之和与单证金额不符", "The lines do not add up to the amount stated"), "amount")


class OrderSum(_Sum):
    """The lines of an order."""

    code = "TRADE-ORDER-SUM"
    of = ORDER


class InvoiceSum(_Sum):
    """The lines of an invoice."""

    code = "TRADE-INVOICE-SUM"
    of = Invoice.facts.name


def _total(goods: Sequence[TradeGoods]) -> Decimal | None:
    amounts = [one.amount for one in goods if one.amount is not None]
    return sum(amounts, Decimal(0)) if amounts and len(amounts) == len(goods) else None


class _OfOrder(Rule):
    """A paper of an order that is known is in the order's money. Only the filer's own order is looked at: others' are not told of."""

    abstract = True
    at = "filing"
    title = Text("与订单相符", "Agrees with its order")
    clause = CLAUSE
    severity = "warn"
    owner = "filer"

    def needs(self, record: Any, filer: str) -> Iterable[Need]:
        """The orders of that firm and number."""
        return (Need(ORDER, ref=record.order),) if record.order else ()

    def judge(self, record: Any, found: Found) -> Unmet | None:
        """Warns of another currency, and of an invoice that asks more than was ordered; an order that is not known may still come."""
        for kept in found.of(Need(ORDER, ref=record.order or "")):
            order = kept.data
            if kept.filer != found.filer or not isinstance(order, PurchaseOrder) or order.order != record.order:
                continue
            if order.currency != record.currency:
                return Unmet(Text(f"订单币制为 {order.currency}", f"The order is in {order.currency}"), "currency", kept.ref)
            if isinstance(record, Invoice) and record.amount > order.amount + ROUNDING:
                return Unmet(Text("发票金额超过订单金额", "The invoice asks more than was ordered"), "amount", kept.ref)
        return None


class PaymentOfOrder(_OfOrder):
    """A payment and its order."""

    code = "TRADE-PAYMENT-ORDER"
    of = Payment.facts.name


class InvoiceOfOrder(_OfOrder):
    """An invoice and its order."""

    code = "TRADE-INVOICE-ORDER"
    of = Invoice.facts.name


class PolicyOfOrder(_OfOrder):
    """A policy and its order."""

    code = "TRADE-POLICY-ORDER"
    of = Policy.facts.name


RULES: tuple[type[Rule], ...] = (
    OrderStated, PaymentStated, InvoiceStated, PolicyStated, OrderSum, InvoiceSum, PaymentOfOrder, InvoiceOfOrder, PolicyOfOrder,
)  # fmt: skip
