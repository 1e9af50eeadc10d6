"""What telemetry does on a schedule."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from kouan.facilities.telemetry import analysing
from kouan.facilities.telemetry.history.reading import History
from kouan.facilities.telemetry.sealing import Seals
from kouan.kernel.handlers import Job
from kouan.kernel.port import Port
from kouan.kernel.settings import Settings
from kouan.kernel.text import Text


class AnalyseDays(Job):
    """Each day that is over and has data not analysed yet becomes an analysis, which subscribed systems are told."""

    code = "facilities.telemetry.analyse"
    title = Text("采集数据日分析", "Analyse a day's data")
    every = timedelta(seconds=10)

    def __init__(self) -> None:
        self._histories: dict[Path, History] = {}

    async def run(self, port: Port) -> None:
        """Analyse what waits."""
        home = Settings.read().home
        if home not in self._histories:
            self._histories[home] = History(home, Seals(port.pool, port.vault))
        await analysing.analyse(port, self._histories[home])
