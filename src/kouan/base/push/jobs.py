"""What pushing does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.push.store import messages
from kouan.kernel.database import scope
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.text import Text

KEPT_DAYS, DEAD_DAYS = 7, 30


class SweepMessages(Job):
    """Forgets messages that have stood for a week, told or not, and a month when set aside: the records that they are about stay."""

    code = "base.push.sweep_messages"
    title = Text("清理推送消息", "Sweep pushed messages")
    every = timedelta(minutes=30)

    async def run(self, port: Port) -> None:
        """Drop what is too old."""
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            await messages.sweep(conn, KEPT_DAYS, DEAD_DAYS)
