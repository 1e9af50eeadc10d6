"""What a line into a stream process is: how a port of the platform hears one protocol, and what becomes of what its driver read.

A folder under `drivers` adds one. Its `driver.py` declares the Driver; a `line.py` beside it, with a SignalLine of its own, says how it
is heard. Without one it is heard at KOUAN_<FOLDER>_PORT, over TCP and UDP, and its frames go on as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar

from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.listener import SENDERS, Decoder
from kouan.facilities.telemetry.numbers import Numbers
from kouan.facilities.telemetry.trackers import Trackers
from kouan.kernel.drivers import Decoded
from kouan.kernel.settings import Settings
from kouan.kernel.signals import Frame


class House:
    """What the lines of a process share: settings, numbers, trackers, the edge, and counts by protocol and cause."""

    def __init__(self, stated: Settings, numbers: Numbers, trackers: Trackers, edge: Edge) -> None:
        self.stated, self.numbers, self.trackers, self.edge = stated, numbers, trackers, edge
        self.counts: Counter[str] = Counter()

    def offer(self, frames: Sequence[Frame], protocol: str, source: str) -> None:
        """Frames of a protocol go on, and are counted."""
        self.counts[f"{protocol}.rows"] += sum(len(frame) for frame in frames)
        self.edge.offer(frames, f"{protocol} {source}")

    def refuse(self, decoded: Decoded, protocol: str, source: str) -> None:
        """Count what a driver refused."""
        for cause, count in decoded.refused.items():
            self.edge.refuse(f"{protocol}.{cause}" if protocol else cause, count, f"{protocol} {source}".strip())


class SignalLine:
    """One protocol's port. `name`: how it is counted; `setting`: of KOUAN_<SETTING>_PORT; `must`: the process does not start without."""

    name: ClassVar[str] = ""
    setting: ClassVar[str] = ""
    must: ClassVar[bool] = False
    senders: ClassVar[int] = SENDERS
    datagrams: ClassVar[bool] = True

    def __init__(self, house: House) -> None:
        self.house = house

    def driver(self, sender: str) -> Decoder:
        """A decoder for one sender, by his name."""
        raise NotImplementedError(self.name)

    def take(self, decoded: Decoded, source: str) -> None:
        """What a sender's bytes held: frames go on, refusals are counted."""
        self.house.offer(decoded.frames, self.name, source)
        self.house.refuse(decoded, self.name, source)

    async def round(self) -> None:
        """Housekeeping, twice a second; may raise what a database that is away raises."""


def plain(folder: str, decoder: Callable[[], Decoder]) -> type[SignalLine]:
    """The line of a driver that says nothing of how it is heard."""

    class PlainLine(SignalLine):
        name = setting = folder

        def driver(self, sender: str) -> Decoder:
            """A decoder of its own for each sender."""
            return decoder()

    return PlainLine
