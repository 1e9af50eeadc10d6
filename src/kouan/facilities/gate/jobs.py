"""What the gate does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.facilities.gate import permits
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class ReviewPermits(Job):
    """Permits whose vehicle the gate would refuse by now are revoked, so that lanes hear of it while they still can."""

    code = "facilities.gate.review_permits"
    title = Text("复核离线通行证", "Review offline permits")
    every = timedelta(seconds=15)

    async def run(self, port: Port) -> None:
        """Judge each by the facts of now."""
        await permits.review(port)
