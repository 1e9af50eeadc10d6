"""Doors of the map: ships now, one ship's card, and the live feed as server-sent events."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response, StreamingResponse

from kouan.base.portcall.api import PortCall
from kouan.kernel.errors import Failure, NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text
from kouan.operations.onemap.feed import Feed

router = APIRouter(tags=["operations.onemap"], responses=RESPONSES)
UNKNOWN = Text("没有这艘船的位置", "No position of this ship is known")
BOX = Text("bbox 应为 西,南,东,北", "bbox is west,south,east,north")
HEARTBEAT, RECHECK = 10.0, 5.0
_BOX = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\Z")


class VesselsOut(BaseModel):
    """Ships and their latest positions (WGS 84, knots, degrees true; `at` in UTC)."""

    vessels: list[dict[str, Any]]


def feed_of(request: Request) -> Feed:
    """The process's live feed."""
    found: Feed = request.app.state.feed
    return found


@router.get("/api/vessels", response_model=VesselsOut, operation_id="vessels")
async def vessels(request: Request, who: Caller, bbox: Annotated[str, Query(max_length=120)] = "") -> Response:
    """The latest picture, all of it or inside a box."""
    business(who)
    ships = list(feed_of(request).picture.ships.values())
    if bbox:
        match = _BOX.match(bbox)
        if match is None:
            raise Refused(BOX, field="bbox", rule="bbox", code="bbox")
        west, south, east, north = (float(x) for x in match.groups())
        ships = [
            s for s in ships if s.get("lon") is not None and west <= s["lon"] <= east and south <= s["lat"] <= north
        ]
    return reply({"vessels": ships})


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
