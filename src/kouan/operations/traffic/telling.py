"""How the traffic picture travels from the stream to those who serve it: JSON on the bus, tracks in parts of some thousands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kouan.facilities.telemetry.api import KINDS, SIMULATED, Entity, Movers
from kouan.kernel.signals import Array
from kouan.operations.traffic import geo
from kouan.operations.traffic.contacts import Contact
from kouan.operations.traffic.fusion import SHIP
from kouan.operations.traffic.identity import NUMBER
from kouan.operations.traffic.picture import Traffic
from kouan.operations.traffic.tracks import AIS, RADAR

PICTURE, SUMMARY = "traffic.tracks", "traffic.summary"
PART, MOST_PAIRS = 4000, 500
COLUMNS = (
    "number", "kind", "ref", "name", "lon", "lat", "speed", "course", "heading", "status", "ship_type", "length", "sigma", "sources",
    "quality", "age", "simulated", "orgs", "level",
)  # fmt: skip
LOST, ONE, BOTH = "lost", "one", "both"
QUIET = 60_000_000


def parts(traffic: Traffic, entities: Mapping[int, Entity], movers: Movers | None = None) -> Iterator[dict[str, Any]]:
    """The tracks of the last look as messages; each says which part of how many it is."""
    count = max(-(-len(traffic.seen) // PART), 1)
    for part in range(count):
        places = np.arange(part * PART, min((part + 1) * PART, len(traffic.seen)))
        yield {"at": traffic.seen.now, "part": part, "parts": count, "columns": columns(traffic, places, entities, movers or Movers())}


def columns(traffic: Traffic, places: Array, entities: Mapping[int, Entity], movers: Movers) -> dict[str, list[Any]]:
    """Some tracks in columns."""
    seen = traffic.seen
    keys, kinds = seen.key[places].tolist(), seen.kind[places].tolist()
    each = zip(keys, kinds, seen.number[places].tolist(), strict=True)
    known = traffic.identities.known
    named = [
        (f"vessel:mmsi:{key & NUMBER:09d}", said.name if (said := known.get(key)) else "", ())
        if kind == SHIP and key else _named(key, kind, number, entities)
        for key, kind, number in each
    ]  # fmt: skip
    fresh_own, fresh_radar = seen.own_at[places] > seen.now - 3 * QUIET, seen.radar_at[places] > seen.now - QUIET
    both, none = fresh_own & fresh_radar, ~fresh_own & ~fresh_radar
    quality = np.where(both, BOTH, np.where(none, LOST, ONE))
    sources = seen.sources[places]
    return {
        "number": seen.number[places].tolist(), "kind": [KINDS[kind] for kind in kinds],
        "ref": [one[0] for one in named], "name": [one[1] for one in named],
        "lon": _round(seen.lon[places], 6), "lat": _round(seen.lat[places], 6), "speed": _round(seen.speed[places], 2),
        "course": _round(seen.course[places], 1), "heading": _round(seen.heading[places], 1),
        "status": seen.status[places].tolist(), "ship_type": seen.ship_type[places].tolist(),
        "length": _round(seen.length[places], 1), "sigma": _round(seen.sigma[places], 1),
        "sources": [_SOURCES[one] for one in sources.tolist()], "quality": quality.tolist(),
        "age": _round((seen.now - seen.at[places]) / 1e6, 1), "simulated": ((seen.flags[places] & SIMULATED) > 0).tolist(),
        "orgs": [list(one[2]) for one in named], "level": [movers.level(key) for key in keys],
    }  # fmt: skip


def summary(traffic: Traffic, more: Mapping[str, Any]) -> dict[str, Any]:
    """Occupancy, close pairs, contacts, density and counters."""
    seen = traffic.seen
    near = traffic.near
    order = np.argsort(near.tcpa)[:MOST_PAIRS]
    return {
        "at": seen.now, "pairs": [_pair(traffic, int(place)) for place in order], "pairs_all": len(near), "pairs_whole": near.whole,
        "contacts": [_contact(traffic, one) for one in traffic.contacts.open.values()],
        "occupied": _occupied(traffic), "density": traffic.density.cells(),
        "counts": {
            **traffic.fusion.facts(), "by_kind": _by_kind(seen.kind), "contacts_cut": traffic.contacts.cut,
            **{f"pairs_{name}": count for name, count in traffic.encounters.facts().items()},
        }, **more,
    }  # fmt: skip


def _occupied(traffic: Traffic) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    known = {int(number): place for place, number in enumerate(traffic.seen.number.tolist())}
    for stay in sorted(traffic.stays.occupied(), key=lambda stay: (stay.zone, stay.arrived)):
        if stay.mover not in known:
            continue
        place, zone = known[stay.mover], traffic.zones.zones[stay.zone]
        one = found.setdefault(stay.zone, {
            "place": zone.ref, "kind": zone.kind, "name": {"zh": zone.name_zh, "en": zone.name_en}, "movers": [],
        })  # fmt: skip
        one["movers"].append({
            "number": stay.mover, "name": traffic.name(place), "kind": KINDS[int(traffic.seen.kind[place])], "since": stay.arrived,
            "simulated": bool(traffic.seen.flags[place] & SIMULATED),
        })  # fmt: skip
    return list(found.values())


def _pair(traffic: Traffic, place: int) -> dict[str, Any]:
    near, seen = traffic.near, traffic.seen
    first, second = int(near.first[place]), int(near.second[place])
    return {
        "ships": [_ship(traffic, first), _ship(traffic, second)], "away_nm": round(float(near.away[place]) / geo.MILE, 3),
        "cpa_nm": round(float(near.cpa[place]) / geo.MILE, 3), "tcpa_s": round(float(near.tcpa[place]), 1),
        "simulated": bool((seen.flags[first] | seen.flags[second]) & SIMULATED),
    }  # fmt: skip


def _ship(traffic: Traffic, place: int) -> dict[str, Any]:
    seen = traffic.seen
    return {
        "number": int(seen.number[place]), "name": traffic.name(place), "lon": round(float(seen.lon[place]), 6),
        "lat": round(float(seen.lat[place]), 6), "only_radar": not seen.key[place],
    }  # fmt: skip


def _contact(traffic: Traffic, one: Contact) -> dict[str, Any]:
    places = traffic.seen.places(np.array([one.first, one.second], np.uint64))
    ships = [_ship(traffic, min(int(place), len(traffic.seen) - 1)) for place in places]
    return {"ships": ships, "since": one.since, "nearest_m": round(one.nearest, 1)}


def _named(key: int, kind: int, number: int, entities: Mapping[int, Entity]) -> tuple[str, str, tuple[str, ...]]:
    if not key:
        return "", f"R{number}", ()
    known = entities.get(key)
    return (known.ref, known.name or known.ref.partition(":")[2], known.orgs or ("-",)) if known else ("", "", ("-",))


def _sources(bits: int) -> str:
    return "+".join(name for bit, name in ((AIS, "ais"), (RADAR, "radar"), (4, "own")) if bits & bit)


_SOURCES = [_sources(bits) for bits in range(256)]


def _by_kind(kinds: Array) -> dict[str, int]:
    found, counts = np.unique(kinds, return_counts=True)
    return {KINDS[kind]: count for kind, count in zip(found.tolist(), counts.tolist(), strict=True)}


def _round(values: Array, digits: int) -> list[float | None]:
    rounded = np.round(values.astype(float), digits)
    found: list[float | None] = rounded.tolist()
    for place in np.flatnonzero(np.isnan(rounded)).tolist():
        found[place] = None
    return found
