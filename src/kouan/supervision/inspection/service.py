"""The verbs of joint inspection: plan one visit, call another agency to it, enter what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.base.trace.api import Missing
from kouan.facilities.yard.api import stays
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Refused, Unavailable
from kouan.kernel.formats import Draft
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.references import make
from kouan.kernel.rules import Kept
from kouan.kernel.store.entitle import scope_of
from kouan.kernel.store.facts import kept_of
from kouan.kernel.store.finding import equal
from kouan.kernel.text import Text
from kouan.supervision.inspection import errors, store
from kouan.supervision.inspection.lifecycle import AGENCIES, LEAD, UNCONCERNED, WAITING
from kouan.supervision.inspection.records import InspectionOrder
from kouan.supervision.inspection.rules import SLOT_TAKEN

DECLARATION = Declaration.facts.name
ORDER = InspectionOrder.facts.name
NOTICE = Text("货物被选定联合查验，请等候通知", "The goods are selected for joint inspection; please wait for notice")
TO_MOVE = Text("待码头将箱移至查验位", "The terminal has to move the box to the inspection bay")
TARGETABLE = ("assessed", "inspected", "released", "held")
CLOSED = ("cancelled", "rejected")
TRIES = 8
UNLOADING = timedelta(hours=1)
"""How long after a ship's arrival a box can be counted upon at the soonest; two hours to move it come on top."""
NO_SLOT = Text("暂时排不上查验位，请稍后再试", "No bay could be planned just now; try again shortly")


async def open_order(port: Port, declaration: str) -> Kept | None:
    """The order of a declaration that is not finished yet, if there is one."""
    orders = await port.find(PLATFORM, ORDER, ref=declaration)
    return next((one for one in orders if _about(one) == declaration and one.state != "finished"), None)


async def plan(port: Port, who: Principal, declaration: Kept, agencies: Sequence[str], reasons: Sequence[str]) -> Kept:
    """One visit for a declaration, at the next free hour of a bay; the open one when there is one already."""
    for _ in range(TRIES):
        orders = [o for o in await port.find(PLATFORM, ORDER, ref=declaration.ref) if _about(o) == declaration.ref]
        if current := next((one for one in orders if one.state != "finished"), None):
            return current
        bay, hour = await _slot(port, declaration)
        data = _order(declaration, len(orders) + 1, agencies, reasons, bay, hour)
        try:
            return (await port.file(who, [Draft(ORDER, data)])).kept[0]
        except Conflict as raced:
            # Somebody planned the same visit at the same moment; the next look finds it.
            if raced.code != "natural_key_kept":
                raise
        except Refused as refused:
            if refused.rule != SLOT_TAKEN:
                raise
    raise Unavailable(NO_SLOT, retry_after=1)


def _about(order: Kept) -> str:
    assert isinstance(order.data, InspectionOrder)
    return order.data.declaration


def _order(
    declaration: Kept, turn: int, agencies: Sequence[str], reasons: Sequence[str], bay: str | None, hour: datetime
) -> dict[str, Any]:
    assert isinstance(declaration.data, Declaration)
    name = declaration.ref.partition(":")[2].replace("/", "-")
    return {
        "number": f"ORD-{name}-{turn}",
        "declaration": declaration.ref,
        "containers": declaration.data.containers,
        "agencies": list(dict.fromkeys(agencies)),
        "planned_at": hour,
        "bay": bay,
        "reasons": [reason[:400] for reason in reasons][:50],
        "reasons_public": f"{NOTICE.zh} / {NOTICE.en}",
    }


async def _slot(port: Port, declaration: Kept) -> tuple[str | None, datetime]:
    """The hour of another open visit to the same box; else the next at which a bay is free and the box can be there."""
    assert isinstance(declaration.data, Declaration)
    boxes = declaration.data.containers
    if shared := await _shared(port, boxes):
        return shared
    known = await stays(port, boxes)
    landed = any(found[-1].ended is None for found in known.values())
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        arrival = None if landed else await store.arrival(conn, [*boxes, *declaration.data.bills])
        hours = store.hours_after(max(now(), arrival + UNLOADING) if arrival else now(), store.AHEAD)
        bays = await store.bays(conn)
        taken = await store.taken(conn, hours)
    free = ((bay, hour) for hour in hours for bay in bays if (bay, hour) not in taken)
    return next(free, (None, hours[0]))


async def _shared(port: Port, boxes: Sequence[str]) -> tuple[str, datetime] | None:
    for box in boxes:
        for order in await port.find(PLATFORM, ORDER, ref=box):
            assert isinstance(order.data, InspectionOrder)
            if order.state != "finished" and order.data.bay and order.data.planned_at:
                return order.data.bay, order.data.planned_at
    return None


async def target(
    port: Port, who: Principal, *, declaration: str = "", container: str = "", agency: str = "", reason: str = ""
) -> Kept:
    """Call an agency to the goods: it joins the open visit, or one is planned and the declaration stands as targeted.

    Raises Denied for others than the three agencies, NotFound, or Conflict when the goods cannot be targeted now.
    """
    wanted = agency or who.kind
    may_speak(who, wanted)
    about = await _declared(port, who, declaration, container)
    reasons = [f"{wanted}: {reason}"] if reason else []
    order = await open_order(port, about.ref)
    if order is None:
        _targetable(about)
        order = await plan(port, who, about, [LEAD, wanted], reasons)
    order = await _join(port, who, order, wanted, reasons)
    await mark_targeted(port, about, order)
    return order


def may_speak(who: Principal, agency: str) -> None:
    """Raises Denied unless the caller may speak for an agency at a visit: its own, or as customs for any."""
    if who.kind not in AGENCIES or agency not in AGENCIES or not who.writes:
        raise errors.not_an_agency()
    if who.kind not in (agency, LEAD):
        raise errors.other_agency()


async def _declared(port: Port, who: Principal, declaration: str, container: str) -> Kept:
    if bool(declaration) == bool(container):
        raise errors.which_goods()
    if declaration:
        found = await _named(port, who, declaration)
    else:
        found = await port.find(who, DECLARATION, ref=_ref("container", container))
    ours = [kept for kept in found if _office(kept) == port.site.office and kept.state not in CLOSED]
    if not ours:
        raise errors.nothing_declared()
    return ours[0]


async def _named(port: Port, who: Principal, text: str) -> list[Kept]:
    """By reference or by the declarant's own number, newest first."""
    ref = _ref("declaration", text)
    found = [kept for kept in await port.find(who, DECLARATION, ref=ref) if kept.ref == ref]
    if found:
        return found
    async with scope(port.pool, scope_of(who)) as conn:
        rows = await equal(conn, Declaration, {"functional_reference": text.strip()}, newest=True, limit=20)
    return [kept_of(DECLARATION, row, port.orgs) for row in rows]


def _ref(kind: str, text: str) -> str:
    try:
        return make(kind, text)
    except ValueError:
        raise errors.which_goods() from None


def _office(kept: Kept) -> str | None:
    assert isinstance(kept.data, Declaration)
    return kept.data.office


def _targetable(about: Kept) -> None:
    if about.state == "lodged":
        raise errors.not_yet_assessed()
    if about.state not in TARGETABLE:
        life = lifecycle_of(DECLARATION)
        raise errors.not_to_be_targeted(life.tracks[0].states[about.state] if life else Text(about.state, about.state))


async def _join(port: Port, who: Principal, order: Kept, agency: str, reasons: Sequence[str]) -> Kept:
    if order.tracks[agency]["state"] != UNCONCERNED:
        return order
    return await port.act(who, ORDER, order.id, f"{agency}.join", changes={"reasons": list(reasons)})


async def mark_targeted(port: Port, about: Kept, order: Kept) -> None:
    """Let the declaration stand as targeted by its order; one that already does is left alone."""
    try:
        await port.act(port.service(LEAD), DECLARATION, about.id, "target", note=order.ref)
    except Conflict as already:
        if already.code != "not_in_state":
            raise


async def enter(port: Port, who: Principal, order_id: UUID, findings: Sequence[dict[str, Any]]) -> Kept:
    """Enter the results of one or several agencies, each with who entered it; nothing is entered when one may not be.

    Raises Denied when the caller speaks for another agency, Refused when the order waits for no such result.
    """
    order = await port.get(who, ORDER, order_id)
    named = [str(finding["agency"]) for finding in findings]
    for agency in named:
        may_speak(who, agency)
        if order.tracks[agency]["state"] != WAITING:
            raise errors.not_concerned(agency)
        if named.count(agency) > 1:
            raise errors.said_twice(agency)
    for finding in findings:
        order = await port.act(who, ORDER, order.id, f"{finding['agency']}.enter", changes={"findings": [finding]})
    return order


def tell(data: Mapping[str, Any]) -> Text:
    """An order in a few words."""
    return Text(f"下达联合查验单 {data.get('number', '')}", f"Joint inspection {data.get('number', '')} ordered")


async def explain(_port: Port, _who: Principal, kept: Sequence[Kept]) -> list[Missing]:
    """The box that the terminal has to move; whose results are waited for, the declaration says."""
    found = []
    for order in kept:
        track = order.tracks["terminal"]
        if order.state == "finished" or track["state"] == "moved":
            continue
        due, since = (datetime.fromisoformat(str(track[name])) for name in ("due", "since"))
        found.append(Missing("INS-MOVE", TO_MOVE, "terminal", due, ORDER, order.ref, since))
    return found
