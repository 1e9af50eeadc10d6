"""How warnings show ships: by reference, by name, and with what a person checks them by."""

from __future__ import annotations

from typing import Any

from kouan.facilities.telemetry.api import KINDS, SIMULATED
from kouan.kernel.clock import stamp
from kouan.operations.traffic.fusion import SHIP
from kouan.operations.traffic.identity import NUMBER
from kouan.operations.traffic.picture import Traffic, kind_index
from kouan.operations.traffic.service import moment

WATERS = ("customs", "border", "maritime")
"""Who is told of what happens on the waters."""


def subject(traffic: Traffic, place: int) -> tuple[str, ...]:
    """The reference of a ship that tells who she is, or of a vehicle that records refer to; a radar target has none."""
    key = int(traffic.seen.key[place])
    if kind_index(key) != SHIP:
        return (ref,) if (ref := traffic.refs.get(key)) else ()
    return (f"vessel:mmsi:{key & NUMBER:09d}",) if key else ()


def token(traffic: Traffic, place: int) -> str:
    """What a track is known by while it lasts: its MMSI, a vehicle's kind and number, else the track's number."""
    key = int(traffic.seen.key[place])
    if kind_index(key) != SHIP:
        return f"{KINDS[kind_index(key)]}{key & NUMBER}"
    return f"{key & NUMBER:09d}" if key else f"R{int(traffic.seen.number[place])}"


def shown(traffic: Traffic, place: int) -> dict[str, Any]:
    """A ship's state as evidence; `way`: her last fixes, the oldest first, as milliseconds since 1970 UTC, longitude, latitude."""
    seen = traffic.seen
    return {
        "name": traffic.name(place), "track": int(seen.number[place]), "lon": round(float(seen.lon[place]), 6),
        "lat": round(float(seen.lat[place]), 6), "speed_kn": round(float(seen.speed[place]), 1),
        "course_deg": round(float(seen.course[place]), 1), "at": stamp(moment(int(seen.at[place]))),
        "length_m": round(float(seen.length[place]), 1) or None, "radar_only": not seen.key[place],
        "way": traffic.fusion.tracks.ways.of(int(seen.row[place])),
    }  # fmt: skip


def simulated(traffic: Traffic, *places: int) -> bool:
    """Whether one of some tracks is of simulated data."""
    return any(bool(traffic.seen.flags[place] & SIMULATED) for place in places)


def where(traffic: Traffic, place: int) -> tuple[float, float]:
    """Longitude and latitude of a track."""
    return float(traffic.seen.lon[place]), float(traffic.seen.lat[place])
