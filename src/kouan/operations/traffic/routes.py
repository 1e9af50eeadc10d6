"""The doors of traffic: the fused picture, density and close pairs, who is where, turn times, and what fell in a place."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply, shown
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.operations.traffic import located, store
from kouan.operations.traffic.records import Visit
from kouan.operations.traffic.turns import turns_of
from kouan.operations.traffic.view import STALE, View

router = APIRouter(tags=["operations.traffic"], responses=RESPONSES)
BOX = Text("bbox 应为 西,南,东,北", "bbox is west,south,east,north")
BAD_SPAN = Text("结束须晚于开始，且不超过31天", "The end is after the beginning, by at most 31 days")
NO_PLACE = Text("没有这个地点", "There is no such place")
LONGEST = timedelta(days=31)
_BOX = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\Z")


class TrafficOut(BaseModel):
    """The traffic picture in short. `age_s`: seconds since it was made; `stale`: it is older than it should be."""

    at: datetime | None
    age_s: float | None
    stale: bool
    counts: dict[str, Any]
    occupied: list[dict[str, Any]]
    expected: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    pairs: int
    radar: dict[str, int]
    kept: dict[str, int]


class FeaturesOut(BaseModel):
    """A GeoJSON FeatureCollection (RFC 7946), with the age of the picture in seconds."""

    type: str
    age_s: float | None = None
    features: list[dict[str, Any]]


class PairsOut(BaseModel):
    """Ships that will come close: miles now and at the closest point of approach, seconds until then."""

    age_s: float | None
    whole: bool
    pairs: list[dict[str, Any]]


class TurnsOut(BaseModel):
    """Turn times: for each conveyance the time from its first arrival to its last departure, and its stays between."""

    since: datetime
    until: datetime
    turns: list[dict[str, Any]]


class EventsOut(BaseModel):
    """What fell in a place within a span, as GeoJSON features; `more`: not all of it is shown."""

    type: str
    place: dict[str, Any]
    since: datetime
    until: datetime
    more: bool
    features: list[dict[str, Any]]


def view_of(request: Request) -> View:
    """The process's traffic picture."""
    found: View = request.app.state.traffic
    return found


@router.get("/api/traffic", response_model=TrafficOut, operation_id="traffic")
async def traffic(request: Request, who: Caller) -> Response:
    """Tracks by kind and sensor, who is in which place, which ships are expected when, who lies alongside whom."""
    business(who)
    view = view_of(request)
    age, told = view.age(), view.summary
    mine = [one for one in told.get("expected", ()) if who.kind in _EXPECTING]
    return reply({
        "at": now() - timedelta(seconds=age) if age is not None else None, "age_s": age, "stale": age is None or age > STALE,
        "counts": told.get("counts", {}), "occupied": view.occupied(who), "expected": mine, "contacts": view.contacts(who),
        "pairs": len(view.pairs(who)), "radar": told.get("radar", {}), "kept": told.get("kept", {}),
    })  # fmt: skip


_EXPECTING = frozenset({"customs", "border", "maritime", "portoffice", "terminal", "agent", "carrier"})


@router.get("/api/traffic/tracks", response_model=FeaturesOut, operation_id="traffic_tracks")
async def tracks(request: Request, who: Caller, bbox: Annotated[str, Query(max_length=120)] = "") -> Response:
    """One feature for each mover, fused of its sensors: position, speed (kn), course (deg true), sigma (m), sources, quality."""
    business(who)
    box = None
    if bbox:
        match = _BOX.match(bbox)
        if match is None:
            raise Refused(BOX, field="bbox", rule="bbox", code="bbox")
        west, south, east, north = (float(x) for x in match.groups())
        box = (west, south, east, north)
    view = view_of(request)
    features = [
        {"type": "Feature", "id": row["number"], "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
         "properties": {name: value for name, value in row.items() if name not in ("lon", "lat")}}
        for row in view.rows(who, box)
    ]  # fmt: skip
    return reply({"type": "FeatureCollection", "age_s": view.age(), "features": features})


@router.get("/api/traffic/density", response_model=FeaturesOut, operation_id="traffic_density")
async def density(request: Request, who: Caller) -> Response:
    """Cells of half a mile: ships in them now, and ship-minutes of the last half hour."""
    business(who)
    view = view_of(request)
    return reply({"type": "FeatureCollection", "age_s": view.age(), "features": view.density()})


@router.get("/api/traffic/pairs", response_model=PairsOut, operation_id="traffic_pairs")
async def pairs(request: Request, who: Caller) -> Response:
    """The ships that will come within a mile of each other in the next half hour, the soonest first, at most 500."""
    business(who)
    view = view_of(request)
    return reply({"age_s": view.age(), "whole": bool(view.summary.get("pairs_whole", True)), "pairs": view.pairs(who)})


@router.get("/api/traffic/turns", response_model=TurnsOut, operation_id="traffic_turns")
async def turns(
    who: Caller, port: ThePort, since: AwareDatetime | None = None, until: AwareDatetime | None = None,
    conveyance: Annotated[str, Query(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")] = "",
) -> Response:  # fmt: skip
    """How long each conveyance was in the port within a span (a day unless one is given), with its stays."""
    business(who)
    begin, end = _span(since, until)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.visits(conn, begin, end, conveyance=conveyance)
        items = await shown(port, who, Visit, rows, conn)
    return reply({"since": begin, "until": end, "turns": turns_of(items)})


@router.get("/api/places/{code:path}/events", response_model=EventsOut, operation_id="place_events")
async def events(
    who: Caller,
    port: ThePort,
    code: Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")],
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> Response:
    """Passages, moves, stays, warnings and whatever else states a place or position, that fell in a place; newest first."""
    business(who)
    begin, end = _span(since, until)
    features: list[dict[str, Any]] = []
    more = False
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        doc = await store.place(conn, code)
        if doc is None:
            raise NotFound(NO_PLACE, field="code")
        drawn = {f"place:{one['code'].upper()}": one for one in await store.places(conn)}
        area = located.area_of(doc, drawn.values())
        for kind in located.kinds():
            rows = await located.rows(conn, kind, area, begin, end)
            more = more or len(rows) > located.MOST
            for item in await shown(port, who, kind.cls, rows[: located.MOST], conn):
                by = located.how(kind, area, item["data"])
                features += [_feature(kind, item, by, drawn, doc)] if by and item["data"].get(kind.time) else []
    features.sort(key=lambda one: str(one["properties"]["at"]), reverse=True)
    shape = {"ref": f"place:{doc['code'].upper()}", "code": doc["code"], "name": {"zh": doc["name_zh"], "en": doc["name_en"]},
             "kind": doc["kind"], "geometry": doc["geometry"]}  # fmt: skip
    return reply({
        "type": "FeatureCollection", "place": shape, "since": begin, "until": end, "more": more or len(features) > located.MOST,
        "features": features[: located.MOST],
    })  # fmt: skip


def _feature(kind: located.Kind, item: dict[str, Any], by: str, drawn: dict[str, Any], doc: dict[str, Any]) -> dict[str, Any]:
    data = item["data"]
    if kind.position and data.get("lon") is not None:
        geometry: Any = {"type": "Point", "coordinates": [data["lon"], data["lat"]]}
    else:
        geometry = drawn.get(data.get("place") or "", doc)["geometry"]
    return {
        "type": "Feature", "id": item["id"], "geometry": geometry,
        "properties": {
            "record": kind.cls.facts.name, "title": kind.cls.facts.title.out(), "ref": item["ref"], "state": item["state"],
            "at": data[kind.time], "until": data.get("left") or data.get("until"), "place": data.get("place"), "by": by,
            "label": data.get(kind.cls.facts.label) or item["ref"], "simulated": bool(data.get("simulated", False)),
        },
    }  # fmt: skip


def _span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    try:
        end = until or (since + timedelta(days=1) if since else now())
        begin = since or end - timedelta(days=1)
        if timedelta(0) < end - begin <= LONGEST:
            return begin, end
    except OverflowError:
        pass
    raise Refused(BAD_SPAN, field="until", rule="span", code="span")
