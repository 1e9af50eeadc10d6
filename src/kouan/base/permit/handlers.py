"""What the platform does once a certificate is verified or given back: the write-off is told as a record."""

from __future__ import annotations

from kouan.base.permit import service
from kouan.base.permit.records import Certificate
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

CERTIFICATE = Certificate.facts.name


class TellWriteOff(Handler):
    """What an issuer's service wrote off, or took back, becomes a write-off on file."""

    code = "base.permit.tell_writeoff"
    title = Text("登记发证机关核销", "Note what an issuer wrote off")
    on = (f"{CERTIFICATE}:confirm", f"{CERTIFICATE}:return")

    async def handle(self, event: Event, port: Port) -> None:
        """File it once."""
        kept = await port.get(PLATFORM, CERTIFICATE, event.record_id)
        await service.tell_of(port, kept, back=event.what == "return")
