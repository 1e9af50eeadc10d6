"""The GNSS driver: NMEA sentences of a receiver in, frames of its positions out; what gives nothing is counted by cause."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np

from kouan.facilities.telemetry.drivers import samples
from kouan.facilities.telemetry.drivers.gnss.sentences import SENTENCE_MOST, Epoch, Fix, Unread, read
from kouan.facilities.telemetry.signals import ESTIMATED, KIND_BITS, KINDS, Position
from kouan.kernel.drivers import Decoded, Driver, Lines
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
USER_RANGE = 5.0
"""Metres of one sigma for a dilution of 1: an assumption for single-frequency receivers, not a measured figure."""


class GnssDriver(Driver):
    """Decodes one receiver's bytes; `kind` and `number` say whose position it is (KINDS of telemetry's signals).

    A fix is given when the next one's time begins, or the time of an idle line: an empty line ends it.
    """

    code = "gnss"
    title = Text("卫星定位接收机", "GNSS receiver")
    protocol = "NMEA 0183 RMC / GGA / GLL / VTG"
    signal = Position.code

    def __init__(self, kind: str = "equipment", number: int = 0) -> None:
        self._key = KINDS.index(kind) << KIND_BITS | number
        self._lines = Lines(SENTENCE_MOST)
        self._epoch = Epoch()

    def decode(self, chunk: bytes) -> Decoded:
        """The fixes that are whole with this chunk, as one frame of positions."""
        refused: Counter[str] = Counter()
        fixes: list[Fix] = []
        for line in self._lines.cut(chunk, refused):
            try:
                whole = self._epoch.add(read(line)) if line.strip() else self._epoch.end()
            except Unread as cause:
                refused[str(cause)] += 1
            else:
                fixes += [whole] if whole is not None and whole.lon is not None else []
        return Decoded((), refused, [self._frame(fixes)] if fixes else [])

    @staticmethod
    def check() -> Text | None:
        """None when the driver reads its own samples."""
        return samples.check(GnssDriver, __file__)

    def _frame(self, fixes: list[Fix]) -> Frame:
        numbers = {name: [_or_nan(getattr(fix, name)) for fix in fixes] for name in ("speed", "course", "altitude")}
        columns = {
            "key": np.full(len(fixes), self._key, np.uint64), "at": np.array([_at(fix) for fix in fixes], np.int64),
            "lon": np.array([fix.lon for fix in fixes], float), "lat": np.array([fix.lat for fix in fixes], float),
            **{name: np.array(values, np.float32) for name, values in numbers.items()},
            "accuracy": np.array([_or_nan(fix.dilution) for fix in fixes], np.float32) * np.float32(USER_RANGE),
            "flags": np.array([ESTIMATED if fix.estimated else 0 for fix in fixes], np.uint8),
        }  # fmt: skip
        return Frame(Position.code, columns).complete(Position.columns)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _at(fix: Fix) -> int:
    """Microseconds UTC; 0 until a date was told (only RMC has one)."""
    if fix.day is None or fix.clock is None:
        return 0
    return (datetime.combine(fix.day, fix.clock, UTC) - _EPOCH) // timedelta(microseconds=1)
