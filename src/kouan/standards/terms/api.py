"""What others may import of terms."""

from kouan.standards.terms.model import Term
from kouan.standards.terms.store import find, terms

__all__ = ["Term", "find", "terms"]
