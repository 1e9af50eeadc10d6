"""Fairways: how far a ship has come along one, which way it runs there, and when she will be at its stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kouan.kernel.signals import Array
from kouan.operations.traffic import geo

SLOW = 2.0 * geo.KNOT
HARBOUR = 8.0 * geo.KNOT
"""Ships go no faster than this between the pilot and the berth: assumed, not measured."""
TOWARDS = 70.0
"""Degrees by which a course may differ from the way ahead and still lead there."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a ship will be somewhere: metres to go, seconds."""

    metres: float
    seconds: float


class Fairway:
    """One fairway as it was drawn, from sea to berth."""

    def __init__(self, points: Sequence[Sequence[float]]) -> None:
        self._lon = np.array([point[0] for point in points], float)
        self._lat = np.array([point[1] for point in points], float)
        self._east, self._north = geo.offset(self._lon[:-1], self._lat[:-1], self._lon[1:], self._lat[1:])
        legs = np.hypot(self._east, self._north)
        self._legs = np.where(legs > 0, legs, 1.0)
        self._marks = np.concatenate([[0.0], np.cumsum(legs)])
        self.length = float(self._marks[-1])

    def project(self, lon: Array, lat: Array) -> tuple[Array, Array, Array]:
        """Metres along and aside of the nearest point of the line, and its bearing there, for each position."""
        east, north = geo.offset(self._lon[:-1, None], self._lat[:-1, None], lon[None, :], lat[None, :])
        share = (east * self._east[:, None] + north * self._north[:, None]) / (self._legs**2)[:, None]
        share = np.clip(share, 0.0, 1.0)
        aside = np.hypot(east - share * self._east[:, None], north - share * self._north[:, None])
        leg = np.argmin(aside, axis=0)
        every = np.arange(len(lon))
        along = self._marks[leg] + share[leg, every] * self._legs[leg]
        return along, aside[leg, every], geo.bearing(self._east[leg], self._north[leg])

    def due(self, ship: tuple[float, float, float, float], mark: float, pilot: float | None = None) -> Due | None:
        """When a ship (lon, lat, m/s east, north) will have come to a mark of the line; None when she does not go there.

        `pilot`: the mark behind which ships go at harbour speed.
        """
        along, aside, bearing = (float(x[0]) for x in self.project(np.array([ship[0]]), np.array([ship[1]])))
        speed = float(np.hypot(ship[2], ship[3]))
        ahead = mark - along
        if speed < SLOW or ahead <= 0:
            return None
        point = self.at(min(along + max(aside, 1000.0), mark))
        east, north = geo.offset(np.array([ship[0]]), np.array([ship[1]]), np.array([point[0]]), np.array([point[1]]))
        wanted = float(geo.bearing(east, north)[0]) if aside > 300 else bearing
        course = float(geo.bearing(np.array([ship[2]]), np.array([ship[3]]))[0])
        if float(geo.apart(np.array([course]), np.array([wanted]))[0]) > TOWARDS:
            return None
        outside = ahead if pilot is None else max(min(pilot, mark) - along, 0.0)
        inside = ahead - outside
        return Due(aside + ahead, (aside + outside) / speed + inside / min(speed, HARBOUR))

    def at(self, mark: float) -> tuple[float, float]:
        """The point so many metres along."""
        leg = int(np.clip(np.searchsorted(self._marks, mark, "right") - 1, 0, len(self._legs) - 1))
        share = (mark - self._marks[leg]) / self._legs[leg]
        return float(self._lon[leg] + share * (self._lon[leg + 1] - self._lon[leg])), float(
            self._lat[leg] + share * (self._lat[leg + 1] - self._lat[leg])
        )
