"""What others may import of declarations."""

from kouan.base.declaration.records import Declaration, GoodsItem, PermitUse

__all__ = ["Declaration", "GoodsItem", "PermitUse"]
