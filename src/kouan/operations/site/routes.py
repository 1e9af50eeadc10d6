"""The doors of the site: queues now, and how cold a reefer was where it stood."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel import clock
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.text import Text
from kouan.operations.site.cold import stays
from kouan.operations.site.view import SiteView
from kouan.operations.traffic.api import HANDLERS

LONGEST = timedelta(days=31)
SPAN = Text("时段须带时区，止于起之后，且不超过 31 天", "Give times with a zone, the end after the beginning, and 31 days at most")
router = APIRouter(tags=["operations.site"], responses=RESPONSES)


class QueuesOut(BaseModel):
    """Queues of vehicles; times in seconds. `vehicles` are told to those who handle them."""

    age_s: float | None
    queues: list[dict[str, Any]]


@router.get("/api/site/queues", response_model=QueuesOut, operation_id="site_queues")
async def queues(request: Request, who: Caller) -> Response:
    """Length, waits and forecast of each waiting area; which vehicles wait is told to authorities and the terminal."""
    business(who)
    view: SiteView = request.app.state.site
    found = [dict(queue) for queue in view.told.get("queues", ())]
    if who.kind not in HANDLERS:
        for queue in found:
            queue["vehicles"] = []
    return reply({"age_s": view.age(), "queues": found})


class StayOut(BaseModel):
    """From one handling of the box to the next (`move` null: before the first). Degrees Celsius; `farthest`: from the setpoint."""

    move: str | None
    activity: str | None
    activity_title: dict[str, str] | None
    place: str | None
    position: str | None
    since: datetime
    until: datetime
    device: str | None
    name: dict[str, str] | None
    readings: int
    mean: float | None
    lowest: float | None
    highest: float | None
    farthest: float | None
    simulated: bool


class ColdOut(BaseModel):
    """A reefer's temperatures beside its moves; `simulated`: some of them are."""

    box: str
    since: datetime
    until: datetime
    unit: str
    simulated: bool
    stays: list[StayOut]


@router.get("/api/site/reefers/{box}", response_model=ColdOut, operation_id="site_reefer", summary="A reefer beside its moves")
async def reefer(
    who: Caller, port: ThePort, box: Annotated[str, Path(pattern=r"^[A-Z]{3}[UJZ][0-9]{7}$", examples=["MSKU9070323"])],
    since: Annotated[datetime | None, Query(description="a day before `until` unless stated")] = None,
    until: Annotated[datetime | None, Query(description="not included; now unless stated")] = None,
) -> Response:  # fmt: skip
    """How cold a reefer was from each of its moves to the next: readings, register and moves, each as far as the caller may see it."""
    business(who)
    end = until or clock.now()
    if end.tzinfo is None or (since is not None and since.tzinfo is None):
        raise Refused(SPAN, field="until", rule="site.span", code="span")
    try:
        begin = since or end - timedelta(days=1)
    except OverflowError:
        raise Refused(SPAN, field="until", rule="site.span", code="span") from None
    if not timedelta(0) < end - begin <= LONGEST:
        raise Refused(SPAN, field="until", rule="site.span", code="span")
    found = await stays(port, who, box, begin, end)
    simulated = any(one["simulated"] for one in found)
    return reply({"box": box, "since": begin, "until": end, "unit": "Cel", "simulated": simulated, "stays": found})
