"""What erasure does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.erasure import searching
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class FinishSearches(Job):
    """Ends the searches of erasures that their caller did not wait for, or whose process died."""

    code = "base.erasure.finish"
    title = Text("完成个人信息删除的查找", "Finish the searches of erasures")
    every = timedelta(seconds=30)

    async def run(self, port: Port) -> None:
        """Some steps of each."""
        await searching.take_up(port)
