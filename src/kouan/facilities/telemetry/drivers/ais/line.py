"""How AIS is heard: at KOUAN_NMEA_PORT. Without it a stream process does not start."""

from __future__ import annotations

from kouan.facilities.telemetry.drivers.ais.driver import AisDriver
from kouan.facilities.telemetry.lining import SignalLine
from kouan.facilities.telemetry.listener import Decoder
from kouan.facilities.telemetry.ships import frames_of
from kouan.kernel.drivers import Decoded


class AisLine(SignalLine):
    """Ships and stations."""

    name, setting, must = "listener", "nmea", True

    def driver(self, sender: str) -> Decoder:
        """A decoder for one sender."""
        return AisDriver()

    def take(self, decoded: Decoded, source: str) -> None:
        """Frames, and what is told one by one."""
        self.house.edge.offer([*decoded.frames, *frames_of(decoded.observations)], source)
        self.house.refuse(decoded, "", source)
