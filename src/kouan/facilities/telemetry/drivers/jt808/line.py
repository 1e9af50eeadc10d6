"""How vehicle terminals are heard: at KOUAN_JT808_PORT, over TCP. Those that the register knows are admitted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kouan.facilities.telemetry.drivers.jt808.driver import Jt808Driver
from kouan.facilities.telemetry.drivers.jt808.session import KeyedGate
from kouan.facilities.telemetry.lining import House, SignalLine
from kouan.facilities.telemetry.listener import Decoder
from kouan.facilities.telemetry.trackers import JT808
from kouan.kernel.drivers import Decoded
from kouan.kernel.settings import Settings
from kouan.kernel.suites import folder
from kouan.kernel.vault import master_key

VEHICLES = 4096
"""Vehicle terminals that are connected at once."""


class Jt808Line(SignalLine):
    """Positions go on under the keys of the vehicles; registrations and alarms are counted."""

    name = setting = "jt808"
    senders, datagrams = VEHICLES, False

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self._gate = KeyedGate(_keyed(house.stated), lambda phone: house.trackers.get(JT808, phone) is not None)

    def driver(self, sender: str) -> Decoder:
        """A terminal's session."""
        return Jt808Driver(self._gate)

    def take(self, decoded: Decoded, source: str) -> None:
        """Positions of vehicles that the register knows; strangers are counted."""
        house = self.house
        for frame in decoded.frames:
            mine, strangers = house.trackers.of_phones(frame)
            house.offer([mine], self.name, source)
            if strangers:
                house.edge.refuse("jt808.unknown_sender", strangers, f"jt808 {source}")
        for one in decoded.observations:
            admitted = "" if one["kind"] != "terminal" else ".admitted" if one["admitted"] else ".turned_away"
            house.counts[f"jt808.{one['kind']}{admitted}"] += 1
        house.refuse(decoded, self.name, source)


def _keyed(stated: Settings) -> Callable[[bytes], bytes]:
    """The keyed hash that the codes of vehicle terminals are made with: its key outlives restarts and is the port's own."""
    suite = folder.stated(stated.home)
    return partial(suite.mac, suite.mac(master_key(stated.home), b"kouan jt808"))
