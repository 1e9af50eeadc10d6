"""The decision at the gate: every rule of the vehicle's rule set is asked, the gravest answer decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from kouan.facilities.gate.records import Judgement, Passage
from kouan.facilities.gate.rules import PASSAGE, GateRule, lane_of
from kouan.kernel.clock import now
from kouan.kernel.database import scope
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Rule, rules_at
from kouan.kernel.store.facts import found_for

Decision = Literal["open", "divert", "refuse"]
GRAVITY: dict[str, Decision] = {"refuse": "refuse", "hold": "refuse", "divert": "divert", "warn": "open"}


def decided(record: Record, found: Found) -> Record:
    """The passage with what every rule said, the decision, and what the rules know of the visit."""
    assert isinstance(record, Passage)
    rules = rules_at("gate", PASSAGE)
    judgements = tuple(_judged(rules, record, found))
    decision = decide(judgements)
    lane = lane_of(record, found)
    known = {k: v for rule in rules if isinstance(rule, GateRule) for k, v in rule.tells(record, found).items()}
    sent = next((j.to for j in judgements if not j.met and j.to), "")
    aside = (lane.divert_to if lane else None) or ""
    return record.model_copy(
        update={
            "judgements": judgements,
            "decision": decision,
            "to": None if decision == "open" else sent or (aside if decision == "divert" else "") or None,
            "place": lane.place if lane else None,
            "business": known.get("business") or ("laden" if record.containers else "empty"),
            "trucker": known.get("trucker"),
            "booking": known.get("booking"),
        }
    )


def decide(judgements: Sequence[Judgement]) -> Decision:
    """Refuse outweighs divert, divert outweighs open; a warning outweighs nothing."""
    said = {GRAVITY[judgement.severity] for judgement in judgements if not judgement.met}
    return "refuse" if "refuse" in said else "divert" if "divert" in said else "open"


async def foreseen(port: Port, passage: Passage) -> Passage:
    """A passage as it would be judged on the facts of now; nothing is kept."""
    rules, filer, site = rules_at("gate", PASSAGE), port.service("terminal").slug, port.site.facts()
    async with scope(port.pool, (0, PLATFORM.org)) as conn:
        found = await found_for(conn, [(rules, passage, filer)], port.orgs, now(), site)
    judged = decided(passage, Found(now(), filer, site, found))
    assert isinstance(judged, Passage)
    return judged


def _judged(rules: Sequence[Rule], record: Passage, found: Found) -> Iterator[Judgement]:
    for rule in rules:
        if isinstance(rule, GateRule) and not rule.applies(record, found):
            continue
        unmet = rule.judge(record, found)
        held = rule.holds(record, found) if isinstance(rule, GateRule) else rule.title
        reason = held if unmet is None else unmet.reason
        yield Judgement(
            rule=rule.code,
            met=unmet is None,
            severity=rule.severity,
            zh=reason.zh[:400],
            en=reason.en[:400],
            owner=rule.owner,
            to=unmet.to[:80] if unmet else "",
        )
