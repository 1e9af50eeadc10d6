"""The verbs of the gate: present a vehicle, see the lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kouan.base.trace.api import Missing
from kouan.facilities.gate.deciding import decided
from kouan.facilities.gate.records import WAYS, Lane, Passage
from kouan.facilities.gate.rules import LANE, PASSAGE
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import NotFound
from kouan.kernel.formats import Draft
from kouan.kernel.ids import uuid7
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import by_ids, equal
from kouan.kernel.store.ops import Filed, Row, Settling
from kouan.kernel.text import Text
from kouan.kernel.together import Together

SETTLING = Settling("gate", decided)
READING = "facilities.gate.reading"
REMEMBER_SECONDS = 5.0
MOST_LANES = 200
UNKNOWN = Text("没有通道“{lane}”；现有：{known}", "There is no lane “{lane}”; there are: {known}")


@dataclass(slots=True)
class _Lanes:
    known: dict[str, Lane]
    until: float


async def present(
    port: Port, who: Principal, lane: str, stated: Mapping[str, Any], *, body: bytes = b"", key: str = ""
) -> Filed:
    """Judge a vehicle at a lane and keep the passage, in one transaction; it is kept whatever the decision.

    Raises NotFound for an unknown lane, Refused for a body of the wrong structure, Conflict for a reused key.
    """
    code = lane.strip().lower()
    await known_lane(port, lane)
    at = stated.get("at") or now()
    data = {
        **{name: value for name, value in stated.items() if value is not None},
        "number": f"P{now():%y%m%d%H%M%S}-{uuid7().hex[-10:]}",
        "lane": code,
        "at": at,
        "decision": "refuse",
    }
    return await port.file(who, [Draft(PASSAGE, data)], format="gate", body=body, key=key, settling=SETTLING, pressing=True)


async def known_lane(port: Port, lane: str) -> Lane:
    """The lane of a code, one that was filed a moment ago too. NotFound when it is none of the gate's."""
    code = lane.strip().lower()
    if found := (await lanes(port)).get(code) or (await lanes(port, afresh=True)).get(code):
        return found
    known = sorted(await lanes(port))
    listed = ", ".join(known) or "–"
    raise NotFound(UNKNOWN.fill(lane=lane[:24], known=listed), field="lane", code="no_lane", lanes=known)


async def lanes(port: Port, *, afresh: bool = False) -> Mapping[str, Lane]:
    """The lanes by code, looked up again every few seconds, or now when that is asked for."""
    held = port.extras.get("facilities.gate.lanes")
    moment = now().timestamp()
    if afresh or not isinstance(held, _Lanes) or held.until < moment:
        async with scope(port.pool, (0, PLATFORM.org)) as conn:
            rows = await equal(conn, Lane, {}, limit=MOST_LANES)
        found = (kept_of(LANE, row, port.orgs).data for row in rows)
        known = {lane.code: lane for lane in found if isinstance(lane, Lane)}
        held = port.extras["facilities.gate.lanes"] = _Lanes(known, moment + (REMEMBER_SECONDS if known else 0.0))
    return held.known


async def kept_passage(port: Port, record_id: str) -> Kept:
    """A passage as the platform sees it; what several ask for at the same moment is read once. KeyError for none."""
    together = port.extras.get(READING)
    if not isinstance(together, Together):

        async def read(ids: Sequence[str]) -> Mapping[str, Kept]:
            async with scope(port.pool, (0, PLATFORM.org)) as conn:
                rows = await by_ids(conn, Passage, [UUID(one) for one in ids])
            return {str(row.id): kept_of(PASSAGE, row, port.orgs) for row in rows}

        together = port.extras[READING] = Together(read)
    found: Kept = await together(record_id)
    return found


async def last_passages(conn: Any, lane: str, limit: int) -> list[Row]:
    """The newest passages of a lane in the connection's scope."""
    return await equal(conn, Passage, {"lane": lane}, limit=limit, newest=True)


DECISIONS = {
    "open": Text("放行", "let through"),
    "divert": Text("分流", "diverted"),
    "refuse": Text("拒绝", "refused"),
}


def tell(data: Mapping[str, Any]) -> Text:
    """A passage in a few words."""
    decision = DECISIONS.get(str(data.get("decision")), Text("到达", "presented"))
    plate, way = str(data.get("vehicle", "")).partition(":")[2], WAYS.get(str(data.get("direction")))
    gate = Text(f"{way.zh}卡口", f"{way.en} gate") if way else Text("卡口", "Gate")
    return Text(f"{gate.zh}：{plate} {decision.zh}", f"{gate.en}: {plate} {decision.en}")


async def explain(_port: Port, _who: Principal, kept: Sequence[Kept]) -> list[Missing]:
    """Why a vehicle was not let through at its last passage; passages come newest first."""
    last: dict[str, Kept] = {}
    for one in kept:
        assert isinstance(one.data, Passage)
        last.setdefault(one.data.vehicle, one)
    return [
        Missing(said.rule, Text(said.zh, said.en), said.owner, None, PASSAGE, one.ref, one.filed_at)
        for one in last.values()
        if isinstance(one.data, Passage) and one.data.decision != "open"
        for said in one.data.judgements
        if not said.met and said.severity != "warn"
    ]
