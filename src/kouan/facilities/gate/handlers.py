"""What the gate does about a vehicle that was let through: it tells the moves of its boxes, and uses up papers."""

from __future__ import annotations

from kouan.facilities.gate import moving, service
from kouan.facilities.gate.records import Passage
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text

PASSAGE = Passage.facts.name
LET = (f"{PASSAGE}:filed", f"{PASSAGE}:override", f"{PASSAGE}:confirm")


class TellMoves(Handler):
    """A box that came in or left is a move, told to its carrier as CODECO by the carrier's connector."""

    code = "facilities.gate.tell_moves"
    title = Text("放行后报告进出场动态", "Tell gate moves of what was let through")
    on = LET

    async def handle(self, event: Event, port: Port) -> None:
        """File one move for each box; safe to repeat, since a move's key is its box, activity and time."""
        kept = await service.kept_passage(port, event.record_id)
        assert isinstance(kept.data, Passage)
        if kept.data.decision == "open":
            await moving.tell(port, kept.ref, kept.data)


class CollectByOrder(Handler):
    """A box that left is crossed off its delivery order."""

    code = "facilities.gate.collect_by_order"
    title = Text("放行后核销提货单", "Cross boxes off their delivery orders")
    on = LET
    acts_for = "terminal"

    async def handle(self, event: Event, port: Port) -> None:
        """Collect each box once; what was collected before stays as it is."""
        kept = await service.kept_passage(port, event.record_id)
        assert isinstance(kept.data, Passage)
        if kept.data.decision == "open" and kept.data.direction == "out":
            await moving.collected(port, kept.data)
