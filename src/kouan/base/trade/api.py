"""What others may import of trade papers."""

from kouan.base.trade.records import Invoice, Payment, Policy, PurchaseOrder

__all__ = ["Invoice", "Payment", "Policy", "PurchaseOrder"]
