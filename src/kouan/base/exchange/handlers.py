"""What the exchange does about kept facts: it tells the parties, and notes what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kouan.base.exchange.connectors import EXTRA
from kouan.base.exchange.party import TELLER
from kouan.base.exchange.service import inbox, outbox
from kouan.base.receipt.api import Response
from kouan.kernel.connectors import Connector
from kouan.kernel.events import Event
from kouan.kernel.handlers import Follower, Handler, Told
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.kernel.words import every


class TellParties(Handler):
    """A filed or amended record goes to the outbox for every party whose connector tells it."""

    code = TELLER
    title = Text("分送各收件单位", "Tell the parties concerned")
    on = ()  # connectors register later than this module: each adds the topics that it tells

    async def handle(self, event: Event, port: Port) -> None:
        """Put deliveries in the outbox and wake the courier."""
        if await outbox.tell(port, event) and (courier := port.extras.get(EXTRA)):
            courier.nudge()


class TellSystems(Follower):
    """What becomes of a record goes to the parties' systems that are switched on and want it as it happens."""

    code = "base.exchange.tell_systems"
    title = Text("向已接通的系统实时分送", "Tell systems that are switched on")
    settle = timedelta(0)
    past = False

    @classmethod
    def topics(cls) -> tuple[str, ...]:
        """Whatever connectors tell live."""
        return tuple(sorted({f"{r}:{m}" for c in every(Connector) for r, moments in outbox.live_of(c).items() for m in moments}))

    async def heeds(self, port: Port) -> bool:
        """Only while any such system is switched on."""
        return await outbox.any_live(port)

    async def follow(self, told: Sequence[Told], port: Port) -> None:
        """Put deliveries in the outbox, and wake the courier."""
        if await outbox.tell_live(port, told) and (courier := port.extras.get(EXTRA)):
            courier.nudge()


class NoteAnswers(Handler):
    """An agency's answer settles what it was told."""

    code = "base.exchange.note_answers"
    title = Text("登记收件单位的答复", "Note what a party answered")
    on = (f"{Response.facts.name}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Mark the delivery as received or answered."""
        await inbox.note_answer(port, event)
