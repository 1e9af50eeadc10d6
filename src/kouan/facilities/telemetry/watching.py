"""Watcher: who sees every frame of a stream process and acts on it: fusion, zones, warnings.

A higher board declares a watcher (register down); `kouan stream` makes one instance of each that is declared.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from kouan.facilities.telemetry.bus import Bus
from kouan.facilities.telemetry.history.reading import History
from kouan.facilities.telemetry.numbers import Numbers
from kouan.facilities.telemetry.state import State
from kouan.kernel.port import Port
from kouan.kernel.signals import Frame


@dataclass(slots=True)
class Watch:
    """What a watcher is given at its start: the platform's doors, state, numbers and the other watchers, by code.

    `offer(frames, source)` puts frames of its own (fused tracks, derived readings) into the stream; `count(cause, rows, source)` counts
    what never became a frame, to be seen with all else that the stream counts.
    """

    port: Port
    bus: Bus
    state: State
    numbers: Numbers
    history: History
    offer: Callable[[Sequence[Frame], str], None]
    watchers: Mapping[str, Watcher] = field(default_factory=dict)
    count: Callable[[str, int, str], None] = lambda cause, rows, source: None


class Watcher(ABC):
    """Base of watchers. All calls come in one thread, in order; `fold` works on columns and never waits."""

    code: ClassVar[str]
    signals: ClassVar[tuple[str, ...]]

    async def start(self, watch: Watch) -> None:
        """Begin: load what is remembered, keep the doors."""
        self.watch = watch

    @abstractmethod
    def fold(self, frame: Frame) -> None:
        """Take a frame in; its signal is one of `signals`."""

    def reached(self, at: int) -> None:
        """All that was said before a moment (microseconds UTC) was folded: who was not heard since a former one was silent."""
        return

    async def tick(self, now: datetime) -> None:
        """Called about four times a second, after the frames that came meanwhile."""
        return

    async def stop(self) -> None:
        """End: another process leads from now on, or the stream stops."""
        return


_declared: dict[str, type[Watcher]] = {}


def watches(kind: type[Watcher]) -> type[Watcher]:
    """Declare a watcher; ValueError when its code is taken by another."""
    if _declared.get(kind.code, kind) is not kind:
        raise ValueError(f"watcher {kind.code} is declared twice")
    _declared[kind.code] = kind
    return kind


def declared() -> tuple[type[Watcher], ...]:
    """All declared watchers, in order of their codes."""
    return tuple(_declared[code] for code in sorted(_declared))
