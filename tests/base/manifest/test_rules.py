"""What is said of manifests when they are filed, and the key of rail manifests."""

from __future__ import annotations

from datetime import UTC, datetime

from kouan.base.manifest.api import Consignment, Manifest, RailManifest
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, judge, rules_at
from tests.base.conftest import load

load()
FOUND = Found(datetime(2026, 11, 22, tzinfo=UTC), "carrier", {"office": "9901"}, {})


def said(record: Record) -> list[tuple[str, str, str]]:
    rules = rules_at("filing", record.facts.name)
    assert all(rule.severity == "warn" for rule in rules if rule.code != "MAN-DECLARED")
    return [(one.rule.code, one.unmet.field, one.unmet.reason.en) for one in judge(rules, record, FOUND) if one.unmet]


def test_wrong_boxes_are_kept_and_said() -> None:
    good = {"manifest": "manifest:CARRIER/M1", "bill": "B1"}
    assert said(Consignment.model_validate({**good, "containers": ["MSKU9070323"]})) == []
    code, field, reason = said(Consignment.model_validate({**good, "containers": ["MSKU9070323", "MSKU9070324"]}))[0]
    assert (code, field) == ("MAN-CONSIGNMENT-IDENTIFIERS", "containers.1")
    many = said(Consignment.model_validate({**good, "containers": ["MSKU9070324", "MSKU9070325"]}))[0]
    assert many[2].endswith("(2 places in all)")
    assert reason


def test_a_wrong_ship_is_kept_and_said() -> None:
    assert said(Manifest.model_validate({"number": "M1", "vessel": "imo:9321483"})) == []
    assert said(Manifest.model_validate({"number": "M1", "vessel": "imo:9321484"}))[0][1] == "vessel"


def test_the_entry_time_in_any_zone_is_one_key() -> None:
    base = {"waybill": "W1", "wagon": "1"}
    here = RailManifest.model_validate({**base, "entered_at": "2026-12-01T11:20:00+08:00"})
    there = RailManifest.model_validate({**base, "entered_at": "2026-12-01T03:20:00Z"})
    later = RailManifest.model_validate({**base, "entered_at": "2026-12-01T03:21:00Z"})
    assert here.key("carrier") == there.key("agent") != later.key("carrier")
