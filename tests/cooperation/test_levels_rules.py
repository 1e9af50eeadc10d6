"""How far incidents rise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.cooperation.levels.records import KINDS, SEVERITIES, Incident, LevelRule
from kouan.cooperation.levels.rules import NotAhead, SaidByPlatform, rises
from kouan.kernel.rules import Found

AT = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
ORDER = list(SEVERITIES)


def incident(kind: str = "spill", severity: str = "grave", **more: Any) -> Incident:
    return Incident.model_validate({"number": "1", "kind": kind, "severity": severity, "at": AT, "subject": "x", **more})


def rule(kind: str, severity: str, to: str, *, active: bool = True) -> LevelRule:
    return LevelRule.model_validate({"code": "R", "kind": kind, "severity": severity, "to": to, "active": active})


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(list(KINDS)), st.sampled_from(ORDER),
    st.lists(st.tuples(st.sampled_from([*KINDS, "any"]), st.sampled_from(ORDER), st.sampled_from(["province", "centre"]), st.booleans())),
)  # fmt: skip
def test_it_rises_as_far_as_the_furthest_rule_says(kind: str, severity: str, stated: list[tuple[str, str, str, bool]]) -> None:
    fit = {to for k, s, to, active in stated if active and k in (kind, "any") and ORDER.index(s) <= ORDER.index(severity)}
    expected = ("province", "centre") if "centre" in fit else ("province",) if fit else ()
    assert rises(incident(kind, severity), [rule(k, s, to, active=a) for k, s, to, a in stated]) == expected


def test_what_was_to_rise_from_below_rises_on() -> None:
    assert rises(incident(severity="general", rises_to=["province", "centre"]), []) == ("province", "centre")


@pytest.mark.parametrize("stated", [{"rises_to": ["centre"]}, {"case": "C"}, {"from_platform": "org:b"}])
def test_only_the_platform_says_how_far(stated: dict[str, Any]) -> None:
    said = SaidByPlatform().judge(incident(**stated), Found(AT, "terminal"))
    assert said is not None
    assert said.field in stated
    assert SaidByPlatform().judge(incident(**stated), Found(AT, "kouan")) is None
    assert SaidByPlatform().judge(incident(), Found(AT, "terminal")) is None


def test_what_is_still_to_happen_is_flagged() -> None:
    assert NotAhead().judge(incident(), Found(AT, "terminal")) is None
    assert NotAhead().judge(incident(), Found(AT - timedelta(hours=1), "terminal")) is not None
