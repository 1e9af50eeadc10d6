"""How positioning receivers are heard: at KOUAN_GNSS_PORT. Sentences of registered receivers go on, under the keys of their movers."""

from __future__ import annotations

from collections import Counter

import numpy as np

from kouan.facilities.telemetry.drivers.gnss.driver import GnssDriver
from kouan.facilities.telemetry.drivers.gnss.sentences import SENTENCE_MOST, source_of
from kouan.facilities.telemetry.lining import SignalLine
from kouan.facilities.telemetry.listener import Decoder
from kouan.facilities.telemetry.signals import SIMULATED
from kouan.facilities.telemetry.trackers import NMEA, Tracked, Trackers
from kouan.kernel.drivers import Decoded, Lines
from kouan.kernel.signals import Frame

RECEIVERS = 64
"""Receivers that one connection may speak for."""


class GnssLine(SignalLine):
    """NMEA of registered receivers."""

    name = setting = "gnss"

    def driver(self, sender: str) -> Decoder:
        """One connection's receivers."""
        return Receivers(self.house.trackers, sender)


class Receivers:
    """One connection's NMEA: sentences of registered receivers, told apart by the source in their tag blocks, else by address."""

    def __init__(self, trackers: Trackers, name: str) -> None:
        self._trackers, self._name = trackers, name
        self._lines = Lines(SENTENCE_MOST)
        self._drivers: dict[str, tuple[Tracked, GnssDriver]] = {}

    def decode(self, chunk: bytes) -> Decoded:
        """The fixes that are whole with this chunk."""
        refused, frames = Counter[str](), list[Frame]()
        source, run = self._name, list[bytes]()
        for line in self._lines.cut(chunk, refused):
            found = source_of(line) or (source if not line.strip() else self._name)
            if found != source and run:
                self._hand_on(source, run, frames, refused)
                run = []
            source = found
            run.append(line)
        if run:
            self._hand_on(source, run, frames, refused)
        return Decoded((), refused, frames)

    def _hand_on(self, source: str, lines: list[bytes], frames: list[Frame], refused: Counter[str]) -> None:
        tracked = self._trackers.get(NMEA, source)
        if tracked is None:
            refused.update("unknown_sender" for line in lines if line.strip())
            return
        held = self._drivers.get(source)
        if held is None or held[0] != tracked:
            if len(self._drivers) >= RECEIVERS:
                self._drivers.clear()
            held = self._drivers[source] = tracked, GnssDriver(tracked.kind, tracked.number)
        decoded = held[1].decode(b"\n".join(lines) + b"\n")
        refused.update(decoded.refused)
        for frame in decoded.frames:
            flags = frame["flags"] | np.uint8(SIMULATED if tracked.simulated else 0)
            frames.append(Frame(frame.signal, {**frame.columns, "flags": flags}))
