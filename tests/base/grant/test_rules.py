"""What a grant must be, and how long it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kouan.app import registry
from kouan.base.grant.lifecycle import TRACK, GrantLife
from kouan.base.grant.records import Grant, new_number
from kouan.kernel.errors import Denied
from kouan.kernel.lifecycles import Step
from kouan.kernel.principal import Principal
from kouan.kernel.rules import Found, judge, rules_at
from tests.facts import NOW

registry.load()


def grant(**more: Any) -> Grant:
    stated = {
        "grantor": "org:customs", "grantee": "org:carrier", "record": "base.declaration.declaration", "purpose": "test",
        "valid_until": NOW + timedelta(days=30), **more,
    }  # fmt: skip
    return Grant.model_validate(stated)


def refused(record: Grant, filer: str = "carrier") -> list[tuple[str, str]]:
    findings = judge(rules_at("filing", Grant.facts.name), record, Found(NOW, filer))
    return [(finding.rule.code, finding.unmet.field) for finding in findings if finding.unmet]


@pytest.mark.parametrize(
    ("stated", "filer", "expected"),
    [
        ({}, "carrier", []),
        ({}, "customs", [("GRANT-PARTIES", "grantee")]),
        ({"kind": "grant"}, "carrier", [("GRANT-PARTIES", "grantor")]),
        ({"kind": "grant", "grantee": "org:customs"}, "customs", [("GRANT-PARTIES", "grantee")]),
        ({"record": "base.none.none"}, "carrier", [("GRANT-SCOPE", "record")]),
        ({"shows": ["hs", "password"]}, "carrier", [("GRANT-SCOPE", "shows.1")]),
        ({"where": [{"name": "voyage", "value": "1"}]}, "carrier", [("GRANT-SCOPE", "where.0.name")]),
        ({"where": [{"name": "containers.gte", "value": "1"}]}, "carrier", [("GRANT-SCOPE", "where.0.name")]),
        ({"where": [{"name": "filed_at.gte", "value": "soon"}]}, "carrier", [("GRANT-SCOPE", "where.0.name")]),
        ({"where": [{"name": "hs.in", "value": "1,2"}, {"name": "filed_at.gte", "value": "2026-01-01"}]}, "carrier", []),
        ({"where": [{"name": "hs", "value": "1"}, {"name": "hs", "value": "2"}]}, "carrier", [("GRANT-SCOPE", "where")]),
        ({"valid_until": NOW}, "carrier", [("GRANT-TERM", "valid_until")]),
        ({"valid_from": NOW + timedelta(days=31)}, "carrier", [("GRANT-TERM", "valid_until")]),
        ({"valid_until": NOW + timedelta(days=4000)}, "carrier", [("GRANT-TERM", "valid_until")]),
    ],
)
def test_a_grant_is_stated_well(stated: dict[str, Any], filer: str, expected: list[tuple[str, str]]) -> None:
    assert refused(grant(**stated), filer) == expected


def test_restricted_fields_are_approved_by_somebody_of_that_level() -> None:
    """Nobody grants them unasked, and an approver's own level bounds what is approved."""
    stated = {"record": "base.enterprise.enterprise", "shows": ["representative"]}
    assert refused(grant(**stated, kind="grant"), "customs") == [("GRANT-SCOPE", "shows.0")]
    before = grant(**stated).model_dump(mode="json")
    approve = TRACK.action("approve")
    assert approve
    for clearance, slug in ((2, "customs"), (4, "carrier")):
        who = Principal(2, slug, slug, "x", frozenset({"officer"}), clearance=clearance)
        with pytest.raises(Denied):
            GrantLife.change(TRACK, approve, Step(before, {}, who, NOW))
    who = Principal(2, "customs", "customs", "x", frozenset({"officer"}), clearance=3)
    assert GrantLife.change(TRACK, approve, Step(before, {"reason": "yes"}, who, NOW)) == {"reason": "yes"}


def test_an_owner_s_grant_stands_at_once_and_every_grant_ends() -> None:
    assert GrantLife.begin(grant()) == {"grant": "applied"}
    assert GrantLife.begin(grant(kind="grant")) == {"grant": "granted"}
    assert GrantLife.limit(TRACK, "granted", grant(valid_until=NOW - timedelta(days=9000))) == timedelta(0)
    assert GrantLife.limit(TRACK, "revoked", grant()) is None
    assert len({new_number() for _ in range(1000)}) == 1000
