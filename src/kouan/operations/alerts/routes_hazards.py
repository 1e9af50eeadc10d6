"""The doors of hazards, as a layer of the map with what they affect; and warnings given out by CAP 1.2 and Atom."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import shapely  # type: ignore[import-untyped]  # it carries no types
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.place.api import Place
from kouan.facilities.telemetry.api import ships_of
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import Connection, scope
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, read_one, reply, shown
from kouan.kernel.port import Port
from kouan.kernel.records import record_types
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.finding import equal
from kouan.operations.alerts import errors, store, telling
from kouan.operations.alerts.affected import Asset, area_of, as_json, shape_of, within
from kouan.operations.alerts.cap import writer
from kouan.operations.alerts.hazards import Hazard
from kouan.operations.alerts.records import Warned

router = APIRouter(tags=["operations.alerts"], responses=RESPONSES)
DEVICE = "facilities.devices.device"
FRESH = timedelta(minutes=30)
MOST, MOST_NAMED = 500, 2_000
_BOX = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\Z")
_XML = {"description": "The message", "content": {writer.MEDIA: {"schema": {"type": "string"}}}}
_ATOM = {"description": "The feed", "content": {writer.FEED: {"schema": {"type": "string"}}}}


class HazardsOut(BaseModel):
    """A GeoJSON FeatureCollection (RFC 7946); each feature's properties name what is affected, by kind of asset."""

    type: str
    features: list[dict[str, Any]]


@router.get("/api/hazards", response_model=HazardsOut, operation_id="hazards")
async def hazards(
    who: Caller,
    port: ThePort,
    bbox: Annotated[str, Query(max_length=120, description="west,south,east,north")] = "",
    kind: Annotated[Literal["", "natural", "accident", "health", "security"], Query()] = "",
) -> Response:
    """The hazards that hold now, with the places, ships and devices inside their areas; inside a box if one is given."""
    business(who)
    box = box_of(bbox)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        wanted = {"kind": kind} if kind else {}
        rows = await equal(conn, Hazard, wanted, states=("holds",), newest=True, limit=MOST)
        assets = await _assets(conn, port) if rows else {}
    features = []
    for row in rows:
        area = area_of(row.doc)
        if _over(row.doc) or (box is not None and not area.is_empty and not area.intersects(box)):
            continue
        features.append(_feature(row, area, {name: within(area, some) for name, some in assets.items()}))
    return reply({"type": "FeatureCollection", "features": features})


@router.get("/api/warnings/feed.atom", response_class=Response, operation_id="warnings_feed", responses={200: _ATOM})
async def feed(request: Request, who: Caller, port: ThePort) -> Response:
    """The newest hundred warnings that the caller may see, as an Atom feed of CAP messages."""
    business(who)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        rows = await store.current(conn, 100, open_only=False)
        items = await shown(port, who, Warned, rows, conn)
    body = writer.feed(items, f"{port.site.code} 预警 / Warnings", _base(request), now())
    return Response(body, media_type=writer.FEED)


@router.get("/api/warnings/{id}.cap", response_class=Response, operation_id="warning_cap", responses={200: _XML})
async def cap(request: Request, id: Annotated[UUID, Path()], who: Caller, port: ThePort) -> Response:
    """A warning as a CAP 1.2 message; it links to the proof of its receipt, by which a stranger can verify it."""
    business(who)
    item = await read_one(port, who, Warned, id)
    return Response(writer.message(item, f"warnings@{port.site.code.lower()}.kouan", _base(request)), media_type=writer.MEDIA)


def box_of(text: str) -> Any:
    """A box as a shape; None for an empty text. Raises Refused for what is none."""
    if not text:
        return None
    match = _BOX.match(text)
    if match is None:
        raise errors.bad_box()
    west, south, east, north = (float(one) for one in match.groups())
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise errors.bad_box()
    return shapely.box(west, south, east, north)


def _over(doc: dict[str, Any]) -> bool:
    return bool(doc.get("expires")) and doc["expires"] < stamp(now())


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _feature(row: Any, area: Any, affected: dict[str, list[Asset]]) -> dict[str, Any]:
    doc = row.doc
    named = {
        name: [{"ref": one.ref, "name": dict(one.name), "kind": one.kind} for one in some[:MOST_NAMED]] for name, some in affected.items()
    }
    return {
        "type": "Feature", "id": str(row.id), "geometry": as_json(area),
        "properties": {
            "ref": row.ref, "kind": doc["kind"], "severity": doc["severity"], "status": doc["status"], "sent": doc["sent"],
            "onset": doc.get("onset"), "expires": doc.get("expires"), "sender": doc["sender"], "headline": telling.noticed(doc).out(),
            "sayings": doc["sayings"], "areas": doc.get("areas", []), "track": doc.get("track"), "affected": named,
            "counts": {name: len(some) for name, some in affected.items()},
        },
    }  # fmt: skip


async def _assets(conn: Connection, port: Port) -> dict[str, list[Asset]]:
    places = [
        Asset(row.ref, {"zh": row.doc["name_zh"], "en": row.doc["name_en"]}, shape_of(row.doc["geometry"]), row.doc["kind"])
        for row in await equal(conn, Place, {}, limit=store.MOST)
    ]
    ships = [
        Asset(f"vessel:mmsi:{ship['mmsi']}", _same(ship.get("name") or ship["mmsi"]), shapely.Point(ship["lon"], ship["lat"]), "ship")
        for ship in ships_of(port, now() - FRESH)
        if ship.get("lon") is not None and ship.get("lat") is not None
    ]
    outlines = {one.ref: one.geometry for one in places}
    return {"places": places, "ships": ships, "devices": await _devices(conn, outlines)}


async def _devices(conn: Connection, outlines: dict[str, Any]) -> list[Asset]:
    """Registered devices where they stand: by their own position, else by their place."""
    cls = next((one for one in record_types() if one.facts.name == DEVICE), None)
    found = []
    for row in await equal(conn, cls, {}, limit=store.MOST) if cls is not None else ():
        doc = row.doc
        where = shapely.Point(doc["lon"], doc["lat"]) if doc.get("lon") is not None else outlines.get(doc.get("place") or "")
        if where is not None:
            name = {"zh": str(doc.get("name_zh") or row.ref), "en": str(doc.get("name_en") or row.ref)}
            found.append(Asset(row.ref, name, where, str(doc.get("class") or doc.get("kind") or "device")))
    return found


def _same(name: Any) -> dict[str, str]:
    return {"zh": str(name), "en": str(name)}
