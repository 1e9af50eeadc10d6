"""What follows when a tag comes into force, or is so no more."""

from __future__ import annotations

from uuid import UUID

from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.operations.tags import service
from kouan.operations.tags.lifecycle import APPROVE, RETIRE, REVISE, TAG


class ComputeApproved(Handler):
    """A tag that was approved is computed at once; one that is revised or retired leaves its records."""

    code = "operations.tags.approved"
    title = Text("标签生效即计算，修订或停用即撤下", "Compute an approved tag, take off a revised or retired one")
    on = tuple(f"{TAG}:{what}" for what in (APPROVE, REVISE, RETIRE))

    async def handle(self, event: Event, port: Port) -> None:
        """By how the tag stands now, whatever happened to it before."""
        await service.compute(port, UUID(event.record_id))
