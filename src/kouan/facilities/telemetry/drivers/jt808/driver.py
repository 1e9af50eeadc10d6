"""The JT/T 808 driver: positions of trucks as frames, registrations and alarms as single observations, answers to send."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from kouan.facilities.telemetry.drivers import samples
from kouan.facilities.telemetry.drivers.jt808.messages import ALARMS, Location
from kouan.facilities.telemetry.drivers.jt808.session import Gate, Heard, KeyedGate, Session
from kouan.facilities.telemetry.signals import KIND_BITS, KINDS, Position
from kouan.kernel.drivers import Decoded, Driver
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text

KNOT = 1.852
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRUCK = KINDS.index("truck") << KIND_BITS


class Jt808Driver(Driver):
    """Decodes one terminal's connection. After each `decode` the caller sends `answers()` back on the same connection."""

    code = "jt808"
    title = Text("车载卫星定位终端", "Vehicle satellite positioning terminal")
    protocol = "JT/T 808-2013 / JT/T 808-2019"
    signal = Position.code

    def __init__(self, gate: Gate) -> None:
        self.session = Session(gate)
        self._replies = b""

    def decode(self, chunk: bytes) -> Decoded:
        """Locations as one frame of positions; registrations and alarms as observations."""
        heard = self.session.feed(chunk)
        self._replies += heard.replies
        located = [(phone, place) for phone, place in heard.locations if place.fixed]
        frames = [positions(located)] if located else []
        return Decoded([*heard.facts, *_alarms(heard)], heard.refused, frames)

    def answers(self) -> bytes:
        """What is to be sent to the terminal since the last call."""
        replies, self._replies = self._replies, b""
        return replies

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples; their terminal is admitted by a gate of this check."""
        return samples.check(lambda: Jt808Driver(_Open()), __file__)


class _Open(KeyedGate):
    def __init__(self) -> None:
        super().__init__(lambda told: told, lambda _phone: True)

    def admits(self, phone: str, code: str) -> bool:
        return True


def truck_key(phone: str) -> int:
    """The key of a terminal's vehicle in frames of positions: its number, of which sixteen digits count."""
    return _TRUCK | int(phone[-16:])


def positions(located: Sequence[tuple[str, Location]]) -> Frame:
    """Locations with a fix as a frame of positions, in order of arrival."""
    rows = [(truck_key(phone), p.at, p.lon, p.lat, p.speed / KNOT, p.course, p.altitude) for phone, p in located]
    names = ("key", "at", "lon", "lat", "speed", "course", "altitude")
    kinds = ("u8", "i8", "f8", "f8", "f4", "f4", "f4")
    columns = {n: np.array(v, k) for n, k, v in zip(names, kinds, zip(*rows, strict=True), strict=True)}
    return Frame(Position.code, columns).complete(Position.columns)


def _alarms(heard: Heard) -> list[dict[str, Any]]:
    return [
        {
            "kind": "vehicle_alarm", "phone": phone, "at": (_EPOCH + timedelta(microseconds=place.at)).isoformat(),
            "lon": place.lon if place.fixed else None, "lat": place.lat if place.fixed else None,
            "alarms": [{"bit": bit, "title": ALARMS[bit].out()} for bit in place.alarms],
        }
        for phone, place in heard.locations if place.alarms
    ]  # fmt: skip
