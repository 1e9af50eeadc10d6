"""What the platform does when a grant's date has come. Reads end at that moment by themselves; this says so in its history."""

from __future__ import annotations

from kouan.base.grant.lifecycle import TRACK
from kouan.base.grant.records import Grant
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

GRANT = Grant.facts.name


class Expire(Handler):
    """A grant, or an application that nobody answered, ends with its date."""

    code = "base.grant.expire"
    title = Text("授权到期", "End grants at their date")
    on = (f"{GRANT}:overdue",)

    async def handle(self, event: Event, port: Port) -> None:
        """Once; what was revoked or refused meanwhile stays as it is."""
        kept = await port.get(PLATFORM, GRANT, event.record_id)
        if kept.state not in TRACK.final:
            await port.act(PLATFORM, GRANT, kept.id, "expire")
