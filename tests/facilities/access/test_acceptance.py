"""Enrol, pass and expire a person: the roster of those inside is right at any moment."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Running

PERMITS, PASSAGES = "/api/records/facilities/access/permit", "/api/records/facilities/access/passage"
AREA = "place:CNWHH/RESTRICTED/APRON"


def enrol(running: Running, person: str, opens: datetime, closes: datetime) -> str:
    """A permit that the terminal applied for and border inspection issued."""
    asked = {
        "number": f"XD-{secrets.token_hex(4)}", "person": person, "name": "测试员", "employer": "示例码头有限公司", "areas": [AREA],
        "purpose": "work", "opens": opens.isoformat(), "closes": closes.isoformat(),
    }  # fmt: skip
    with running.client("terminal") as terminal, running.client("border") as border:
        filed = terminal.post(PERMITS, json=asked)
        assert filed.status_code == 201, filed.text
        made = filed.json()["item"]["id"]
        issued = border.post(f"{PERMITS}/{made}/actions/issue", json={})
        assert issued.status_code == 200, issued.text
    return str(made)


def go(terminal: httpx.Client, person: str, direction: str, at: datetime) -> list[dict[str, Any]]:
    """A reader's report; its warnings."""
    told = {"person": person, "area": AREA, "direction": direction, "at": at.isoformat(), "reader": f"PR-{secrets.token_hex(3)}"}
    filed = terminal.post(PASSAGES, json=told)
    assert filed.status_code == 201, filed.text
    listed = terminal.get(PASSAGES, params={"reader": told["reader"]}).json()["items"]
    return [{"rule": one["rule"]} for one in listed[0]["warnings"]]


def inside(client: httpx.Client, name: str, at: datetime) -> list[dict[str, Any]]:
    """The roster's entries of one employer's man of that permit."""
    found = client.get("/api/access/roster", params={"area": AREA, "at": at.isoformat()})
    assert found.status_code == 200, found.text
    return [one for one in found.json()["people"] if one["permit_id"] == name]


@pytest.mark.clause("H8.1.2c")
def test_the_roster_is_right_at_any_moment_through_enrolment_passage_and_expiry(platform: Running) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    person = f"person:P/CN/E{secrets.randbelow(10**8):08d}"
    with platform.client("terminal") as terminal, platform.client("border") as border:
        def check(at: datetime) -> dict[str, Any]:
            said = border.post("/api/access/check", json={"person": person, "area": AREA, "at": at.isoformat()})
            assert said.status_code == 200, said.text
            answer: dict[str, Any] = said.json()
            return answer

        assert not check(now)["allowed"]
        permit = enrol(platform, person, now - timedelta(hours=5), now - timedelta(hours=1))
        assert check(now - timedelta(hours=4))["allowed"]
        assert go(terminal, person, "in", now - timedelta(hours=4)) == []
        assert go(terminal, person, "out", now - timedelta(hours=3)) == []
        # Told late and out of order: the roster goes by event time.
        assert go(terminal, person, "in", now - timedelta(hours=2)) == []
        assert [bool(inside(border, permit, now - timedelta(hours=h))) for h in (4.5, 3.5, 2.5, 1.5, 0)] == [False, True, False, True, True]
        (before,) = inside(border, permit, now - timedelta(hours=1.5))
        assert (before["allowed"], before["minutes"], before["name"]) == (True, 30, "测试员")
        (after,) = inside(border, permit, now)
        assert not after["allowed"]
        assert after["reason"]["en"] == "The permit has expired"
        assert not check(now)["allowed"]
        assert go(terminal, person, "in", now - timedelta(minutes=30)) == [{"rule": "AREA-PERMIT"}, {"rule": "AREA-TURN"}]
        assert go(terminal, person, "out", now - timedelta(minutes=10)) == []
        assert inside(border, permit, now) == []
        assert len(inside(border, permit, now - timedelta(minutes=20))) == 1
    with platform.client("trader") as stranger:
        assert stranger.get("/api/access/roster").json()["people"] == []
        assert stranger.post("/api/access/check", json={"person": person, "area": AREA}).status_code == 403
