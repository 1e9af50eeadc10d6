"""How aircraft are heard: at KOUAN_ADSB_PORT."""

from __future__ import annotations

import numpy as np

from kouan.facilities.telemetry.drivers.adsb.driver import AdsbDriver
from kouan.facilities.telemetry.lining import House, SignalLine
from kouan.facilities.telemetry.listener import Decoder
from kouan.facilities.telemetry.signals import KIND_BITS, SIMULATED
from kouan.kernel.drivers import Decoded
from kouan.kernel.signals import Frame

SIM = "SIM"
"""How the call sign of a simulated aircraft begins."""
MOST = 4096
_NUMBER = np.uint64((1 << KIND_BITS) - 1)


class AdsbLine(SignalLine):
    """Aircraft. What a simulated one reports is marked once it told its call sign."""

    name = setting = "adsb"

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._simulated: set[int] = set()

    def driver(self, sender: str) -> Decoder:
        """A decoder for one sender."""
        return AdsbDriver()

    def take(self, decoded: Decoded, source: str) -> None:
        """Frames, marked."""
        for one in decoded.observations:
            if one["callsign"].startswith(SIM) and len(self._simulated) < MOST:
                self._simulated.add(int(one["icao"], 16))
        for frame in decoded.frames:
            simulated = np.isin(frame["key"] & _NUMBER, np.array(sorted(self._simulated), np.uint64))
            flags = frame["flags"] | np.where(simulated, SIMULATED, 0).astype(np.uint8)
            self.house.offer([Frame(frame.signal, {**frame.columns, "flags": flags})], self.name, source)
        self.house.refuse(decoded, self.name, source)
