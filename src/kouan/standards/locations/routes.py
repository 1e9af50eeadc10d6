"""The doors of the location code service (G6.3*)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.clock import now
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import Port
from kouan.standards.locations import service

router = APIRouter(prefix="/api/locations", tags=["standards.locations"], responses=RESPONSES)
At = Annotated[date | None, Query(description="the day, today at the port unless stated")]


class PlacesOut(BaseModel):
    """Places. Each: `un` with name, function, `entered` (month of the last change), `since` and `until` where the list dates it;
    `national`: codes that stand on the day with scheme, dates and source; `history`: those that do not."""

    asked: str
    at: str
    places: list[dict[str, Any]]


@router.get("", response_model=PlacesOut, operation_id="locations", summary="Search locations")
async def search(who: Caller, port: ThePort, q: Annotated[str, Query(min_length=1, max_length=80)], at: At = None) -> Response:
    """By name in Chinese or English, or by the beginning of a code."""
    business(who)
    return reply(await service.search(port, who, q, at or _today(port)))


@router.get("/{code}", response_model=PlacesOut, operation_id="location", summary="A location by any code")
async def one(code: Annotated[str, Path(min_length=2, max_length=12)], who: Caller, port: ThePort, at: At = None) -> Response:
    """UN/LOCODE, GB/T 7407, GB/T 15514 or customs district; 404 with `near` when nothing has the code."""
    business(who)
    return reply(await service.one(port, who, code, at or _today(port)))


def _today(port: Port) -> date:
    return now().astimezone(ZoneInfo(port.site.zone)).date()
