"""What cases do by themselves."""

from __future__ import annotations

from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.supervision.process import service
from kouan.supervision.process.rules import CASE


class SendOut(Handler):
    """An application came."""

    code = "supervision.process.send_out"
    title = Text("按流程分送各部门", "Send an application to its agencies")
    on = (f"{CASE}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """The steps that wait for nobody are ready at once."""
        await service.begin(port, event.record_id)


class EndCase(Handler):
    """A step was decided."""

    code = "supervision.process.end_case"
    title = Text("各步骤办结后办结事项", "End a case when its steps are decided")
    on = (f"{CASE}:decide",)

    async def handle(self, event: Event, port: Port) -> None:
        """Granted when all are granted, refused when one is refused."""
        await service.settle(port, event.record_id)
