"""Who may do what with an instruction, and what it must be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kouan.base.exchange.api import Instruction
from kouan.kernel.errors import Denied, Refused
from kouan.kernel.lifecycles import Step
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.rules import Found, judge, rules_at
from kouan.supervision.disposal import rules
from kouan.supervision.disposal.lifecycle import BY_ADDRESSEE, BY_ISSUER, InstructionLife

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
ASKED = {"number": "XC-1", "to": "org:border", "measure": "assist", "subject": "Check"}


def change(action: str, slug: str, **given: Any) -> Any:
    who = PLATFORM if slug == "kouan" else Principal(9, slug, slug, f"user:{slug}", frozenset({"officer"}))
    found = InstructionLife.find(action)
    assert found is not None
    return InstructionLife.change(*found, Step(ASKED, given, who, AT))


@pytest.mark.parametrize("action", BY_ADDRESSEE)
def test_only_who_is_addressed_acts_on_it(action: str) -> None:
    given = {"reply": {"outcome": "done"}, "decline": {"reply": "no staff"}}.get(action, {})
    change(action, "border", **given)
    for other in ("customs", "maritime"):
        with pytest.raises(Denied):
            change(action, other, **given)


@pytest.mark.parametrize("action", BY_ISSUER)
def test_only_who_gave_it_ends_it(action: str) -> None:
    assert change(action, "customs") == {}
    with pytest.raises(Denied):
        change(action, "border")


def test_a_reply_has_an_outcome_and_a_refusal_its_reason() -> None:
    assert change("reply", "border", outcome="done", reply="held")["replied_at"] == "2026-11-22T03:00:00.000000Z"
    with pytest.raises(Refused):
        change("reply", "border")
    with pytest.raises(Refused):
        change("decline", "border", reply=" ")
    with pytest.raises(Refused):
        change("reply", "border", outcome="done", subject="another")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None), ({"to": "org:CUSTOMS"}, "INS-TO"), ({"due": AT - timedelta(seconds=1)}, "INS-DUE"),
        ({"due": AT + timedelta(hours=1)}, None), ({"reply": "done"}, "INS-REPLY"), ({"outcome": "done"}, "INS-REPLY"),
    ],
)  # fmt: skip
def test_what_an_instruction_must_be(changes: dict[str, Any], rule: str | None) -> None:
    assert rules.ToAnother.severity == "refuse"
    record = Instruction.model_validate({**ASKED, **changes})
    unmet = [f.rule.code for f in judge(rules_at("filing", Instruction.facts.name), record, Found(AT, "customs")) if f.unmet]
    assert unmet == ([rule] if rule else [])
