"""What happens by itself: incidents rise, what other levels told is carried on, progress goes back."""

from __future__ import annotations

from kouan.cooperation.levels import service
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class Rise(Handler):
    """An incident was reported: the rules say how far up it goes."""

    code = "cooperation.levels.rise"
    title = Text("按规则逐级上报", "Let incidents rise by rule")
    on = (f"{service.INCIDENT}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Judge it once."""
        await service.judge_incident(port, event.record_id)


class CarryOn(Handler):
    """A platform above or below told something: an incident rises on, an instruction goes on down, progress on up."""

    code = "cooperation.levels.carry_on"
    title = Text("逐级转报与下达", "Carry on between levels")
    on = (f"{service.COPY}:filed", f"{service.COPY}:amend")

    async def handle(self, event: Event, port: Port) -> None:
        """What is neither stays a copy."""
        await service.told(port, event.record_id)


class Progressed(Handler):
    """An addressee acknowledged, answered or declined an instruction."""

    code = "cooperation.levels.progressed"
    title = Text("回报上级指令的办理", "Report the progress of an instruction")
    on = tuple(f"{service.INSTRUCTION}:{action}" for action in service.STAGES)

    async def handle(self, event: Event, port: Port) -> None:
        """Only what came from above is reported back."""
        await service.carried(port, event)
