"""The traffic of past days, for warnings that are tried with other numbers: the same picture, folded from history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.facilities.telemetry.api import micros
from kouan.kernel.alerts import Past
from kouan.kernel.database import scope
from kouan.kernel.principal import PLATFORM
from kouan.kernel.signals import Frame
from kouan.operations.traffic import store
from kouan.operations.traffic.watching import CODE, TrafficWatcher


@dataclass(frozen=True, slots=True)
class View:
    """What an alert sees: this watcher alone."""

    watchers: dict[str, Any]


class TrafficPast(Past):
    """Places as they are drawn now, ships as they sailed then; radar and declared calls of then are not kept."""

    signals: ClassVar[tuple[str, ...]] = ("vessel_static", "position")
    every: ClassVar[timedelta] = timedelta(seconds=10)

    def __init__(self) -> None:
        self.watcher = TrafficWatcher()

    async def start(self, port: Any) -> None:
        """Draw the port's places."""
        async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
            self.watcher.draw(await store.places(conn))

    def fold(self, frame: Frame) -> None:
        """Positions and particulars."""
        self.watcher.fold(frame)

    def look(self, now: datetime) -> View:
        """The picture at a moment."""
        self.watcher.traffic.look(micros(now))
        return View({CODE: self.watcher})
