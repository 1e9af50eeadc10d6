"""The doors of customs logistics: the calls, and the cargoes of a call, a bill or a box."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.base.identity.api import KINDS
from kouan.kernel.clock import stamp
from kouan.kernel.errors import Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.port import Port
from kouan.kernel.principal import Principal
from kouan.kernel.references import make
from kouan.kernel.text import Text
from kouan.supervision.logistics import service
from kouan.supervision.logistics.service import WATCHERS, Followed
from kouan.supervision.logistics.stages import DISCREPANCIES, STAGES, Cargo
from kouan.supervision.logistics.store import Ship

router = APIRouter(prefix="/api/logistics", tags=["supervision.logistics"], responses=RESPONSES)
ONE_OF = Text("航次、提运单、箱号只能选择其一", "Ask about a call, a bill or a container, one at a time")
BAD = Text("不是有效的标识", "This is not a usable identifier")
Name = Annotated[str, Query(max_length=200)]


class BothOut(BaseModel):
    """A text in both languages."""

    zh: str
    en: str


class StepOut(BaseModel):
    """A stage that a cargo has passed, and when."""

    stage: str
    title: BothOut
    at: datetime


class NextOut(BaseModel):
    """What is missing next, whose it is, until when."""

    what: BothOut
    owner: str
    owner_title: BothOut
    due: datetime | None


class WrongOut(BaseModel):
    """Something that does not agree: `red` or `amber`."""

    code: str
    grave: Literal["red", "amber"]
    title: BothOut


class CargoOut(BaseModel):
    """One box of one bill (or loose cargo of a bill): where it stands and what comes next."""

    bill: str | None
    container: str | None
    manifest: str | None
    voyage: str | None
    call: str | None
    stage: str
    title: BothOut
    since: datetime | None
    presence: str | None
    place: str | None
    position: str | None
    status: str | None
    weighed_kg: float | None
    manifest_kg: float | None
    declaration: str | None
    declaration_state: str | None
    order: str | None
    steps: list[StepOut]
    next: NextOut | None
    wrong: list[WrongOut]


class CallOut(BaseModel):
    """A ship's voyage, and how many of its boxes were landed and have left."""

    ref: str
    ship: str
    vessel: str
    voyage: str
    eta: datetime | None
    etd: datetime | None
    arrived: datetime | None
    landed: int
    gone: int


class CallsOut(BaseModel):
    """The newest calls."""

    calls: list[CallOut]


class StageCount(BaseModel):
    """How many cargoes stand at a stage, or have something wrong."""

    code: str
    title: BothOut
    count: int


class FollowedOut(BaseModel):
    """The cargoes asked for that the caller may see, gravest first. `more`: the number of the first one of the next page."""

    at: datetime
    call: CallOut | None
    total: int
    stages: list[StageCount]
    wrong: list[StageCount]
    items: list[CargoOut]
    more: int | None


@router.get("/calls", response_model=CallsOut, operation_id="logistics_calls")
async def calls(who: Caller, port: ThePort) -> Response:
    """The newest calls that the caller may see."""
    business(who)
    found = await service.calls(port, who)
    return reply({"calls": [_call(one["ship"], one["arrived"], one["landed"], one["gone"]) for one in found]})


@router.get("", response_model=FollowedOut, operation_id="logistics")
async def follow(
    who: Caller, port: ThePort, call: Name = "", bill: Name = "", container: Name = "",
    stage: Annotated[str, Query(pattern="^[a-z]{0,20}$")] = "", only: Annotated[Literal["", "wrong"], Query()] = "",
    skip: Annotated[int, Query(ge=0, le=100_000)] = 0, limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Response:  # fmt: skip
    """The cargoes of a call, a bill or a box; without any of them the caller's own newest."""
    business(who)
    followed = await _asked(port, who, call, bill, container)
    fits = [one for one in followed.cargoes if (not stage or one.stage == stage) and (only != "wrong" or one.wrong)]
    page = fits[skip : skip + limit]
    stages = Counter(one.stage for one in followed.cargoes)
    wrong = Counter(code for one in followed.cargoes for code in one.wrong)
    ship = followed.ship
    return reply({
        "at": stamp(followed.at),
        "call": _call_of(followed, ship) if ship else None,
        "total": len(fits),
        "stages": [_count(code, title, stages[code]) for code, title in STAGES.items() if stages[code]],
        "wrong": [_count(code, title, wrong[code]) for code, (_, title) in DISCREPANCIES.items() if wrong[code]],
        "items": [_cargo(one, who) for one in page],
        "more": skip + limit if len(fits) > skip + limit else None,
    })  # fmt: skip


async def _asked(port: Port, who: Principal, call: str, bill: str, container: str) -> Followed:
    given = {name: text for name, text in (("call", call), ("bill", bill), ("container", container)) if text.strip()}
    if len(given) > 1:
        raise Refused(ONE_OF, field=min(given), rule="logistics", code="one_of")
    for name, text in given.items():
        try:
            ref = make("portcall" if name == "call" else name, text)
        except ValueError:
            raise Refused(BAD, field=name, rule="reference", code="reference") from None
        return await (service.of_call(port, who, ref) if name == "call" else service.about(port, who, ref))
    return await service.recent(port, who)


def _call(ship: Ship, arrived: datetime | None, landed: int, gone: int) -> dict[str, Any]:
    return {
        "ref": ship.ref, "ship": ship.name, "vessel": ship.vessel, "voyage": ship.voyage, "eta": _stamp(ship.eta),
        "etd": _stamp(ship.etd), "arrived": _stamp(arrived), "landed": landed, "gone": gone,
    }  # fmt: skip


def _call_of(followed: Followed, ship: Ship) -> dict[str, Any]:
    boxes = {one.line.container: one for one in followed.cargoes if one.stay is not None}
    arrived = next((one.voyage.arrived for one in followed.cargoes if one.voyage.arrived), None)
    return _call(ship, arrived, len(boxes), sum(one.stage == "out" for one in boxes.values()))


def _cargo(one: Cargo, who: Principal) -> dict[str, Any]:
    stay, clearance = one.stay, one.clearance
    exact = who.kind in WATCHERS or who.kind == "carrier"
    return {
        "bill": one.line.bill or None, "container": one.line.container or None, "manifest": one.line.manifest or None,
        "voyage": one.voyage.number or None, "call": one.voyage.call or None,
        "stage": one.stage, "title": STAGES[one.stage].out(), "since": _stamp(one.since),
        "presence": stay.presence if stay else None, "place": stay.place if stay else None,
        "position": stay.position if stay and exact else None, "status": stay.status if stay else None,
        "weighed_kg": stay.gross_kg if stay else None, "manifest_kg": one.line.gross_kg,
        "declaration": clearance.declaration if clearance else None,
        "declaration_state": clearance.state if clearance else None,
        "order": clearance.order or None if clearance else None,
        "steps": [{"stage": code, "title": STAGES[code].out(), "at": _stamp(at)} for code, at in one.steps],
        "next": _next(one),
        "wrong": [{"code": code, "grave": DISCREPANCIES[code][0], "title": DISCREPANCIES[code][1].out()} for code in one.wrong],
    }  # fmt: skip


def _next(one: Cargo) -> dict[str, Any] | None:
    if one.next is None:
        return None
    owner = KINDS.get(one.next.owner) or Text(one.next.owner, one.next.owner)
    return {"what": one.next.what.out(), "owner": one.next.owner, "owner_title": owner.out(), "due": _stamp(one.next.due)}


def _count(code: str, title: Text, count: int) -> dict[str, Any]:
    return {"code": code, "title": title.out(), "count": count}


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None
