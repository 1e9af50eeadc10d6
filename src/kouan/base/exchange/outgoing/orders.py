"""A handling order as COPARN or COPRAR D.00B."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact.container import Envelope
from kouan.base.exchange.formats.edifact.ordering import write_order
from kouan.base.exchange.outgoing.fact import Fact
from kouan.base.movement.api import HandlingOrder


def write(fact: Fact) -> bytes:
    """One order as its reader sees it. Raises ValueError for a task that neither message orders, CodecError for its text."""
    reference = "".join(char for char in fact.event if char.isalnum())[-14:].upper()
    envelope = Envelope(fact.sender[:35].upper(), fact.receiver[:35].upper(), reference, fact.at)
    return write_order(HandlingOrder.model_validate(dict(fact.data)), envelope)
