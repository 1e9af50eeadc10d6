"""How incidents rise, how instructions come down to where they rose from, and how their progress goes back up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kouan.base.exchange.api import Instruction
from kouan.cooperation.levels import errors
from kouan.cooperation.levels.records import Incident, LevelRule, Progress
from kouan.cooperation.levels.rules import rises
from kouan.cooperation.link.api import LEVELS, PARTNER, Agreement, Copy, of, with_partner
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.errors import Conflict
from kouan.kernel.events import Event
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Kept
from kouan.kernel.store.finding import equal
from kouan.kernel.store.ops import Filed

INCIDENT, RULE, PROGRESS = Incident.facts.name, LevelRule.facts.name, Progress.facts.name
INSTRUCTION, COPY = Instruction.facts.name, Copy.facts.name
NEEDED = {
    INCIDENT: {"number", "kind", "severity", "at", "subject", "case"},
    INSTRUCTION: {"number", "measure", "subject", "case"},
    PROGRESS: {"instruction", "stage", "at"},
}
"""What an agreement must give of each, so that it can be carried on here; else it stays a copy."""
STAGES = {"acknowledge": "acknowledged", "reply": "replied", "decline": "declined"}
ACTIONS = {stage: action for action, stage in STAGES.items()}
LONGEST_CASE = 40
MOST_RULES = 500


async def judge_incident(port: Port, incident_id: str) -> None:
    """Let an incident rise as far as the rules of this level say, or stay; safe to repeat."""
    kept = await port.get(PLATFORM, INCIDENT, incident_id)
    incident = kept.data
    if kept.state != "recorded" or not isinstance(incident, Incident):
        return
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, LevelRule, {}, limit=MOST_RULES)
    to = rises(incident, [LevelRule.model_validate(row.doc) for row in rows])
    case = incident.case or f"{port.site.code}-{incident.number}"[:LONGEST_CASE]
    changes: dict[str, Any] = {"case": case, "rises_to": to} if to else {"case": case}
    await _acted(port, PLATFORM, INCIDENT, kept.id, "rise" if to else "stay", changes)


async def _acted(port: Port, who: Principal, record: str, id: str, action: str, changes: Mapping[str, Any]) -> None:
    """Take an action unless it was taken before."""
    try:
        await port.act(who, record, id, action, changes=changes)
    except Conflict as moved:
        if moved.code != "not_in_state":
            raise


async def instruct(port: Port, who: Principal, incident: Kept, asked: Mapping[str, Any], body: bytes, key: str) -> Filed:
    """Give an instruction about an incident to the platform, or the organisation, that reported it.

    Raises Conflict while its case is not stated, and where the caller reported it.
    """
    data = incident.data
    assert isinstance(data, Incident)
    if data.case is None:
        raise errors.no_case()
    to = data.from_platform or f"org:{incident.filer}"
    if to == f"org:{who.slug}":
        raise errors.own_incident()
    draft = {**asked, "to": to, "about": incident.ref, "case": data.case}
    return await port.file(who, [Draft(INSTRUCTION, draft)], format="json", body=body, key=key)


async def told(port: Port, copy_id: str) -> None:
    """Carry on here what a partner of another level told; safe to repeat. What lacks agreed fields stays a copy."""
    kept = await port.get(PLATFORM, COPY, copy_id)
    copy = kept.data
    if not isinstance(copy, Copy) or not NEEDED.get(copy.record, {""}) <= set(copy.content):
        return
    partner = copy.partner.partition(":")[2]
    agreement = next((of(one) for one in await with_partner(port, partner) if of(one).number == copy.agreement), None)
    if agreement is None:
        return
    if copy.record == INSTRUCTION and _above(agreement):
        await _down(port, kept.id, copy)
    elif copy.record == INCIDENT and not _above(agreement):
        await _up(port, kept.id, copy, partner)
    elif copy.record == PROGRESS and not _above(agreement):
        await _back(port, copy, partner)


def _above(agreement: Agreement) -> bool:
    """Whether the partner stands above this platform: instructions come from above alone, reports from elsewhere."""
    order = list(LEVELS)
    return order.index(agreement.partner_level) > order.index(agreement.own_level)


def _part(content: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: content[name] for name in names if content.get(name) is not None}


async def _up(port: Port, copy_id: str, copy: Copy, partner: str) -> None:
    """An incident from below is one of this level too."""
    content = copy.content
    data = {
        **_part(content, "kind", "severity", "at", "spot", "about", "subject", "text", "case"), "rises_to": content.get("rises_to") or (),
        "number": f"{partner}/{content['number']}"[:80], "from_platform": copy.partner,
    }  # fmt: skip
    await _once(port, PLATFORM, INCIDENT, data, f"levels/incident/{copy_id}")


async def _once(port: Port, who: Principal, record: str, data: Mapping[str, Any], key: str) -> None:
    """File what a partner told, once, whatever is told of it later."""
    try:
        await port.file(who, [Draft(record, data)], format="link", key=key)
    except Conflict as before:
        if before.code not in ("natural_key_kept", "idempotency_key_reused"):
            raise


async def _down(port: Port, copy_id: str, copy: Copy) -> None:
    """An instruction from above goes on to where the incident of its case was reported."""
    content = copy.content
    incident = await _of_case(port, str(content["case"]))
    if incident is None or not isinstance(incident.data, Incident):
        return
    number, at = str(content["number"]), now()
    due = content.get("due")
    data = {
        **_part(content, "number", "measure", "case", "subject", "text", "urgent"), "about": incident.ref,
        "to": incident.data.from_platform or f"org:{incident.filer}",
    }  # fmt: skip
    if isinstance(due, str) and datetime.fromisoformat(due) > at:
        data["due"] = due
    await _progress(port, number, {"case": content["case"], "place": "", "stage": "received", "at": copy.received_at})
    await _once(port, port.service("portoffice"), INSTRUCTION, data, f"levels/instruction/{copy_id}")


async def _of_case(port: Port, case: str) -> Kept | None:
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Incident, {"case": case}, limit=1)
    return await port.get(PLATFORM, INCIDENT, rows[0].id) if rows else None


async def _progress(port: Port, instruction: str, said: Mapping[str, Any]) -> None:
    data = {"instruction": instruction, **said}
    place, stage = str(said["place"]), str(said["stage"])
    await _once(port, PLATFORM, PROGRESS, data, f"levels/{instruction}/{stage}/{place}"[:128])


async def _back(port: Port, copy: Copy, partner: str) -> None:
    """Progress from below is kept with the way it came, and moves the instruction that was given to that partner."""
    content = copy.content
    place = f"{partner}/{content.get('place') or ''}".rstrip("/")[:200]
    said = {**_part(content, "case", "stage", "outcome", "reply", "at"), "place": place}
    await _progress(port, str(content["instruction"]), said)
    action = ACTIONS.get(str(content["stage"]))
    async with scope(port.pool, (0, PLATFORM.org), clearance=4) as conn:
        rows = await equal(conn, Instruction, {"number": content["instruction"], "to": copy.partner}, limit=2)
    if action and len(rows) == 1:
        await _acted(port, _system(port, partner), INSTRUCTION, str(rows[0].id), action, _given(action, content))


def _given(action: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """What an action states, out of what the partner told of its own."""
    if action == "reply":
        return {"outcome": content.get("outcome") or "done", **_part(content, "reply")}
    return _part(content, "reply") if action == "decline" else {}


def _system(port: Port, partner: str) -> Principal:
    """A partner platform as the one that acts on what is addressed to it."""
    number = port.orgs.named(f"org:{partner}")
    assert number is not None
    return Principal(number, partner, PARTNER, f"link:{partner}", frozenset({"operator"}), 2, "link", True)


async def carried(port: Port, event: Event) -> None:
    """An addressee here acted on an instruction that came from above: its progress goes back up; safe to repeat."""
    by, stage = event.principal, STAGES[event.what]
    if by.kind == PARTNER:
        return  # A partner's own progress comes with the way it took.
    kept = await port.get(PLATFORM, INSTRUCTION, event.record_id)
    said = kept.data
    assert isinstance(said, Instruction)
    received = Progress(instruction=said.number, stage="received", at=event.at).key(PLATFORM.slug)
    if await port.find(PLATFORM, PROGRESS, key=received):
        answer = {} if stage == "acknowledged" else {"outcome": said.outcome, "reply": said.reply}
        await _progress(port, said.number, {"case": said.case, "place": by.slug, "stage": stage, "at": event.at, **answer})
