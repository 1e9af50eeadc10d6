"""The doors of the yard: what stands where, and one box's stays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.facilities.yard import store
from kouan.facilities.yard.folding import FIELD_TIMES, Stay
from kouan.kernel.clock import now, stamp
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.references import make
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/yard", tags=["facilities.yard"], responses=RESPONSES)
NO_BOX = Text("没有这个箱的进出场记录", "Nothing is told of this box at the terminal")
BAD_BOX = Text("请给出箱号", "Name a container")


class BlockOut(BaseModel):
    """How many boxes stand at a place; `empty` of them empty; `longest`: since when the one that came first has been there."""

    place: str | None
    presence: str
    boxes: int
    empty: int
    longest: datetime


class BalanceOut(BaseModel):
    """The stock at the day's start, what came in and left since, and the stock now: the first three make the last."""

    since: datetime
    opening: int
    came: int
    went: int
    closing: int


class StayOut(BaseModel):
    """One stay of a box: where it is or was, since when, and what its reports contradict each other in."""

    container: str
    presence: str
    place: str | None
    position: str | None
    since: datetime
    began: datetime
    ended: datetime | None
    how_in: str
    how_out: str
    vessel: str | None
    voyage: str | None
    discharged: datetime | None
    at_bay: datetime | None
    left_bay: datetime | None
    status: str | None
    gross_kg: float | None
    size_type: str | None
    moves: int
    doubts: list[str]


class YardOut(BaseModel):
    """The yard now, as far as the caller may see it."""

    blocks: list[BlockOut]
    today: BalanceOut
    boxes: list[StayOut]
    next: str | None


class BoxOut(BaseModel):
    """A box's stays, the newest first."""

    container: str
    stays: list[StayOut]


def shape(container: str, stay: Stay) -> dict[str, Any]:
    """A stay as the API shows it."""
    out: dict[str, Any] = {name: getattr(stay, name) for name in store.FIELDS}
    times = {name: stamp(out[name]) if out[name] else None for name in FIELD_TIMES}
    return {"container": container, **out, **times, "doubts": list(stay.doubts)}


@router.get("", response_model=YardOut, operation_id="yard")
async def yard(
    who: Caller, port: ThePort,
    place: Annotated[str, Query(max_length=80)] = "", after: Annotated[str, Query(max_length=60)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """What stands in the yard: boxes by place, the day's balance, and a page of boxes by number."""
    business(who)
    at = now()
    start = at.astimezone(ZoneInfo(port.site.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        blocks = [dict(row) for row in await store.blocks(conn)]
        today = await store.balance(conn, start, at + timedelta(minutes=15))
        found = await store.here(conn, _ref("place", place) if place else "", after, limit + 1)
    boxes = [shape(container, stay) for container, stay in found[:limit]]
    following = boxes[-1]["container"] if len(found) > limit else None
    listed = [{**block, "longest": stamp(block["longest"])} for block in blocks]
    return reply({"blocks": listed, "today": {"since": stamp(start), **today}, "boxes": boxes, "next": following})


@router.get("/{container}", response_model=BoxOut, operation_id="yard_box")
async def box(who: Caller, port: ThePort, container: Annotated[str, Path(max_length=60)]) -> Response:
    """One box: where it is and since when, and its former stays."""
    business(who)
    ref = _ref("container", container)
    async with scope(port.pool, scope_of(who), clearance=who.clearance) as conn:
        stays = (await store.stays_of(conn, [ref])).get(ref)
    if not stays:
        raise NotFound(NO_BOX, field="container", code="no_box")
    return reply({"container": ref, "stays": [shape(ref, stay) for stay in reversed(stays)]})


def _ref(kind: str, text: str) -> str:
    try:
        return make(kind, text)
    except ValueError:
        raise Refused(BAD_BOX, field=kind, rule="reference", code="reference") from None
