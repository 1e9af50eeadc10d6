"""WCO Data Model 3.6, declaration (DEC) in the DMS profile: XML to `GoodsDeclaration` and back."""

from kouan.base.exchange.codecs.wco.model import (
    Address,
    Amount,
    Change,
    Classification,
    Container,
    Document,
    Duty,
    GoodsDeclaration,
    Guarantee,
    Item,
    Location,
    Origin,
    Package,
    Party,
    Procedure,
    Role,
    Statement,
    Terms,
    Transport,
)
from kouan.base.exchange.codecs.wco.reader import check, read
from kouan.base.exchange.codecs.wco.writer import write

__all__ = [
    "Address", "Amount", "Change", "Classification", "Container", "Document", "Duty", "GoodsDeclaration",
    "Guarantee", "Item", "Location", "Origin", "Package", "Party", "Procedure", "Role", "Statement", "Terms",
    "Transport", "check", "read", "write",
]
