"""What happens to an instruction by itself."""

from __future__ import annotations

from kouan.base.exchange.api import Instruction
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.supervision.disposal.lifecycle import is_addressed

INSTRUCTION = Instruction.facts.name


class Bounce(Handler):
    """An instruction to an organisation that the port does not know by that short name goes back to who gave it."""

    code = "supervision.disposal.bounce"
    title = Text("退回无法送达的指令", "Return an instruction that reaches nobody")
    on = (f"{INSTRUCTION}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """End it as undeliverable; safe to repeat."""
        kept = await port.get(PLATFORM, INSTRUCTION, event.record_id)
        assert isinstance(kept.data, Instruction)
        number = port.orgs.named(kept.data.to)
        if kept.state != "issued" or (number is not None and is_addressed(kept.data.to, port.orgs.slug(number))):
            return
        try:
            await port.act(PLATFORM, INSTRUCTION, kept.id, "bounce")
        except Conflict as moved:
            if moved.code != "not_in_state":
                raise
