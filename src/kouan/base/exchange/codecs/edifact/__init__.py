"""UN/EDIFACT (ISO 9735), syntax versions 1 to 4: bytes to interchanges and back, messages on top of that."""

from kouan.base.exchange.codecs.edifact.model import (
    Element,
    Group,
    Interchange,
    Message,
    Package,
    Segment,
    Separators,
    interchange,
    message,
)
from kouan.base.exchange.codecs.edifact.reader import Reading, parse, read
from kouan.base.exchange.codecs.edifact.writer import write

__all__ = [
    "Element", "Group", "Interchange", "Message", "Package", "Reading", "Segment", "Separators", "interchange", "message",
    "parse", "read", "write",
]
