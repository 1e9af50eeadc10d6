"""Doors of the map: ships now, one ship's card, and the live feed as server-sent events."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response, StreamingResponse

from kouan.base.portcall.api import PortCall
from kouan.kernel.clock import now, stamp
from kouan.kernel.errors import Failure, NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text
from kouan.operations.onemap.cargo import ships
from kouan.operations.onemap.feed import Feed
from kouan.operations.onemap.figures import figures
from kouan.operations.onemap.finding import find
from kouan.operations.onemap.past import LONGEST, Box, past

router = APIRouter(tags=["operations.onemap"], responses=RESPONSES)
UNKNOWN = Text("没有这艘船的位置", "No position of this ship is known")
SPAN = Text("时段须为正，且不超过3小时", "A span ends after it begins, within three hours")
BOX = Text("bbox 应为 西,南,东,北", "bbox is west,south,east,north")
HEARTBEAT, RECHECK = 10.0, 5.0
_BOX = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\Z")


class VesselsOut(BaseModel):
    """Ships and their latest positions (WGS 84, knots, degrees true; `at` in UTC)."""

    vessels: list[dict[str, Any]]


class FoundOut(BaseModel):
    """Things on the map: where each is (WGS 84; null where nothing is remembered), `slot` in the live feed, or a box's place."""

    found: list[dict[str, Any]]


class BothOut(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class WorkOut(BaseModel):
    """Loading (done: aboard) or discharging (done: ashore) in boxes; `ashore`: at the terminal now; `direct`: not put down there.

    `left`: discharged boxes that have left the terminal. `percent`: done of total, None where nothing is to be done.
    """

    total: int
    ashore: int
    ashore_kg: float
    done: int
    done_kg: float
    direct: int
    left: int
    percent: float | None


class ShipOut(BaseModel):
    """A ship's call, its berth plan's state and berth, and its cargo."""

    call: str
    ship: str | None
    vessel: str | None
    voyage: str | None
    eta: datetime | None
    berth: str | None
    plan: str | None
    stop: str | None
    since: datetime | None
    leaves: datetime | None
    load: WorkOut
    discharge: WorkOut


class ShipsOut(BaseModel):
    """Ships at the port and expected."""

    at: datetime
    ships: list[ShipOut]


class PartOut(BaseModel):
    """How many there are of one state or kind."""

    value: str
    title: BothOut
    count: int


class FigureOut(BaseModel):
    """Records of one type since `since`, in all and by state or kind; `at`: the field that says when, empty for when filed."""

    group: str
    record: str
    title: BothOut
    by: str
    at: str
    total: int
    parts: list[PartOut]


class GroupOut(BaseModel):
    """Figures of one subject."""

    code: str
    title: BothOut
    figures: list[FigureOut]


class FiguresOut(BaseModel):
    """The figures beside the map."""

    at: datetime
    since: datetime
    groups: list[GroupOut]


class PastOut(BaseModel):
    """Objects (name, reference, kind, flags, metres to bow, stern, port, starboard) and their reports in columns.

    `object` is an index of `objects`; `at_s`: seconds after `since`; degrees WGS 84, knots, degrees true.
    """

    since: datetime
    until: datetime
    thinned_s: float
    objects: list[list[Any]]
    object: list[int]
    at_s: list[float]
    lon: list[float]
    lat: list[float]
    speed: list[float | None]
    course: list[float | None]
    heading: list[float | None]


class TransportOut(BaseModel):
    """Figures since the process began; `skipped`: ticks that slow viewers missed, `tick_ms`: mean work of a tick."""

    viewers: int
    objects: int
    refused: int
    bytes: int
    messages: int
    snapshots: int
    skipped: int
    tick_ms: float


def _box(text: str) -> Box:
    match = _BOX.match(text)
    if match is None:
        raise Refused(BOX, field="bbox", rule="bbox", code="bbox")
    west, south, east, north = (float(x) for x in match.groups())
    return west, south, east, north


def feed_of(request: Request) -> Feed:
    """The process's live feed."""
    found: Feed = request.app.state.feed
    return found


@router.get("/api/vessels", response_model=VesselsOut, operation_id="vessels")
async def vessels(request: Request, who: Caller, bbox: Annotated[str, Query(max_length=120)] = "") -> Response:
    """The latest picture, all of it or inside a box."""
    business(who)
    seen = list(feed_of(request).picture.ships.values())
    if bbox:
        west, south, east, north = _box(bbox)
        seen = [
            s for s in seen if s.get("lon") is not None and west <= s["lon"] <= east and south <= s["lat"] <= north
        ]
    return reply({"vessels": seen})


@router.get("/api/vessels/{mmsi}", response_model=dict[str, Any], operation_id="vessel")
async def vessel(
    request: Request, who: Caller, port: ThePort, mmsi: Annotated[str, Path(pattern=r"^[0-9]{9}$")]
) -> Response:
    """One ship: identity, latest position, and the port call that the caller may see of it."""
    business(who)
    ship = feed_of(request).picture.ships.get(mmsi)
    if ship is None:
        raise NotFound(UNKNOWN, field="mmsi")
    calls = await port.find(who, PortCall.facts.name, ref=f"vessel:imo:{ship['imo']}") if ship.get("imo") else []
    return reply({**ship, "ref": f"vessel:mmsi:{mmsi}", "call": calls[0].ref if calls else None})


@router.get("/api/map/find", response_model=FoundOut, operation_id="map_find")
async def find_on_map(
    request: Request, who: Caller, port: ThePort, q: Annotated[str, Query(min_length=2, max_length=80)]
) -> Response:
    """What moves, by name, MMSI, IMO number or plate, and where a box stands, by its number."""
    business(who)
    return reply({"found": await find(port, feed_of(request).scene, who, q.strip())})


@router.get("/api/map/past", response_model=PastOut, operation_id="map_past")
async def past_hour(
    request: Request, who: Caller, port: ThePort, since: AwareDatetime, until: AwareDatetime,
    bbox: Annotated[str, Query(max_length=120)],
) -> Response:  # fmt: skip
    """What was where within three hours at most of the past, inside a box (west,south,east,north), for playback."""
    business(who)
    if not timedelta(0) < until - since <= LONGEST:
        raise Refused(SPAN, field="until", rule="map.span", code="span")
    found = await past(port, feed_of(request).scene, who, since, until, _box(bbox))
    return reply({"since": stamp(since), "until": stamp(until), **found})


@router.get("/api/map/ships", response_model=ShipsOut, operation_id="map_ships")
async def ships_and_cargo(who: Caller, port: ThePort) -> Response:
    """Ships at the port: where each lies, and how far loading and discharging are, in boxes and kilograms."""
    business(who)
    return reply({"at": stamp(now()), "ships": await ships(port, who)})


@router.get("/api/map/figures", response_model=FiguresOut, operation_id="map_figures")
async def figures_now(who: Caller, port: ThePort) -> Response:
    """Today's figures of clearance, flows, warnings and handling, counted in the records that the caller may see."""
    business(who)
    return reply(await figures(port, who))


@router.get("/api/map/state", response_model=TransportOut, operation_id="map_state")
async def transport(request: Request, who: Caller) -> Response:
    """How the map's live transport of this process does."""
    business(who)
    return reply(feed_of(request).hub.state())


@router.get("/api/live", operation_id="live", response_class=StreamingResponse, responses={200: {
    "content": {"text/event-stream": {}}, "description": "Events `ships` and `fact`"}})  # fmt: skip
async def live(request: Request, who: Caller) -> Response:
    """Ships each second and facts as they happen, for as long as the caller's credential holds."""
    business(who)
    return StreamingResponse(_events(request), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _events(request: Request) -> AsyncIterator[bytes]:
    feed = feed_of(request)
    client = feed.join(await request.app.state.authenticate(request))
    loop = asyncio.get_running_loop()
    checked = spoken = loop.time()
    try:
        while not await request.is_disconnected():
            try:
                yield await asyncio.wait_for(client.queue.get(), 1.0)
                spoken = loop.time()
            except TimeoutError:
                if loop.time() - spoken > HEARTBEAT:
                    yield b": still here\n\n"
                    spoken = loop.time()
            if loop.time() - checked > RECHECK:
                await request.app.state.authenticate(request)
                checked = loop.time()
    except Failure:
        return
    finally:
        feed.leave(client)
