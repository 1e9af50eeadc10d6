"""Clearing declarations: assess, release without a human hand where the rules hold, else plan the visit; and why not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from kouan.base.declaration.api import Declaration
from kouan.base.manifest.api import Consignment
from kouan.base.trace.api import Missing
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict, Refused
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Finding, Found, Kept, judge, rules_at
from kouan.kernel.store.facts import found_for
from kouan.kernel.store.finding import mentioning
from kouan.kernel.text import Text
from kouan.kernel.together import Together
from kouan.supervision.inspection.api import AGENCIES, WAITING, InspectionOrder, mark_targeted, plan
from kouan.supervision.release import store
from kouan.supervision.release.lifecycle import AMENDABLE
from kouan.supervision.release.rules import INSPECTION, OFFICE, ORDER, order_of
from kouan.supervision.targeting.api import Assessment, current, desk

DECLARATION = Declaration.facts.name
FINISHED = ("released", "cancelled")
DECISIONS = {
    "assessed": (
        "REL-DECISION", Text("条件均已满足，等待海关放行", "All conditions hold; customs is to release it"), "customs",
        timedelta(minutes=30),
    ),
    "held": (
        "REL-HELD", Text("货物被海关扣留，等待处理决定", "Held by customs; its decision is awaited"), "customs", timedelta(hours=72),
    ),
    "rejected": (
        "REL-REJECTED", Text("报关单被退回，请更正后重新提交", "The declaration was rejected; correct and amend it"), "trader",
        timedelta(days=14),
    ),
}  # fmt: skip
UNDECLARED = "REL-DECLARED"
DECLARE_WITHIN = timedelta(days=14)
RESULT_WITHIN = timedelta(hours=4)
"""How long after its planned hour a visit's results may be waited for."""


async def clear(port: Port, record_id: str, told: datetime) -> None:
    """Bring a declaration as far as it goes by itself, after what was told of it at a moment; safe to repeat."""
    try:
        seen = await desk(port).look(record_id)
    except KeyError:
        return
    kept = seen.declaration
    assert isinstance(kept.data, Declaration)
    if kept.data.office != port.site.office or kept.state not in AMENDABLE or _decided(kept, told):
        return
    held = current(seen)
    assessment = held or await desk(port).assess(seen)
    fresh = held is None or kept.state == "lodged"
    if assessment.outcome == "targeted":
        if fresh:
            await _act(port, kept.id, "assess")
        await _to_be_seen(port, kept, assessment)
    elif fresh:
        await _act(port, kept.id, "assess", then=("release",))
    else:
        await release(port, kept.id)


def _decided(kept: Kept, told: datetime) -> bool:
    """Whether an officer rejected it after that moment: no automation undoes a decision."""
    return kept.state == "rejected" and datetime.fromisoformat(str(kept.tracks["customs"]["since"])) > told


async def _to_be_seen(port: Port, kept: Kept, assessment: Assessment) -> None:
    # The order comes first: a declaration that stands as targeted has one, whatever happens in between.
    reasons = [f"{reason.agency}: {reason.zh} / {reason.en}" for reason in assessment.reasons]
    if assessment.chosen == "random":
        reasons.append("customs: 随机布控 / chosen by chance")
    order = await plan(port, port.service("customs"), kept, assessment.agencies, reasons)
    await mark_targeted(port, kept, order)


async def release(port: Port, record_id: UUID | str) -> bool:
    """Release a declaration if all rules hold now; answers whether it is. The rules are judged where it is written."""
    try:
        await port.act(port.service("customs"), DECLARATION, record_id, "release")
    except Refused:
        return False
    except Conflict as moved:
        if moved.code != "not_in_state":
            raise
        return False
    return True


async def _act(port: Port, record_id: str, action: str, note: str = "", then: Sequence[str] = ()) -> None:
    try:
        await port.act(port.service("customs"), DECLARATION, record_id, action, note=note, then=then)
    except Conflict as already:
        # A repeat of the same event, or an officer who was faster.
        if already.code != "not_in_state":
            raise


async def follow_visit(port: Port, order: Kept) -> None:
    """Let a declaration follow its finished visit: inspected, then released or held by the class that decides."""
    assert isinstance(order.data, InspectionOrder)
    about = [d for d in await port.find(PLATFORM, DECLARATION, ref=order.data.declaration) if d.ref == order.data.declaration]
    for kept in about:
        await _act(port, kept.id, "inspect", note=order.ref)
        if order.data.result == "release":
            await release(port, kept.id)
        else:
            await _act(port, kept.id, "hold", note=str(order.data.result))


async def release_under(port: Port, line: str) -> None:
    """Release what waited for a manifest line to come; lines that come together are looked up together."""
    together = port.extras.get("supervision.release.lines")
    if not isinstance(together, Together):
        together = port.extras["supervision.release.lines"] = Together(partial(_waiting_under, port))
    await asyncio.gather(*(release(port, one) for one in await together(line)))


async def _waiting_under(port: Port, lines: Sequence[str]) -> dict[str, list[UUID]]:
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        found = await store.under(conn, [UUID(line) for line in lines])
    return {line: found.get(UUID(line), []) for line in lines}


async def release_one(port: Port, ref: str) -> None:
    """Release a declaration, by its reference, if it waits and all rules hold now."""
    found = [one for one in await port.find(PLATFORM, DECLARATION, ref=ref) if one.ref == ref]
    await asyncio.gather(*(release(port, one.id) for one in found if one.state in store.WAITING))


async def release_aboard(port: Port, vessel: str) -> None:
    """Release what waited for a ship's call to be accepted."""
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        waiting = [batch async for batch in store.of_vessel(conn, vessel)]
    for batch in waiting:
        await asyncio.gather(*(release(port, one) for one in batch))


async def why(port: Port, kept: Sequence[Kept]) -> list[Missing]:
    """What keeps declarations from being released: unmet rules, whose they are, until when. Reasons are public ones.

    The rules are judged on facts that the asker need not be entitled to see.
    """
    waiting = [one for one in kept if one.state not in FINISHED]
    if not waiting:
        return []
    rules, site, at = rules_at("release", DECLARATION), port.site.facts(), now()
    asked = [(rules, one.data, one.filer) for one in waiting]
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        facts = await found_for(conn, asked, port.orgs, at, site)
    missing: list[Missing] = []
    for one in waiting:
        missing += _unmet(one, judge(rules, one.data, found := Found(at, one.filer, site, facts)), found)
    return missing


def _unmet(kept: Kept, findings: Sequence[Finding], found: Found) -> list[Missing]:
    if kept.state == "rejected":
        return [_decision(kept)]
    unmet = [finding for finding in findings if finding.unmet is not None]
    elsewhere = [finding for finding in unmet if finding.rule.code == OFFICE]
    out: list[Missing] = []
    for finding in elsewhere or unmet:
        order = order_of(_data(kept), found) if finding.rule.code == INSPECTION else None
        if order is not None and order.state != "finished":
            out += _waited(kept, finding, order)
        else:
            out.append(_one(kept, finding, found))
    return out or [_decision(kept)]


def _decision(kept: Kept) -> Missing:
    """All rules hold and it is still not released: somebody has to decide."""
    held = kept.tracks["customs"]
    since = datetime.fromisoformat(str(held["since"]))
    code, reason, owner, within = DECISIONS.get(kept.state, DECISIONS["assessed"])
    return Missing(code, reason, owner, since + within, DECLARATION, kept.ref, since)


def _one(kept: Kept, finding: Finding, found: Found) -> Missing:
    assert finding.unmet is not None
    rule, ref = finding.rule, finding.unmet.ref
    about = next((one for group in found.kept.values() for one in group if ref and one.ref == ref), None)
    since = max(kept.filed_at, about.filed_at) if about else kept.filed_at
    if rule.code == OFFICE:
        return _other_office(kept, finding.unmet.reason, since)
    deadline = since + rule.within if rule.within else None
    return Missing(rule.code, finding.unmet.reason, rule.owner, deadline, DECLARATION, ref or kept.ref, since)


def _other_office(kept: Kept, reason: Text, since: datetime) -> Missing:
    office = _data(kept).office
    title = Text(f"海关 {office}", f"Customs office {office}") if office else Text("申报单位", "Declarant")
    return Missing(OFFICE, reason, office or kept.filer, None, DECLARATION, kept.ref, since, title)


def _waited(kept: Kept, finding: Finding, order: Kept) -> list[Missing]:
    """One line for each agency whose result is still waited for."""
    assert finding.unmet is not None
    assert isinstance(order.data, InspectionOrder)
    planned = order.data.planned_at
    out = []
    for kind in AGENCIES:
        track = order.tracks[kind]
        if track["state"] == WAITING:
            since = datetime.fromisoformat(str(track["since"]))
            due = max(since + (finding.rule.within or RESULT_WITHIN), planned + RESULT_WITHIN if planned else since)
            out.append(Missing(INSPECTION, finding.unmet.reason, kind, due, ORDER, order.ref, since))
    return out


def _data(kept: Kept) -> Declaration:
    assert isinstance(kept.data, Declaration)
    return kept.data


async def explain(port: Port, _who: Principal, kept: Sequence[Kept]) -> list[Missing]:
    """`why` as the trace asks it."""
    return await why(port, kept)


async def undeclared(port: Port, _who: Principal, lines: Sequence[Kept]) -> list[Missing]:
    """Manifest lines that nobody has declared yet; the consignee has 14 days from arrival (Customs Law art. 24)."""
    bills = {line.id: line.data.bill for line in lines if isinstance(line.data, Consignment) and line.data.stands}
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        cited = await mentioning(conn, DECLARATION, sorted(set(bills.values())), limit=1)
    return [
        Missing(
            UNDECLARED,
            Text("提运单 {bill} 尚未申报", "The bill {bill} is not declared yet").fill(bill=bills[line.id].partition(":")[2]),
            "trader",
            line.filed_at + DECLARE_WITHIN,
            line.record,
            bills[line.id],
            line.filed_at,
        )
        for line in lines
        if line.id in bills and bills[line.id] not in cited
    ]


