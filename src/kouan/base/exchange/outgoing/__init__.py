"""A kept record as a message of another standard, on its way out (转换: EDIFACT, XML, JSON)."""

from kouan.base.exchange.outgoing.fact import Fact
from kouan.base.exchange.outgoing.forms import BELOW, FORMS, Message, Unwritable, forms_of, written

__all__ = ["BELOW", "FORMS", "Fact", "Message", "Unwritable", "forms_of", "written"]
