"""The AIS driver: bytes of a connection in, frames of positions and particulars out; what cannot be read is counted by cause."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kouan.facilities.telemetry.drivers import samples
from kouan.facilities.telemetry.drivers.ais import stamps
from kouan.facilities.telemetry.drivers.ais.decoder import Columns, Decoder
from kouan.facilities.telemetry.drivers.ais.frames import frames, others
from kouan.facilities.telemetry.drivers.ais.messages import observation
from kouan.facilities.telemetry.drivers.ais.values import Unread
from kouan.facilities.telemetry.signals import Position
from kouan.kernel.drivers import Decoded, Driver
from kouan.kernel.text import Text


class AisDriver(Driver):
    """Decodes a byte stream of AIS sentences; keeps an unfinished line and the parts of unfinished messages.

    Fast with large chunks (256 KiB and more): gather at the socket. `sources` numbers the stations that sentences name
    and may be shared by the drivers of many connections. `noted` counts what was worth noting but not refused (NOTES).
    """

    code = "ais"
    title = Text("船舶自动识别系统", "Automatic identification system")
    protocol = "NMEA 0183 / ITU-R M.1371"
    signal = Position.code

    def __init__(self, sources: stamps.Sources | None = None) -> None:
        self.decoder = Decoder(sources)
        self.noted: Counter[str] = Counter()

    @property
    def sources(self) -> stamps.Sources:
        """The stations that were named, by number."""
        return self.decoder.sources

    def decode_columns(self, chunk: bytes) -> Columns:
        """All fields of all messages of a chunk, in columns by layout, with counts and the lines that were refused."""
        return self.decoder.feed(chunk)

    def decode(self, chunk: bytes) -> Decoded:
        """Frames of positions and of vessel particulars; messages of other kinds as single observations."""
        found = self.decoder.feed(chunk)
        self.noted += found.noted
        return Decoded(others(found), +found.refused, frames(found))

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples: simulated messages of all 27 types."""
        return samples.check(AisDriver, __file__)

    def line(self, line: bytes) -> dict[str, Any] | str | None:
        """One line: its observation, the cause for which it was refused, or None while parts are missing."""
        try:
            heard = self.decoder.line(line)
        except Unread as cause:
            return str(cause)
        return None if heard is None else observation(heard)
