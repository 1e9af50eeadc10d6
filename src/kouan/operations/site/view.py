"""The queues where they are served: what the stream told last."""

from __future__ import annotations

from typing import Any

from kouan.facilities.telemetry.api import Bus, micros
from kouan.kernel import clock
from kouan.operations.site.watching import TOLD


class SiteView:
    """The queues as they were told last."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}

    async def start(self, bus: Bus) -> None:
        """Begin to listen."""
        await bus.listen(TOLD, self._heard)

    async def _heard(self, told: Any) -> None:
        self.told = told

    def age(self) -> float | None:
        """Seconds since it was told; None when nothing was."""
        return max((micros(clock.now()) - self.told["at"]) / 1e6, 0.0) if self.told else None
