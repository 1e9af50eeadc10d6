"""A firm with a wrong check character is refused; the right one shows its credit level and violations, by party and level."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest

from tests.conftest import Running

DOOR = "/api/records/base/enterprise/enterprise"
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def code() -> str:
    """A credit code that no other run has (GB 32100, GB 11714), worked out here and not by the platform."""
    body = "MA" + "".join(secrets.choice(SIGNS[:18]) for _ in range(6))
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    first = f"91379999{body}{'0123456789X'[-total % 11]}"
    return first + SIGNS[-sum(SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(first)) % 31]


def firm(**more: Any) -> dict[str, Any]:
    """A firm of a test."""
    return {
        "code": code(), "name_zh": "测试企业（模拟）", "name_en": "Test firm (simulated)", "simulated": True,
        "representative": "ZHANG SAN", "grade": "aeo", "aeo_code": "CNSIM0001",
        "qualifications": [{"kind": "declarant", "number": "SIM-Q-1", "until": "2020-01-01"}],
        "violations": [{"number": "SIM-V-1", "authority": "customs", "on": "2025-03-01", "kind": "misdeclared"}], **more,
    }  # fmt: skip


def call(platform: Running, org: str, method: str, path: str, status: int, role: str = "", **more: Any) -> Any:
    with platform.client(org, role) as client:
        answer: httpx.Response = client.request(method, path, **more)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.clause("H7.2.1c")
def test_a_wrong_check_character_is_refused_and_the_right_one_shows_credit_and_violations(platform: Running) -> None:
    right = firm()
    wrong = right["code"][:-1] + SIGNS[(SIGNS.index(right["code"][-1]) + 1) % 31]
    refusal = call(platform, "customs", "POST", DOOR, 422, json={**right, "code": wrong})
    assert (refusal["rule"], refusal["field"]) == ("ENT-CODE", "code")
    assert right["code"] in refusal["reason"]["zh"]
    assert right["code"] in refusal["reason"]["en"]
    item = call(platform, "customs", "POST", DOOR, 201, json={**right, "code": right["code"].lower()})["item"]
    assert item["ref"] == f"enterprise:{right['code']}"
    assert [warning["rule"] for warning in item["warnings"]] == ["ENT-QUALIFICATION"]
    (found,) = call(platform, "customs", "GET", DOOR, 200, params={"code": right["code"]})["items"]
    assert (found["data"]["grade"], found["data"]["violations"][0]["number"]) == ("aeo", "SIM-V-1")
    told = call(platform, "customs", "POST", "/api/trace", 200, json={"ref": f"enterprise:{right['code']}"})
    assert told["card"]["record"] == "base.enterprise.enterprise"


@pytest.mark.clause("H7.2.1c")
def test_each_party_sees_its_fields(platform: Running) -> None:
    made = firm()
    item = call(platform, "customs", "POST", DOOR, 201, json=made)["item"]
    door = f"{DOOR}/{item['id']}"
    officer = call(platform, "customs", "GET", door, 200)["data"]
    assert officer["representative"] == "ZHANG SAN"
    viewer = call(platform, "portoffice", "GET", door, 200, role="viewer")
    assert "representative" in viewer["masked"]
    assert viewer["data"]["representative"] != "ZHANG SAN"
    trader = call(platform, "trader", "GET", door, 200)["data"]
    assert trader["grade"] == "aeo"
    assert not {"violations", "representative", "address"} & set(trader)
    maritime = call(platform, "maritime", "GET", door, 200)["data"]
    assert maritime["violations"]
    assert "representative" not in maritime


def test_a_finding_is_added_by_its_authority_closed_and_never_taken_away(platform: Running) -> None:
    made = firm()
    item = call(platform, "customs", "POST", DOOR, 201, json=made)["item"]
    door = f"{DOOR}/{item['id']}"
    finding = {"number": "SIM-V-2", "kind": "overloaded", "penalty": "fine"}
    call(platform, "trader", "POST", f"{door}/actions/find", 403, json={"data": {"violations": [finding]}})
    told = call(platform, "maritime", "POST", f"{door}/actions/find", 200, json={"data": {"violations": [finding]}})
    assert [one["number"] for one in told["data"]["violations"]] == ["SIM-V-1", "SIM-V-2"]
    call(platform, "maritime", "POST", f"{door}/actions/find", 409, json={"data": {"violations": [finding]}})
    told = call(platform, "maritime", "POST", f"{door}/actions/close", 200, json={"data": {"violations": [finding]}})
    assert [(one["number"], one["closed"]) for one in told["data"]["violations"]] == [
        ("SIM-V-1", False),
        ("SIM-V-2", True),
    ]
    refusal = call(platform, "customs", "PUT", door, 422, json={**made, "violations": []}, headers={"If-Match": "3"})
    assert refusal["rule"] == "ENT-VIOLATIONS"
    told = call(platform, "customs", "POST", f"{door}/actions/grade", 200, json={"data": {"grade": "dishonest"}})
    assert (told["data"]["grade"], told["data"]["aeo_code"]) == ("dishonest", None)
    assert told["data"]["representative"] == "ZHANG SAN"


@pytest.mark.parametrize(("change", "rule"), [
    ({"status": "revoked"}, "ENT-GRADE"), ({"grade": "regular"}, "ENT-GRADE"),
    ({"violations": [{"number": "A"}, {"number": "A"}]}, "ENT-VIOLATIONS"),
])  # fmt: skip
def test_files_that_contradict_themselves_are_refused(platform: Running, change: dict[str, Any], rule: str) -> None:
    assert call(platform, "customs", "POST", DOOR, 422, json=firm(**change))["rule"] == rule
