"""Geofences: points that all move each second, judged against zones with entries and exits told; CPU as share of a core.

The port's own zones (`operations.traffic`) and, beside them, the same question put to shapely in two plain ways. Points
and zones are made here; all answers are compared before anything is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from bench._command import parser, say
from bench._platform import machine
from kouan.operations.traffic.api import Zone, Zones

POINTS, ZONES, ROUNDS, SEED = 20_000, 500, 10, 20261122
BOX = (121.4, 35.8, 121.9, 36.2)
METRES = 111_195.0


def outlines(count: int, chance: np.random.Generator) -> list[Any]:
    """Star-shaped areas of 60 corners and 100 to 1500 m across, all over the port."""
    west, south, east, north = BOX
    made = []
    for _ in range(count):
        lon, lat = chance.uniform(west, east), chance.uniform(south, north)
        angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
        reach = chance.uniform(50, 750) * chance.uniform(0.6, 1.0, 60) / METRES
        made.append(shapely.Polygon(np.column_stack([lon + reach * np.cos(angles) / 0.81, lat + reach * np.sin(angles)])))
    return made


class Fleet:
    """Points that go straight on at 3 to 12 m/s and turn round at the border."""

    def __init__(self, count: int, chance: np.random.Generator) -> None:
        west, south, east, north = BOX
        self.lon, self.lat = chance.uniform(west, east, count), chance.uniform(south, north, count)
        angle, speed = chance.uniform(0, 2 * np.pi, count), chance.uniform(3, 12, count)
        self.east, self.north = speed * np.cos(angle) / METRES / 0.81, speed * np.sin(angle) / METRES
        self.number = np.arange(1, count + 1, dtype=np.uint64)

    def step(self) -> None:
        """One second."""
        west, south, east, north = BOX
        self.lon, self.lat = self.lon + self.east, self.lat + self.north
        self.east = np.where((self.lon < west) | (self.lon > east), -self.east, self.east)
        self.north = np.where((self.lat < south) | (self.lat > north), -self.north, self.north)


def _timed(work: Callable[[], object], fleet: Fleet, rounds: int) -> float:
    spent = 0.0
    for _ in range(rounds):
        fleet.step()
        before = time.process_time()
        work()
        spent += time.process_time() - before
    return spent / rounds


def _peers(fleet: Fleet, areas: list[Any], rounds: int) -> dict[str, float]:
    polygons = np.array(areas, dtype=object)
    shapely.prepare(polygons)
    tree = shapely.STRtree(polygons)

    def by_zones() -> object:
        return tree.query(shapely.points(fleet.lon, fleet.lat), predicate="intersects")

    def one_by_one() -> object:
        return [np.flatnonzero(shapely.contains_xy(area, fleet.lon, fleet.lat)) for area in polygons]

    return {
        "shapely: a tree of zones, asked by points": round(100 * _timed(by_zones, fleet, rounds), 2),
        "shapely: contains_xy for each zone": round(100 * _timed(one_by_one, fleet, rounds), 2),
    }


def _agree(zones: Zones, fleet: Fleet, areas: list[Any]) -> int:
    points, places = zones.locate(fleet.lon, fleet.lat)
    ours = set(zip(points.tolist(), places.tolist(), strict=True))
    theirs = {(int(p), z) for z, area in enumerate(areas) for p in np.flatnonzero(shapely.contains_xy(area, fleet.lon, fleet.lat))}
    if ours != theirs:
        raise AssertionError(f"{len(ours ^ theirs)} memberships differ")
    return len(ours)


def run(points: int = POINTS, count: int = ZONES, rounds: int = ROUNDS) -> dict[str, Any]:
    """Share of a core, in percent, for one look a second with entries and exits."""
    chance = np.random.default_rng(SEED)
    areas, fleet = outlines(count, chance), Fleet(points, chance)
    zones = Zones([Zone(f"bench/{n}", "zone", "区", "Zone", area) for n, area in enumerate(areas)])
    memberships = _agree(zones, fleet, areas)
    crossings = [0, 0]

    def look() -> None:
        at = np.full(points, 1, np.int64)
        entered, left = zones.look(fleet.number, fleet.lon, fleet.lat, at)
        crossings[0] += len(entered)
        crossings[1] += len(left)

    look()
    crossings[:] = [0, 0]
    share = _timed(look, fleet, rounds)
    return {
        "name": "geofences", "points": points, "zones": count, "corners": 60, "rounds": rounds, "core_percent": round(100 * share, 2),
        "goal_core_percent": 20, "points_per_cpu_s": round(points / share), "memberships": memberships, "entered": crossings[0],
        "left": crossings[1], "peers": _peers(fleet, areas, max(rounds // 2, 1)), "data": "generated points and zones",
        "machine": machine(),
    }  # fmt: skip


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--points", type=int, default=POINTS)
    made.add_argument("--zones", type=int, default=ZONES)
    made.add_argument("--rounds", type=int, default=ROUNDS)
    given = made.parse_args()
    say(run(given.points, given.zones, given.rounds), line=given.json)


if __name__ == "__main__":
    main()
