"""Sending a case to its agencies, ending it, and deciding or booking a step of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kouan.kernel.clock import now, stamp
from kouan.kernel.errors import Conflict, Denied
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept
from kouan.supervision.process.flow import begun, outcome
from kouan.supervision.process.lifecycle import NOT_APPLICANT
from kouan.supervision.process.records import Case, ProcessDefinition
from kouan.supervision.process.rules import CASE, DEFINITION

ENDS = {"granted": "grant", "refused": "refuse"}


def case_of(kept: Kept) -> Case:
    """The case that a kept record is."""
    assert isinstance(kept.data, Case)
    return kept.data


async def begin(port: Port, case_id: str) -> None:
    """Give a new case the steps of its process as they stand now; from then on it keeps them."""
    kept = await port.get(PLATFORM, CASE, case_id)
    found = [one for one in await port.find(PLATFORM, DEFINITION, ref=case_of(kept).process) if one.ref == case_of(kept).process]
    if kept.state != "filed" or not found:
        return
    process = found[0].data
    assert isinstance(process, ProcessDefinition)
    changes = {"steps": begun(process.steps, now()), "version": found[0].version}
    await port.act(PLATFORM, CASE, kept.id, "begin", changes=changes, note=found[0].ref)


async def settle(port: Port, case_id: str) -> None:
    """End a case whose steps are all granted, or of which one is refused."""
    kept = await port.get(PLATFORM, CASE, case_id)
    said = outcome(case_of(kept).steps)
    if not said or kept.state != "open":
        return
    last = max(step.decided_at for step in case_of(kept).steps if step.decided_at)
    try:
        await port.act(PLATFORM, CASE, kept.id, ENDS[said], changes={"ended_at": stamp(last)})
    except Conflict as raced:
        if raced.code != "not_in_state":
            raise


async def decide(port: Port, who: Principal, case_id: str, step: dict[str, Any]) -> Kept:
    """An agency's decision on its step. Raises Conflict when it is not its turn, Denied when it is another's."""
    return await port.act(who, CASE, case_id, "decide", changes={"steps": [step]})


async def book(port: Port, who: Principal, case_id: str, key: str, at: datetime) -> Kept:
    """The applicant books the visit that a step needs."""
    kept = await port.get(who, CASE, case_id)
    if kept.filed_by != who.org:
        raise Denied(NOT_APPLICANT, rule="book")
    return await port.act(who, CASE, case_id, "book", changes={"steps": [{"key": key, "booked_at": stamp(at)}]})
