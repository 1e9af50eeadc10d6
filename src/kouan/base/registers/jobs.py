"""Libraries are read on, each at its own pace."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.registers import service
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class ReadLibraries(Job):
    """Read every library whose time has come."""

    code = "base.registers.read"
    title = Text("同步国家资源库", "Synchronise national libraries")
    every = timedelta(seconds=30)

    async def run(self, port: Port) -> None:
        """One pass."""
        await service.due(port)
