"""What the word of links watches: when each partner was last heard."""

from __future__ import annotations

import asyncio
import logging
from typing import ClassVar

import asyncpg

from kouan.cooperation.link.service import beating
from kouan.cooperation.link.service.beating import Standing
from kouan.facilities.telemetry.api import Watch, Watcher, watches
from kouan.kernel.database import GONE
from kouan.kernel.errors import Failure
from kouan.kernel.signals import Frame

CODE = "cooperation.link"
PAUSE = 5.0
log = logging.getLogger(__name__)


@watches
class Partners(Watcher):
    """How the partners do, looked at every five seconds; while the database is away the last picture stays."""

    code: ClassVar[str] = CODE
    signals: ClassVar[tuple[str, ...]] = ()

    async def start(self, watch: Watch) -> None:
        """Begin to look."""
        await super().start(watch)
        self.standings: list[Standing] = []
        self._task = asyncio.create_task(self._run(), name=CODE)

    async def stop(self) -> None:
        """End."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def fold(self, frame: Frame) -> None:
        """It watches no signals."""

    async def _run(self) -> None:
        while True:
            try:
                self.standings = await beating.standings(self.watch.port)
            except (*GONE, asyncpg.PostgresError, Failure) as problem:
                log.debug("partners are not watched: %s", type(problem).__name__)
            except Exception:
                log.exception("partners are not watched")
            await asyncio.sleep(PAUSE)
