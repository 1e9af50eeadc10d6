"""What was not acknowledged yet is tried again."""

from __future__ import annotations

from datetime import timedelta

from kouan.cooperation.gateway.service import arriving, leaving
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class TryAgain(Job):
    """Acknowledgements to partners and dispatches whose partner was away."""

    code = "cooperation.gateway.again"
    title = Text("重试跨境回执与外发", "Try acknowledgements and dispatches again")
    every = timedelta(seconds=2)

    async def run(self, port: Port) -> None:
        """One pass."""
        await arriving.again(port)
        await leaving.again(port)
