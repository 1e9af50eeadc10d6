"""What the exchange does on a schedule."""

from __future__ import annotations

from datetime import timedelta

from kouan.base.exchange.connectors import courier_of
from kouan.base.exchange.service import quarantine, status
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.text import Text


class KeepCourier(Job):
    """Sees that a courier is at work in this process; it goes its rounds by itself, several share the work by lease."""

    code = "base.exchange.courier"
    title = Text("投递值守", "Keep the courier at work")
    every, rests = timedelta(seconds=2), timedelta(seconds=6)

    async def run(self, port: Port) -> bool:
        """Start the courier where it does not run."""
        courier_of(port)
        return False


class SweepQuarantine(Job):
    """Forgets refused bodies that have stood for 30 days."""

    code = "base.exchange.sweep_quarantine"
    title = Text("清理隔离区", "Sweep the quarantine")
    every = timedelta(minutes=10)

    async def run(self, port: Port) -> None:
        """Drop what has expired, with its keys."""
        await quarantine.sweep(port)


class SignOfLife(Job):
    """Lets the public status know that the platform works; a long silence before it is kept as an outage."""

    code = "base.exchange.sign_of_life"
    title = Text("运行心跳", "Sign of life")
    every = timedelta(seconds=5)

    async def run(self, port: Port) -> None:
        """Note the moment."""
        await status.beat(port)
