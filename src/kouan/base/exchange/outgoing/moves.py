"""A move as COARRI or CODECO D.00B."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact.container import Envelope
from kouan.base.exchange.formats.edifact.outgoing import write_moves
from kouan.base.exchange.outgoing.fact import Fact
from kouan.base.movement.api import Move


def write(fact: Fact) -> bytes:
    """One move as its reader sees it. Raises ValueError for a move that neither message reports, CodecError for its text."""
    move = Move.model_validate(dict(fact.data))
    reference = "".join(char for char in fact.event if char.isalnum())[-14:].upper()
    envelope = Envelope(fact.sender[:35].upper(), fact.receiver[:35].upper(), reference, fact.at)
    return write_moves([move], reference, envelope)
