"""Trade papers: what was ordered, invoiced, paid and insured, beside what was shipped and declared (贸易单证)."""

from __future__ import annotations

from kouan.base.trade import records, rules
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.trade",
        title=Text("贸易单证", "Trade papers"),
        summary=Text(
            "订单、付款、商业发票与保险单，按企业和订单号相连，并与提运单、报关单关联",
            "Orders, payments, commercial invoices and insurance policies, joined by firm and order, and to bills and declarations",
        ),
        clauses=("7.2.2 c)", "H7.2.2c"),
    )
)
