"""Reefers: refrigerated boxes whose temperature leaves their setpoint, by the readings of their sensors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from kouan.facilities.telemetry.api import SIMULATED, Series
from kouan.kernel.signals import Frame
from kouan.standards.identifiers.api import check

TEMPERATURE, SETPOINT = "temperature", "setpoint"
_BOX = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")


def box_of(device: str) -> str:
    """The container number in a device's name; nothing where there is none with a right check digit."""
    found = _BOX.search(device.upper().replace("-", "").replace(" ", ""))
    return found.group() if found and check("container", found.group()).ok else ""


@dataclass(slots=True)
class Reefer:
    """A box: its temperature and setpoint (degrees Celsius), since when it is off by how much, its goods and bills.

    `asked`: the `since` for which its cargo was looked up; a manifest may come after the box.
    """

    box: str
    device: str
    temperature: float | None = None
    setpoint: float | None = None
    at: int = 0
    since: int = 0
    simulated: bool = False
    goods: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    bills: tuple[str, ...] = ()
    asked: int = -1

    def off(self) -> float | None:
        """Degrees from the setpoint; None when one of both is not known."""
        return None if self.temperature is None or self.setpoint is None else self.temperature - self.setpoint


@dataclass(slots=True)
class Reefers:
    """The reefers that tell of themselves; `unknown` are series of which nothing is known yet."""

    by_box: dict[str, Reefer] = field(default_factory=dict)
    series: dict[int, Series | None] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)
    waiting: dict[int, tuple[float, int, int]] = field(default_factory=dict)

    def fold(self, frame: Frame) -> None:
        """Readings; the last good one of each series counts."""
        quality = frame["quality"].tolist() if "quality" in frame.columns else [0] * len(frame)
        flags = frame["flags"].tolist() if "flags" in frame.columns else [0] * len(frame)
        rows = zip(frame["key"].tolist(), frame["value"].tolist(), frame["at"].tolist(), quality, flags, strict=True)
        for key, value, at, good, flag in rows:
            if good < 2 and value == value:
                self._one(key, value, at, flag)

    def learn(self, known: dict[int, Series], asked: Iterable[int]) -> None:
        """What series stand for; those that are no reefer's are not asked for again."""
        for key in asked:
            series = known.get(key)
            mine = series if series and series.metric in (TEMPERATURE, SETPOINT) and box_of(series.device) else None
            self.series[key] = mine
            self.unknown.discard(key)
            if key in self.waiting:
                value, at, flag = self.waiting.pop(key)
                self._one(key, value, at, flag)

    def _one(self, key: int, value: float, at: int, flag: int) -> None:
        if key not in self.series:
            if len(self.unknown) < 100_000:
                self.unknown.add(key)
                self.waiting[key] = value, at, flag
            return
        series = self.series[key]
        if series is None:
            return
        box = box_of(series.device)
        held = self.by_box.setdefault(box, Reefer(box, series.device))
        held.simulated = bool(flag & SIMULATED) or series.simulated
        if series.metric == SETPOINT:
            held.setpoint = value
        elif at >= held.at:
            held.temperature, held.at = value, at
