"""An application's interface is submitted on the running platform: each conformance rule passes or fails, with evidence."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from kouan_sim.application import Application
from tests.conftest import Running
from tests.sims import at_work, call, until

INTERFACE, REPORT = "/api/records/base/verification/interface", "/api/records/base/verification/report"
CASES = [
    {"name": "good", "body": '{"container": "MSKU9070323"}', "expected": [{"path": "status", "value": "taken"}]},
    {"name": "bad", "body": '{"container": "?"}', "outcome": "refused"},
]


def submit(platform: Running, application: Application, **more: Any) -> dict[str, Any]:
    """Submit an interface and give it its key."""
    data = {"number": f"if-{secrets.token_hex(5)}", "address": f"{application.server.url}/take", "cases": CASES, "within_ms": 5000, **more}
    item: dict[str, Any] = call(platform, "trucker", "POST", INTERFACE, 201, json=data)["item"]
    application.secret = call(platform, "trucker", "GET", f"/api/verification/interfaces/{item['id']}/key")["secret"]
    return item


def verified(platform: Running, item: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Have it verified; its state then, and the report."""
    call(platform, "trucker", "POST", f"{INTERFACE}/{item['id']}/actions/verify", json={})
    kept = until(lambda: call(platform, "trucker", "GET", f"{INTERFACE}/{item['id']}"), lambda one: one["state"] in ("passed", "failed"))
    reports = call(platform, "trucker", "GET", REPORT, params={"interface": item["ref"]})["items"]
    newest = next(one for one in reports if one["ref"] == kept["data"]["report"])
    return kept["state"], newest["data"]


def until_failed(platform: Running, item: dict[str, Any], wanted: set[str]) -> tuple[str, dict[str, Any]]:
    """State and report of a run in which exactly these rules failed: on a busy machine an answer may have come too late before."""
    return until(lambda: verified(platform, item), lambda found: failed(found[1]) == wanted)


def failed(report: dict[str, Any]) -> set[str]:
    return {one["rule"] for one in report["findings"] if not one["passed"]}


@pytest.mark.clause("H7.2.5b10")
def test_each_rule_is_marked_pass_or_fail_with_evidence(platform: Running) -> None:
    application = Application()
    with at_work(application.server):
        item = submit(platform, application)
        state, report = until_failed(platform, item, set())
        assert (state, report["passed"]) == ("passed", True)
        rules = [one["code"] for one in call(platform, "trucker", "GET", "/api/verification/criteria")["items"]]
        assert [one["rule"] for one in report["findings"]] == rules
        for one in report["findings"]:
            assert one["zh"] != one["en"]
            assert one["status"]
            assert one["ms"] > 0
        planted = {
            "forged": "IF-SIGNATURE", "unsigned": "IF-UNSIGNED", "stale": "IF-STALE", "doubles": "IF-IDEMPOTENT",
            "plain_error": "IF-ERROR", "no_reference": "IF-STRUCTURE", "wrong_value": "IF-EXPECTED",
        }  # fmt: skip
        also = {"forged": ("IF-STALE",), "no_reference": ("IF-IDEMPOTENT",)}
        for fault, rule in planted.items():
            application.faults = (fault,)
            state, report = until_failed(platform, item, {rule, *also.get(fault, ())})
            assert state == "failed"
        evidence = next(one for one in report["findings"] if one["rule"] == "IF-EXPECTED")
        assert '"lost"' in evidence["answer"]
        assert (evidence["status"], evidence["sent"]) == (200, "good")
    assert call(platform, "trucker", "GET", REPORT, params={"interface": item["ref"], "passed": "true"})["items"]
    assert call(platform, "trader", "GET", REPORT, params={"interface": item["ref"]})["items"] == []
    call(platform, "trader", "GET", f"/api/verification/interfaces/{item['id']}/key", 404)


def test_an_interface_that_is_away_fails_and_the_platforms_own_doors_are_not_called(platform: Running) -> None:
    application = Application()
    with at_work(application.server):
        slow = submit(platform, application, within_ms=50)
        application.faults = ("slow",)
        until_failed(platform, slow, {"IF-TIME"})
    state, report = verified(platform, slow)
    assert state == "failed"
    assert {"IF-REACH", "IF-SIGNATURE", "IF-TIME"} <= failed(report)
    own = submit(platform, application, address=f"{platform.url}/api/health")
    _, report = verified(platform, own)
    reach = next(one for one in report["findings"] if one["rule"] == "IF-REACH")
    assert not reach["passed"]
    assert "Forbidden" in reach["en"]
    wrongs = ({"address": "ftp://x"}, {"address": "http://somewhere.example/x"}, {"cases": [{"name": "x", "body": "[1]"}]}, {"cases": []})
    for wrong in wrongs:
        data = {"number": f"if-{secrets.token_hex(5)}", "address": "https://service.example/x", "cases": CASES, **wrong}
        call(platform, "trucker", "POST", INTERFACE, 422, json=data)
