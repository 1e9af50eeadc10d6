"""What follows when an owner asks for verification."""

from __future__ import annotations

from kouan.base.verification import service
from kouan.base.verification.records import Interface
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class Verify(Handler):
    """The interface is called with messages good and bad, and reported on."""

    code = "base.verification.verify"
    title = Text("验证接口并出具报告", "Verify an interface and report on it")
    on = (f"{Interface.facts.name}:verify",)

    async def handle(self, event: Event, port: Port) -> None:
        """One run; the version of the record numbers it."""
        await service.verify(port, event.record_id, event.version)
