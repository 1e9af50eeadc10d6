"""The tracks of one moment in columns, as zones, pairs, contacts and warnings read them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kouan.kernel.signals import Array
from kouan.operations.traffic.fusion import PLOT, SHIP


@dataclass(frozen=True, slots=True)
class Seen:
    """The tracks of one moment in columns, by number; `lon`, `lat` are where they are now, `seen_*` where last seen.

    Speeds in knots, courses in degrees true, times in microseconds UTC, `sigma` in metres.
    """

    now: int
    number: Array
    row: Array
    key: Array
    kind: Array
    lon: Array
    lat: Array
    seen_lon: Array
    seen_lat: Array
    ve: Array
    vn: Array
    speed: Array
    course: Array
    at: Array
    own_at: Array
    radar_at: Array
    since: Array
    heading: Array
    status: Array
    flags: Array
    sources: Array
    ship_type: Array
    length: Array
    sigma: Array
    hover_at: Array

    def __len__(self) -> int:
        """How many."""
        return len(self.number)

    def ships(self) -> Array:
        """Which of them are ships or radar targets."""
        found: Array = (self.kind == SHIP) | (self.kind == PLOT)
        return found

    def places(self, numbers: Array) -> Array:
        """The places of some track numbers in the columns; each must be there."""
        found: Array = np.searchsorted(self.number, numbers)
        return found
