"""IFTSTA: status of transport, with codes of Recommendation 24 or the carrier's own. EDIFACT to a sheet and back."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact import container
from kouan.base.exchange.codecs.edifact.container import Envelope, Sheet
from kouan.base.exchange.codecs.edifact.model import Message
from kouan.base.exchange.codecs.problem import Problem

TYPE = "IFTSTA"


def read(message: Message, number: int = 1, notices: tuple[Problem, ...] = ()) -> Sheet:
    """One message as a sheet. Raises CodecError."""
    return container.sheet_of(message, number, notices)


def write(sheet: Sheet, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One interchange with one IFTSTA. Raises CodecError for text that cannot be sent."""
    return container.write(sheet, envelope, lines=lines)
