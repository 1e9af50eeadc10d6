"""What is looked at on a schedule, so that a declaration that cites no permit costs nothing more."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.permit import service
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class VerifyCited(Job):
    """Verify certificates that were cited, and those whose service was away."""

    code = "base.permit.verify"
    title = Text("核查所引证件", "Verify certificates cited")
    every, rests = timedelta(seconds=1), timedelta(seconds=15)

    async def run(self, port: Port) -> bool:
        """One pass."""
        return await service.look(port)


class TellMovements(Job):
    """Make records of what was drawn from permits."""

    code = "base.permit.tell"
    title = Text("登记核销记录", "File write-offs")
    every, rests = timedelta(seconds=1), timedelta(seconds=15)

    async def run(self, port: Port) -> bool:
        """One pass."""
        return await service.tell(port)
