"""What others may import of receipts."""

from kouan.base.receipt.records import CODES, Code, Response

__all__ = ["CODES", "Code", "Response"]
