"""The doors of the berth plan: the chart of berths and time, and where else a ship could lie."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, StringConstraints
from starlette.responses import Response

from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, reply, shown
from kouan.kernel.references import make
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text
from kouan.operations.berth import service, store
from kouan.operations.berth.lifecycle import OPEN
from kouan.operations.berth.records import BerthPlan

router = APIRouter(prefix="/api/berths", tags=["operations.berth"], responses=RESPONSES)
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=160, pattern=r"^[^\x00-\x1f\x7f]*$")]
BACK, LONGEST = timedelta(hours=12), timedelta(days=31)
NOT_A_NAME = Text("无法识别的编号", "This is no reference")
BAD_SPAN = Text("结束须晚于开始，且不超过31天", "The end is after the beginning, by at most 31 days")
SHOWN = (*OPEN, "departed")


class BerthOut(BaseModel):
    """A berth of the chart."""

    ref: str
    title: dict[str, str]
    length_m: float | None
    depth_m: float | None


class ChartOut(BaseModel):
    """Berths, and the plans within a span that the caller may see."""

    begin: datetime
    end: datetime
    now: datetime
    berths: list[BerthOut]
    plans: list[ItemOut]


class SlotOut(BaseModel):
    """A berth and a time at which it is free."""

    berth: str
    begin: datetime
    end: datetime


class SlotsOut(BaseModel):
    """Free slots, the soonest first."""

    slots: list[SlotOut]


@router.get("/chart", response_model=ChartOut, operation_id="berths_chart")
async def chart(who: Caller, port: ThePort, begin: AwareDatetime | None = None, end: AwareDatetime | None = None) -> Response:
    """Berths against time; from twelve hours ago for three days unless a span is given."""
    business(who)
    start = begin or now() - BACK
    stop = _end(start, end, timedelta(days=3))
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        places = await store.berths(conn)
        rows = await store.between(conn, start, stop, SHOWN)
        plans = await shown(port, who, BerthPlan, rows, conn)
    berths = [
        {"ref": row.ref, "title": {"zh": row.doc["name_zh"], "en": row.doc["name_en"]}, "length_m": row.doc.get("length_m"),
         "depth_m": row.doc.get("depth_m")} for row in places
    ]  # fmt: skip
    return reply({"begin": start, "end": stop, "now": now(), "berths": berths, "plans": plans})


@router.get("/alternatives", response_model=SlotsOut, operation_id="berths_alternatives")
async def alternatives(
    who: Caller,
    port: ThePort,
    call: Name,
    begin: AwareDatetime,
    end: AwareDatetime,
    turn: Annotated[int, Query(ge=1, le=99)] = 1,
    berth: Name = "place:-",
) -> Response:
    """Where and when a stay as long as this one could be instead; berths that do not take the ship are left out."""
    business(who)
    stop = _end(begin, end, timedelta(days=1))
    try:
        wanted = BerthPlan(call=make("portcall", call), turn=turn, berth=make("place", berth), planned_from=begin, planned_to=stop)
    except ValueError:
        raise Refused(NOT_A_NAME, field="call", rule="reference", code="reference") from None
    found = await service.slots(port, wanted)
    return reply({"slots": [{"berth": s.berth, "begin": s.begin, "end": s.end} for s in found[:20]]})


def _end(begin: datetime, end: datetime | None, usual: timedelta) -> datetime:
    try:
        stop = end or begin + usual
        if timedelta(0) < stop - begin <= LONGEST:
            return stop
    except OverflowError:
        pass
    raise Refused(BAD_SPAN, field="end", rule="span", code="span")
