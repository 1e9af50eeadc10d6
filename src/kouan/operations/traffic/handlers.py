"""What an approach does about the call: as its papers come in, they are lacking no more."""

from __future__ import annotations

from typing import Any

from kouan.base.portcall.api import LISTS
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.handlers import Handler
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text
from kouan.operations.traffic.lifecycle import DUE
from kouan.operations.traffic.records import Approach
from kouan.operations.traffic.service import lacking

APPROACH = Approach.facts.name


class CountPapers(Handler):
    """A paper of the call was filed: what is lacking is counted anew; when nothing is, the agent's step is done."""

    code = "operations.traffic.count_papers"
    title = Text("核对来港船舶的提前申报", "Count what a coming ship has declared")
    on = tuple(f"{cls.facts.name}:filed" for cls in LISTS)

    async def handle(self, event: Event, port: Port) -> None:
        """Papers may come in any order, also before the ship is seen; then there is no approach yet."""
        paper = await port.get(PLATFORM, event.record, event.record_id)
        call = str(getattr(paper.data, "call", ""))
        for kept in await port.find(PLATFORM, APPROACH, ref=call):
            if not isinstance(kept.data, Approach) or kept.data.call != call or kept.tracks["declaration"]["state"] != DUE:
                continue
            left = await lacking(port, call)
            changes: dict[str, Any] = {"lacking": left}
            try:
                await port.act(PLATFORM, APPROACH, kept.id, "count" if left else "complete", changes=changes, note=paper.ref)
            except Conflict as past:
                if past.code != "not_in_state":
                    raise
