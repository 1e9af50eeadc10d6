"""What the exchange does about kept facts: it tells the parties, and notes what they answer."""

from __future__ import annotations

from kouan.base.exchange.connectors import EXTRA
from kouan.base.exchange.party import TELLER
from kouan.base.exchange.service import inbox, outbox
from kouan.base.receipt.api import Response
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class TellParties(Handler):
    """A filed or amended record goes to the outbox for every party whose connector tells it."""

    code = TELLER
    title = Text("分送各收件单位", "Tell the parties concerned")
    on = ()  # connectors register later than this module: each adds the topics that it tells

    async def handle(self, event: Event, port: Port) -> None:
        """Put deliveries in the outbox and wake the courier."""
        if await outbox.tell(port, event) and (courier := port.extras.get(EXTRA)):
            courier.nudge()


class NoteAnswers(Handler):
    """An agency's answer settles what it was told."""

    code = "base.exchange.note_answers"
    title = Text("登记收件单位的答复", "Note what a party answered")
    on = (f"{Response.facts.name}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Mark the delivery as received or answered."""
        await inbox.note_answer(port, event)
