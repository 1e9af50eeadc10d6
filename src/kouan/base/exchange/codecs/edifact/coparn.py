"""COPARN: orders to release, accept or announce containers. EDIFACT to a sheet and back."""

from __future__ import annotations

from kouan.base.exchange.codecs.edifact import container
from kouan.base.exchange.codecs.edifact.container import Envelope, Sheet
from kouan.base.exchange.codecs.edifact.container.codes import ORDERS, task_of
from kouan.base.exchange.codecs.edifact.model import Message
from kouan.base.exchange.codecs.problem import Problem

TYPE = "COPARN"


def read(message: Message, number: int = 1, notices: tuple[Problem, ...] = ()) -> Sheet:
    """One message (D.95B to D.21B) as a sheet. Raises CodecError."""
    return container.sheet_of(message, number, notices)


def task(sheet: Sheet) -> str:
    """What it says was done or asks to be done; "" where that cannot be told."""
    return task_of(sheet, ORDERS)


def write(sheet: Sheet, envelope: Envelope, *, lines: bool = False) -> bytes:
    """One interchange with one COPARN. Raises CodecError for text that cannot be sent."""
    return container.write(sheet, envelope, lines=lines)
