"""The doors of the subject domains."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.kernel.clock import now
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import Port
from kouan.kernel.store.ops import decode_cursor, encode_cursor
from kouan.operations.subjects import errors, service
from kouan.operations.subjects.measures import MEASURES

router = APIRouter(prefix="/api/subjects", tags=["operations.subjects"], responses=RESPONSES)
Day = Annotated[str, Query(max_length=10)]
Entry = Annotated[str, Query(max_length=10, pattern=r"^[A-Z0-9]*$")]


class KindOut(BaseModel):
    """A part of a measure's total."""

    kind: str
    title: BothLanguages | None
    total: float


class MeasureOut(BaseModel):
    """A measure by hour. `level`: hours hold what stands at their end, None of hours to come; `before`: what stood when the day
    began; `whole`: the port's own total, not only what the caller's organisation may see; `events`: how many facts the total
    is made of; `kinds`: parts of the total, of a level parts of the day's change."""

    code: str
    title: BothLanguages
    unit: BothLanguages
    formula: BothLanguages
    digits: int
    level: bool
    whole: bool
    record: str
    before: float
    total: float
    events: int
    hours: list[float | None]
    kinds: list[KindOut]
    simulated: bool


class OperationOut(BaseModel):
    """The port operation domain of a day, for all ports of entry or one."""

    day: date
    port: str
    zone: str
    measures: list[MeasureOut]


class EventOut(BaseModel):
    """A single fact, when and how much it counts."""

    record: str
    id: UUID
    ref: str
    at: datetime
    kind: str
    title: BothLanguages | None
    value: float
    simulated: bool
    port: str


class EventsOut(BaseModel):
    """The single events behind a total: how many there are, what they come to, a page of them."""

    count: int
    total: float
    items: list[EventOut]
    next: str | None


def day_of(port: Port, text: str) -> date:
    """The day asked for, today without one; Refused when it is none."""
    try:
        day = date.fromisoformat(text) if text else now().astimezone(ZoneInfo(port.site.zone)).date()
    except ValueError:
        raise Refused(errors.NO_DAY, field="day", rule="day") from None
    if not date(1990, 1, 1) < day < date(2200, 1, 1):
        raise Refused(errors.NO_DAY, field="day", rule="day")
    return day


@router.get("/operation", response_model=OperationOut, operation_id="subject_operation", summary="Port operation by hour")
async def operation(who: Caller, port: ThePort, day: Day = "", entry: Entry = "") -> Response:
    """Trips, cargo, classes of cargo, passengers and stock of a day by hour, out of the facts that the caller may see."""
    business(who)
    asked = day_of(port, day)
    found = await service.operation(port, who, asked, entry)
    return reply({"day": asked.isoformat(), "port": entry, "zone": port.site.zone, "measures": found})


@router.get(
    "/operation/{name}/events", response_model=EventsOut, operation_id="subject_operation_events", summary="Events behind a total"
)
async def events(
    who: Caller, port: ThePort, name: Annotated[str, Path(max_length=40)], day: Day = "", entry: Entry = "",
    hour: Annotated[int | None, Query(ge=0, le=23)] = None, kind: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str, Query(max_length=200)] = "", limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """The single facts of a day, or an hour of it, the oldest first; what they come to is the total that was shown.

    Of a level they are what stands at the end of the day or hour, each as the fact that brought it.
    """
    business(who)
    of = MEASURES.get(name)
    if of is None:
        raise NotFound(errors.NO_MEASURE, field="name")
    if "\x00" in kind:
        raise Refused(errors.NO_MEASURE, field="kind", rule="kind")
    span = service.span_of(port, day_of(port, day), hour)
    count, total, items, last = await service.events(port, who, of, span, entry, kind, _cursor(after), limit)
    following = encode_cursor(last[0].isoformat(), last[1]) if last else None
    return reply({"count": count, "total": total, "items": items, "next": following})


def _cursor(after: str) -> tuple[datetime, int] | None:
    if not after:
        return None
    try:
        text, seq = decode_cursor(after)
        moment = datetime.fromisoformat(str(text))
        if moment.tzinfo is None or not 0 <= seq < 2**62:
            raise ValueError(text)
    except (ValueError, UnicodeError, OverflowError):
        raise Refused(errors.CURSOR, field="after", rule="cursor") from None
    return moment, seq
