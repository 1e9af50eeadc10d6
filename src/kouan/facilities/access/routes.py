"""The doors of access: may this person enter, and who is inside now or was at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from kouan.facilities.access import service
from kouan.facilities.access.records import AreaPassage
from kouan.kernel.clock import now, stamp
from kouan.kernel.dated import Dated
from kouan.kernel.errors import Denied, Refused
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business, reply
from kouan.kernel.references import make
from kouan.kernel.text import Text

router = APIRouter(prefix="/api/access", tags=["facilities.access"], responses=RESPONSES)
KEEPERS = Text("只有限定区域的管理单位可以核验人员", "Only those who keep the restricted areas check persons")
ZONE = Text("时间须带时区", "The time needs a time zone")
BAD = {
    "person": Text("请给出证件：种类/签发国/号码", "Name a document: kind/issuer/number"),
    "area": Text("请给出限定区域", "Name a restricted area"),
}
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]


class CheckIn(Dated):
    """Who stands at which door; `at`: now unless stated."""

    model_config = ConfigDict(extra="forbid")
    person: Named
    area: Named
    at: datetime | None = None


class CheckOut(BaseModel):
    """Whether the person may enter, why not, and by which permit."""

    allowed: bool
    reason: dict[str, str]
    permit: str | None
    closes: datetime | None
    escort: bool


class InsideOut(BaseModel):
    """A person inside: since when, by which permit, and whether that permit still holds. `name` by the caller's clearance."""

    person: str
    name: str | None
    area: str
    since: datetime
    minutes: int
    reader: str
    flagged: bool
    allowed: bool
    reason: dict[str, str]
    permit: str | None
    permit_id: str | None
    employer: str | None
    closes: datetime | None
    escort: bool


class RosterOut(BaseModel):
    """Those inside at a moment; `overstayed` of them without a permit that holds."""

    at: datetime
    inside: int
    overstayed: int
    people: list[InsideOut]


@router.post("/check", response_model=CheckOut, operation_id="access_check")
async def check(who: Caller, port: ThePort, asked: CheckIn) -> Response:
    """May this person enter this area? For those who keep the doors; the answer is logged as a read of the permit."""
    business(who)
    if who.kind not in AreaPassage.facts.filers or not who.writes:
        raise Denied(KEEPERS, rule="access:check")
    person, area = _ref("person", asked.person), _ref("area", asked.area)
    said = await service.check(port, person, area, _moment(asked.at))
    if said.permit:
        await port.audit.read(who, "facilities.access.permit:check", said.permit.ref, 3)
    data: Any = said.permit.data if said.permit else None
    closes = stamp(data.closes) if data else None
    return reply({"allowed": said.allowed, "reason": said.reason.out(), "permit": said.permit.ref if said.permit else None,
                  "closes": closes, "escort": bool(data and data.escort)})  # fmt: skip


@router.get("/roster", response_model=RosterOut, operation_id="access_roster")
async def roster(
    who: Caller, port: ThePort, area: Annotated[str, Query(max_length=80)] = "", at: datetime | None = None
) -> Response:
    """Who is inside an area (every area unless one is named), now or at a moment, by event time of the passages."""
    business(who)
    moment = _moment(at)
    people = await service.roster(port, who, _ref("area", area) if area else "", moment)
    listed = [{**one, "since": stamp(one["since"]), "closes": stamp(one["closes"]) if one["closes"] else None} for one in people]
    return reply({"at": stamp(moment), "inside": len(listed), "overstayed": sum(not one["allowed"] for one in listed), "people": listed})


def _moment(at: datetime | None) -> datetime:
    if at is None:
        return now()
    if at.tzinfo is None:
        raise Refused(ZONE, field="at", rule="zone", code="zone")
    return at


def _ref(kind: str, text: str) -> str:
    try:
        return make("place" if kind == "area" else kind, text.removeprefix("place:").removeprefix("person:"))
    except ValueError:
        raise Refused(BAD[kind], field=kind, rule="reference", code="reference") from None
