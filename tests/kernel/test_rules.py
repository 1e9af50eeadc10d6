"""Rules: found by moment and record, judged on facts at hand, in order of their codes."""

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

from kouan.kernel.rules import Found, Need, judge, needs_of, rules_at

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_rules_are_found_by_moment_and_record(nouns: ModuleType) -> None:
    assert [rule.code for rule in rules_at("filing", "test.store.thing")] == ["T1", "T2", "T3"]
    assert [rule.code for rule in rules_at("close", "test.store.case")] == ["T5"]
    assert rules_at("filing", "test.store.case") == ()
    assert rules_at("gone", "test.store.thing") == ()


def test_every_rule_gives_its_verdict(nouns: ModuleType) -> None:
    thing = nouns.Thing(number="N-1", count=2_000_000, colour="odd")
    findings = judge(rules_at("filing", "test.store.thing"), thing, Found(AT, "trader"))
    assert [(f.rule.code, f.met, f.unmet.field if f.unmet else "") for f in findings] == [
        ("T1", False, "count"), ("T2", False, "colour"), ("T3", True, ""),
    ]  # fmt: skip


def test_a_rule_that_raises_is_not_swallowed(nouns: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="blew up"):
        judge(rules_at("filing", "test.store.thing"), nouns.Thing(number="BOOM"), Found(AT, "trader"))


def test_needs_are_gathered_once_and_answered_by_what_was_found(nouns: ModuleType) -> None:
    draw = nouns.Draw(number="D", quota="q", taken=1)
    rules = rules_at("filing", "test.store.draw")
    needs = needs_of((*rules, *rules), draw, "trader")
    assert needs == (Need("test.store.quota", key="Q", lock=True), Need("test.store.draw", ref="quota:Q"))
    assert Found(AT, "trader").of(needs[0]) == ()
    (finding,) = judge(rules, draw, Found(AT, "trader"))
    assert finding.unmet is not None
    assert finding.unmet.reason.en == "No such quota"


def test_facts_that_lead_to_further_facts_are_both_at_hand(nouns: ModuleType) -> None:
    class Chained(nouns.NotTooMany):  # type: ignore[misc]  # the module is known at run time only
        abstract = True

        def further(self, record: Any, found: Found) -> Any:
            return (Need("test.store.thing", ref="box:B1"),)

    assert list(Chained().further(None, Found(AT, ""))) == [Need("test.store.thing", ref="box:B1")]
