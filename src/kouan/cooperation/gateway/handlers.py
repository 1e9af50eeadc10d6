"""What follows from a message that was kept, a dispatch that was asked for, and a declaration that cites a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kouan.base.declaration.api import Declaration
from kouan.cooperation.gateway.records import Dispatch, Message
from kouan.cooperation.gateway.service import arriving, leaving, linking
from kouan.kernel.events import Event
from kouan.kernel.handlers import Follower, Handler, Told
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class TakeIn(Handler):
    """A message that was kept becomes a certificate, and is acknowledged to its partner."""

    code = "cooperation.gateway.take_in"
    title = Text("境外来文映射入库并回执", "Map, file and acknowledge a foreign message")
    on = (f"{Message.facts.name}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Go on from wherever an earlier try came to."""
        await arriving.take_in(port, event.record_id)


class SendOut(Handler):
    """What is to be sent is mapped out of what its sender may see, signed and handed over."""

    code = "cooperation.gateway.send_out"
    title = Text("跨境外发映射、签名并发送", "Map, sign and hand over a dispatch")
    on = (f"{Dispatch.facts.name}:filed",)

    async def handle(self, event: Event, port: Port) -> None:
        """Go on from wherever an earlier try came to."""
        await leaving.send_out(port, event.principal, event.record_id)


class LinkCited(Follower):
    """A declaration that comes after the certificate which it cites is linked to it."""

    code = "cooperation.gateway.link_cited"
    title = Text("关联后到的报关单", "Link declarations that come later")
    settle = timedelta(seconds=1)
    past = False

    @classmethod
    def topics(cls) -> tuple[str, ...]:
        """Declarations as they are filed and amended."""
        return (f"{Declaration.facts.name}:filed", f"{Declaration.facts.name}:amend")

    async def heeds(self, port: Port) -> bool:
        """Only where there are certificates; one that comes later looks for its declarations itself."""
        return await linking.any_waits(port)

    async def follow(self, told: Sequence[Told], port: Port) -> None:
        """Link what waits for them."""
        await linking.link_cited(port, [one.record_id for one in told])
