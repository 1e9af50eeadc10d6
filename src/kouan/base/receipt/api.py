"""What others may import of receipts."""

from kouan.base.receipt.records import CODES, Code, Response
from kouan.base.receipt.service import proof, receipt

__all__ = ["CODES", "Code", "Response", "proof", "receipt"]
