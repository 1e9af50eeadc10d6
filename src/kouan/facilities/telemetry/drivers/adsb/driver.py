"""The ADS-B driver: a receiver's bytes in, frames of aircraft positions out; damaged frames are counted by cause."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from kouan.facilities.telemetry.drivers import samples
from kouan.facilities.telemetry.drivers.adsb import squitter
from kouan.facilities.telemetry.drivers.adsb.framing import Framing
from kouan.facilities.telemetry.drivers.adsb.squitter import Moving, Named, Placed, Unread, near, together
from kouan.facilities.telemetry.signals import KIND_BITS, KINDS, Position
from kouan.kernel import clock
from kouan.kernel.drivers import Decoded, Driver
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text

AIRCRAFT_MOST = 4096
PAIR = timedelta(seconds=10)
KNOWN = timedelta(minutes=1)
FOOT = 0.3048
MOST = 1e6  # what no height, speed or course exceeds; NaN does not pass either
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KIND = KINDS.index("aircraft") << KIND_BITS
_SHORT = 7  # bytes of a Mode S reply that is no squitter


@dataclass(slots=True)
class _Aircraft:
    """What was last heard of one aircraft."""

    name: str = ""
    speed: float | None = None
    course: float | None = None
    heading: float | None = None
    even: tuple[Placed, datetime] | None = None
    odd: tuple[Placed, datetime] | None = None
    place: tuple[float, float, datetime] | None = None


Row = tuple[int, int, float, float, float | None, float | None, float | None, float | None]


class AdsbDriver(Driver):
    """Decodes one receiver's stream. `site`: longitude and latitude of the receiver, for places on the ground.

    A first place in the air needs an even and an odd report within 10 s; then each report gives one.
    """

    code = "adsb"
    title = Text("广播式自动相关监视", "Automatic dependent surveillance - broadcast")
    protocol = "Mode S 1090ES: Beast / AVR / SBS-1"
    signal = Position.code

    def __init__(self, site: tuple[float, float] | None = None) -> None:
        self._site, self._framing = site, Framing()
        self._aircraft: OrderedDict[int, _Aircraft] = OrderedDict()

    def decode(self, chunk: bytes) -> Decoded:
        """Places as one frame of positions, at the time of reception; new call signs as single observations."""
        now, refused = clock.now(), Counter[str]()
        rows: list[Row] = []
        names: list[dict[str, Any]] = []
        for one in self._framing.feed(chunk, refused):
            try:
                if isinstance(one, list):
                    self._row(one, now, rows, names)
                elif len(one) == squitter.BYTES:
                    self._take(squitter.read(one), now, rows, names)
                elif len(one) not in {2, _SHORT}:
                    refused["frame"] += 1
            except Unread as cause:
                refused[str(cause)] += 1
        return Decoded(names, refused, [_frame(rows)] if rows else [])

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return samples.check(AdsbDriver, __file__)

    def _known(self, icao: int) -> _Aircraft:
        craft = self._aircraft.setdefault(icao, _Aircraft())
        self._aircraft.move_to_end(icao)
        if len(self._aircraft) > AIRCRAFT_MOST:
            self._aircraft.popitem(last=False)
        return craft

    def _take(
        self, told: squitter.Squitter | None, now: datetime, rows: list[Row], names: list[dict[str, Any]]
    ) -> None:
        if told is None:
            return
        craft = self._known(told.icao)
        if isinstance(told, Named):
            self._name(told.icao, told.callsign, now, names)
        elif isinstance(told, Moving):
            craft.speed, craft.course, craft.heading = told.speed, told.track, told.airborne_heading
        else:
            place = self._place(craft, told, now)
            if place is not None:
                craft.place = (*place, now)
                speed, course = (told.speed, told.track) if told.surface else (craft.speed, craft.course)
                height = None if told.altitude is None else told.altitude * FOOT
                rows.append((told.icao, _micros(now), *place, speed, course, craft.heading, height))

    def _place(self, craft: _Aircraft, told: Placed, now: datetime) -> tuple[float, float] | None:
        """Near the last place, or from a pair, or (on the ground) near the receiver."""
        if told.odd:
            craft.odd = told, now
        else:
            craft.even = told, now
        if craft.place is not None and now - craft.place[2] < KNOWN:
            return near(told, craft.place[0], craft.place[1])
        if told.surface:
            return near(told, *self._site) if self._site else None
        if craft.even is None or craft.odd is None or abs(craft.even[1] - craft.odd[1]) > PAIR:
            return None
        if craft.even[0].surface or craft.odd[0].surface:
            return None
        return together(craft.even[0], craft.odd[0], told.odd)

    def _name(self, icao: int, name: str, now: datetime, names: list[dict[str, Any]]) -> None:
        craft = self._known(icao)
        if name and name != craft.name:
            craft.name = name
            names.append({"kind": "aircraft", "icao": f"{icao:06X}", "callsign": name, "at": now.isoformat()})

    def _row(self, fields: list[str], now: datetime, rows: list[Row], names: list[dict[str, Any]]) -> None:
        """One row of BaseStation: MSG types 1 (name), 2 and 3 (place), 4 (velocity)."""
        if len(fields) < 22:
            raise Unread("frame")
        try:
            icao = int(fields[4], 16)
            height, speed, course, lat, lon = (float(text) if text else None for text in fields[11:16])
        except ValueError:
            raise Unread("frame") from None
        told = [value for value in (height, speed, course) if value is not None]
        if not 0 < icao < 1 << 24 or not all(abs(value) < MOST for value in told):
            raise Unread("frame")
        craft = self._known(icao)
        self._name(icao, fields[10].strip(), now, names)
        if speed is not None and course is not None:
            craft.speed, craft.course = speed, course
        if lat is None or lon is None:
            return
        if not (abs(lat) <= 90 and abs(lon) <= 180):
            raise Unread("frame")
        metres = None if height is None else height * FOOT
        rows.append((icao, _micros(now), lon, lat, craft.speed, craft.course, craft.heading, metres))


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _frame(rows: Sequence[Row]) -> Frame:
    names = ("key", "at", "lon", "lat", "speed", "course", "heading", "altitude")
    kinds = ("u8", "i8", "f8", "f8", "f4", "f4", "f4", "f4")
    columns = {
        name: np.array([np.nan if value is None else value for value in values], kind)
        for name, kind, values in zip(names, kinds, zip(*rows, strict=True), strict=True)
    }
    columns["key"] |= np.uint64(_KIND)
    return Frame(Position.code, columns).complete(Position.columns)
