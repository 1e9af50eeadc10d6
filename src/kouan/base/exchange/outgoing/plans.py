"""A stowage plan as BAPLIE, a status event as IFTSTA, a port call as CUSREP."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact.container import Envelope
from kouan.base.exchange.formats.edifact import telling
from kouan.base.exchange.outgoing.fact import Fact
from kouan.base.movement.api import Status, Stowage


def plan(fact: Fact) -> bytes:
    """The plan. Raises CodecError for text that cannot be sent."""
    return telling.write_plan(Stowage.model_validate(dict(fact.data)), _envelope(fact)[1])


def status(fact: Fact) -> bytes:
    """The event. Raises CodecError for text that cannot be sent."""
    return telling.write_status(Status.model_validate(dict(fact.data)), *_envelope(fact))


def call(fact: Fact) -> bytes:
    """What its reader sees of the call. Raises ValueError without ship, voyage and port, CodecError for its text."""
    return telling.write_call(fact.data, *_envelope(fact))


def _envelope(fact: Fact) -> tuple[str, Envelope]:
    reference = "".join(char for char in fact.event if char.isalnum())[-14:].upper()
    return reference, Envelope(fact.sender[:35].upper(), fact.receiver[:35].upper(), reference, fact.at)
