"""What maritime orders do by themselves."""

from __future__ import annotations

from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.supervision.maritime import service
from kouan.supervision.maritime.rules import ORDER


class CarryOut(Handler):
    """An order was given."""

    code = "supervision.maritime.carry_out"
    title = Text("按海事指令调整泊位计划", "Carry maritime orders out in the berth plan")
    on = (f"{ORDER}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Change or flag the plans of its call."""
        await service.carry_out(port, event.record_id)


class LetGo(Handler):
    """An order was lifted."""

    code = "supervision.maritime.let_go"
    title = Text("指令解除后恢复泊位计划", "Let halted plans go on")
    on = (f"{ORDER}:lift",)

    async def handle(self, event: Event, port: Port) -> None:
        """Resume or flag the plans of its call."""
        await service.lift(port, event.record_id)
