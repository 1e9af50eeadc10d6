"""Which facts fell in a place: records that name it, or a place within it, or a position inside its outline (H7.2.4 d))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely  # type: ignore[import-untyped]  # the package states no types

from kouan.base.place.api import Place
from kouan.kernel.database import Connection
from kouan.kernel.records import Record, record_types
from kouan.kernel.store.finding import by_ids
from kouan.kernel.store.ops import Row
from kouan.kernel.store.schema import table
from kouan.operations.traffic.zones import zone_of

TIMES = ("at", "arrived")
MOST = 2000
"""Facts of one type that are looked at; beyond it the answer says that there are more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of record that happens somewhere: its time, and whether it tells a place or a position."""

    cls: type[Record]
    time: str
    place: bool
    position: bool


def kinds() -> Iterator[Kind]:
    """The types that state a time and a place or a position, whichever board declares them."""
    for cls in record_types():
        time = next((name for name in TIMES if name in cls.fields), "")
        place = "place" in cls.fields and cls.fields["place"].reference == "place"
        position = {"lon", "lat"} <= cls.fields.keys()
        if time and cls is not Place and (place or position) and cls.fields[time].level < 3:
            yield Kind(cls, time, place, position)


@dataclass(frozen=True, slots=True)
class Area:
    """A place with what belongs to it: its own reference and those of the places within it."""

    doc: Mapping[str, Any]
    outline: Any
    refs: frozenset[str]

    def covers(self, lon: Any, lat: Any) -> bool:
        """Whether a position lies in it."""
        return self.outline is not None and bool(shapely.intersects_xy(self.outline, float(lon), float(lat)))


def area_of(doc: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> Area:
    """The area of a place: those that say they are part of it, and those that are drawn inside it, belong to it."""
    zone = zone_of(dict(doc))
    outline = zone.area if zone else None
    refs, listed = {_ref(doc)}, list(others)
    while more := {_ref(one) for one in listed if one.get("parent") in refs} - refs:
        refs |= more
    if outline is not None:
        shapely.prepare(outline)
        refs |= {_ref(one) for one in listed if one["kind"] != "land" and outline.covers(shapely.geometry.shape(one["geometry"]))}
    return Area(doc, outline, frozenset(refs))


async def rows(conn: Connection, kind: Kind, area: Area, since: datetime, until: datetime) -> list[Row]:
    """The records of a type that fell in an area within a span, by their own time; at most MOST and one."""
    name, found = table(kind.cls), []
    when = f"(t.doc->>'{kind.time}')::timestamptz"
    if kind.place:
        sql = (
            f"select distinct t.id from {name} t join ref r on r.record_id = t.id and r.record = $1"  # noqa: S608 - declared names only
            f" where r.ref = any($2) and {when} >= $3 and {when} < $4 limit $5"
        )
        found += [raw["id"] for raw in await conn.fetch(sql, kind.cls.facts.name, sorted(area.refs), since, until, MOST + 1)]
    if kind.position and area.outline is not None:
        west, south, east, north = (float(side) for side in area.outline.bounds)
        sql = (
            f"select t.id from {name} t where {when} >= $1 and {when} < $2"  # noqa: S608 - declared names only
            " and (t.doc->>'lon')::float8 between $3 and $4 and (t.doc->>'lat')::float8 between $5 and $6 limit $7"
        )
        found += [raw["id"] for raw in await conn.fetch(sql, since, until, west, east, south, north, MOST + 1)]
    return await by_ids(conn, kind.cls, list(dict.fromkeys(found)))


def how(kind: Kind, area: Area, data: Mapping[str, Any]) -> str:
    """By what a record falls in an area, out of the fields that the caller may see: `place`, `position`, or not at all."""
    if kind.place and data.get("place") in area.refs:
        return "place"
    if kind.position and data.get("lon") is not None and data.get("lat") is not None and area.covers(data["lon"], data["lat"]):
        return "position"
    return ""


def _ref(doc: Mapping[str, Any]) -> str:
    return f"place:{''.join(str(doc['code']).split()).upper()}"
