"""What the yard does about reports: the stock follows, and instructions are done."""

from __future__ import annotations

from kouan.base.movement.api import Move
from kouan.facilities.gate.api import Passage
from kouan.facilities.yard import service
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

MOVE = Move.facts.name


class KeepStock(Handler):
    """A move or a passage was told: where the box is follows from all that was told of it."""

    code = "facilities.yard.keep_stock"
    title = Text("按作业动态更新堆场", "Keep the yard's stock by moves")
    on = (f"{MOVE}:filed", f"{Passage.facts.name}:filed")

    async def handle(self, event: Event, port: Port) -> None:
        """Fold the boxes named anew."""
        await service.told(port, event.record_id)


class CompleteInstruction(Handler):
    """The terminal told the move that it was asked for."""

    code = "facilities.yard.complete_instruction"
    title = Text("按作业动态完成调箱指令", "Complete instructions by moves")
    on = (f"{MOVE}:filed",)
    acts_for = "terminal"

    async def handle(self, event: Event, port: Port) -> None:
        """Moves to and from a bay complete what asked for them; only the terminal's own word does."""
        if event.principal.kind != "terminal":
            return
        kept = await port.get(PLATFORM, MOVE, event.record_id)
        assert isinstance(kept.data, Move)
        move = kept.data
        if move.equipment and move.activity in ("to-bay", "from-bay") and move.function == "original":
            await service.complete(port, move.equipment, move.activity, kept.ref)
