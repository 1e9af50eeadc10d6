"""A rule that is put to rest: its owner is told once, in both languages, and nobody states by hand why it rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from kouan.kernel.events import Event
from kouan.kernel.formats import Draft
from kouan.kernel.principal import PLATFORM
from kouan.operations.alerts.handlers import TellOwner
from kouan.operations.alerts.records import Warned
from kouan.operations.alerts.rulebook import StaffRule
from kouan.operations.alerts.rulelife import TRACK

SAID: Mapping[str, Any] = {
    "code": "slow-one", "name_zh": "慢规则", "name_en": "Slow one", "signal": "reading", "metric": "t", "message_zh": "值", "message_en": "v",
    "condition": {"field": "value", "op": ">", "value": 1}, "owner": "org:customs", "problem": "Stalled: took 6.0 s of 10.0 s",
}  # fmt: skip


class Kept:
    """The doors that the handler needs, and what was filed by them."""

    def __init__(self) -> None:
        self.filed: list[dict[str, Any]] = []
        self.orgs = SimpleNamespace(named=lambda name: 1, of_kind=lambda kind: [], slug=str)

    async def get(self, *_: Any) -> Any:
        return SimpleNamespace(data=StaffRule.model_validate(SAID), ref="alertrule:SLOW-ONE/1")

    async def file(self, _who: Any, drafts: Sequence[Draft]) -> None:
        self.filed += [dict(draft.data) for draft in drafts]


async def test_the_owner_of_a_rule_that_rests_is_told_which_and_why() -> None:
    port, at = Kept(), datetime(2026, 11, 22, 9, tzinfo=UTC)
    named = "operations.alerts.rule"
    event = Event("e", 1, f"{named}:rest", named, str(uuid4()), "alertrule:SLOW-ONE/1", 7, at, PLATFORM, {})
    for _ in range(2):
        await TellOwner().handle(event, port)  # type: ignore[arg-type]  # the doors that it needs, no more
    first, again = (Warned.model_validate(one) for one in port.filed)
    assert first.number == again.number, "told twice it is one warning"
    assert (first.owner, first.rule, first.severity) == ("org:customs", "alertrule:SLOW-ONE/1", "serious")
    assert "慢规则" in first.message.zh
    assert "Slow one" not in first.message.zh
    assert "took 6.0 s of 10.0 s" in first.message.en


def test_a_rule_that_rests_is_started_by_staff_and_put_to_rest_by_the_platform_alone() -> None:
    acts = {action.name: action for action in TRACK.actions}
    assert (acts["rest"].frm, acts["rest"].to, acts["rest"].by) == (("live",), "resting", ("platform",))
    assert "resting" in acts["start"].frm
    assert "resting" in acts["retire"].frm
