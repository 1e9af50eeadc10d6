"""Parcels of cross-border e-commerce and post: order, payment, logistics, list, and postal declarations."""

from __future__ import annotations

from kouan.base.parcel import records, rules
from kouan.base.parcel.routes import router
from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

PARTS = (records, rules)
MODULE = declare(
    Module(
        name="base.parcel",
        title=Text("跨境电商与邮件", "Parcels"),
        summary=Text(
            "跨境电商订单、支付单、物流单与清单，邮递报关单，与报关单、提运单关联",
            "E-commerce orders, payments, logistics and lists, and postal declarations, linked to bills and declarations",
        ),
        clauses=("7.2.1 a) 4)",),
        routes=(router,),
    )
)
