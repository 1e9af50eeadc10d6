"""Health (H5.1): all boards with their modules, and whether filing works."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.datastructures import State
from starlette.responses import Response

from kouan.app.compose import Platform
from kouan.app.registry import BOARDS
from kouan.base.place.api import any_place
from kouan.facilities.telemetry.api import declared as watchers
from kouan.facilities.telemetry.api import poor as hangs
from kouan.kernel.clock import now
from kouan.kernel.database import GONE, scope
from kouan.kernel.http.records import reply
from kouan.kernel.ledger.store import standing
from kouan.kernel.modules import modules
from kouan.kernel.principal import PLATFORM

router = APIRouter(tags=["health"])
STALE_SECONDS = 15.0
PARTS = ("stream", "watch")
"""What may hang while filing goes on."""
PATIENCE = 3.0
"""Seconds after which a database that does not answer counts as away."""


class HealthOut(BaseModel):
    """Status of the platform: `ok`, `starting` or `degraded`, and by what; its modules; its ports."""

    status: str
    trouble: str
    modules: dict[str, dict[str, Any]]
    ports: dict[str, int]


@router.get("/api/health", response_model=HealthOut, responses={503: {"model": HealthOut}}, operation_id="health")
async def health(request: Request) -> Response:
    """Whether the platform serves: 200 once the data stands and filing works, else 503.

    While the stream (`stream`) or those who watch it (`watch`) hang, filing goes on: 200, `degraded`, with what they do named.
    """
    platform: Platform | None = getattr(request.app.state, "platform", None)
    trouble = await _trouble(platform, request.app.state)
    boards = _boards(trouble)
    ports = _ports(platform)
    status = "ok" if not trouble else "starting" if platform is None else "degraded"
    serves = not trouble or trouble in PARTS
    return reply({"status": status, "trouble": trouble, "modules": boards, "ports": ports}, 200 if serves else 503)


async def _trouble(platform: Platform | None, state: State) -> str:
    if platform is None:
        return "starting"
    if platform.room.low():
        return "disk_low"
    # Waited for from outside: a connection in the middle of a query cannot be given up before the database answers. A look
    # that still hangs is not joined by another one.
    look: asyncio.Task[str] | None = getattr(state, "look", None)
    if look is None or look.done():
        look = state.look = asyncio.create_task(_looked(platform), name="health")
    done, _ = await asyncio.wait({look}, timeout=PATIENCE)
    return look.result() if done else "database"


async def _looked(platform: Platform) -> str:
    """What the database says of the platform."""
    try:
        async with scope(platform.port.pool, (0, PLATFORM.org)) as conn:
            places = await any_place(conn)
            signed, late = await standing(conn, now() - timedelta(seconds=STALE_SECONDS))
            hanging = await hangs(conn)
    except (*GONE, asyncpg.PostgresError):
        return "database"
    if platform.settings.demo and not places:
        return "demo"
    return "signer" if late or not signed else hanging


def _poor(trouble: str) -> frozenset[str]:
    """The modules whose work rests by a trouble: those that watch the stream while a part of it hangs, else all."""
    if trouble not in PARTS:
        return frozenset(m.name for m in modules())
    watching = (".".join(watcher.code.split(".")[:2]) for watcher in watchers())
    return frozenset((*watching, *(("operations.onemap",) if trouble == "stream" else ())))


def _boards(trouble: str) -> dict[str, dict[str, Any]]:
    poor = _poor(trouble) if trouble else frozenset()
    found = {}
    for name, (clause, title, _) in BOARDS.items():
        mine = [m for m in modules() if m.board == name]
        parts = {m.name: {"status": "degraded" if m.name in poor else "ok", "title": m.title.out()} for m in mine}
        rests = any(m.name in poor for m in mine) or bool(trouble and trouble not in PARTS)
        found[name] = {"status": "degraded" if rests else "ok", "title": title.out(), "clause": clause, "parts": parts}
    return found


def _ports(platform: Platform | None) -> dict[str, int]:
    if platform is None:
        return dict.fromkeys(("http", "nmea", "mqtt", "radar", "gnss", "jt808", "adsb", "metar"), 0)
    s = platform.settings
    ports = {
        "http": s.port, "nmea": s.nmea_port, "mqtt": s.mqtt_port, "radar": s.radar_port,
        "gnss": s.gnss_port, "jt808": s.jt808_port, "adsb": s.adsb_port, "metar": s.metar_port,
        **dict(s.more_ports),
    }  # fmt: skip
    path = s.home / "run" / "ports.json"
    if path.exists():
        ports |= {k: v for k, v in json.loads(path.read_text()).items() if k in ports and v}
    return ports
