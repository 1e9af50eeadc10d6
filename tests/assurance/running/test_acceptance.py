"""One service is slowed by 500 ms: it is noticed, ranked first, and a ticket is opened, cleared and closed with a reason."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import Running

SERVICE = "identity"
PLACE = "/api/records/base/place/place"
DOOR = f"door GET {PLACE}"
TICKETS = "/api/records/assurance/running/ticket"
PATIENCE = 180.0


def until(office: httpx.Client, seen: Callable[[], Any]) -> Any:
    """What is seen at last, while somebody works."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        for _ in range(3):
            assert office.get(PLACE, params={"limit": 1}).status_code == 200
        if found := seen():
            return found
        time.sleep(0.5)
    raise AssertionError("it was not seen in time")


def picture(admin: httpx.Client) -> dict[str, Any]:
    """How the platform runs."""
    answer = admin.get("/api/running")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def usual(admin: httpx.Client) -> bool:
    """Whether it is known how long the door and the service usually take."""
    known = {one["service"] for one in picture(admin)["services"] if one["usual_ms"] is not None}
    return {SERVICE, DOOR} <= known


def live(office: httpx.Client) -> dict[str, Any] | None:
    """The service's ticket that nobody has closed."""
    items = office.get(TICKETS, params={"service": SERVICE}).json()["items"]
    return next((one for one in items if one["state"] != "closed"), None)


def known_over(platform: Running, office: httpx.Client, **values: float) -> None:
    """Staff state over how many seconds a service must have been seen before it can be unusual; another approves."""
    said = {"alert": "assurance.running.service_slow", "values": values, "reason": "acceptance test"}
    proposed = office.post("/api/alert-settings", json=said)
    assert proposed.status_code == 201, proposed.text
    with platform.client("maritime") as other:
        assert other.post(f"/api/alert-settings/{proposed.json()['id']}/approve").status_code == 200


@pytest.mark.clause("H7.2.2d")
def test_a_service_slowed_by_half_a_second_ranks_first(platform: Running) -> None:
    drill = platform.home / "run" / "slow"
    with platform.client("portoffice") as office, platform.client("portoffice", "system-admin") as admin:
        known_over(platform, office, known=15)
        until(office, lambda: usual(admin))
        drill.write_text(f"0.5 {SERVICE}\n")
        try:

            def ranked() -> dict[str, Any] | None:
                seen = picture(admin)
                first = seen["causes"][0] if seen["causes"] else {}
                return seen if first.get("service") == SERVICE and {SERVICE, DOOR} <= set(seen["slow"]) else None

            seen = until(office, ranked)
            ticket = until(office, lambda: live(office))
        finally:
            drill.unlink()
        cause = seen["causes"][0]
        assert cause["own_now_ms"] - cause["own_before_ms"] > 250
        assert [DOOR, [SERVICE]] in [[caller, [one for one in asked if one == SERVICE]] for caller, asked in seen["asks"]]
        assert SERVICE in {one["service"] for one in ticket["data"]["causes"]}
        closed(office, ticket)
        known_over(platform, office)


def closed(office: httpx.Client, ticket: dict[str, Any]) -> None:
    """The service is well again; the ticket is closed, with a reason."""
    door = f"{TICKETS}/{ticket['id']}"
    until(office, lambda: office.get(door).json()["tracks"]["condition"]["state"] == "cleared")
    refused = office.post(f"{door}/actions/close", json={})
    assert (refused.status_code, refused.json()["field"]) == (422, "reason")
    done = office.post(f"{door}/actions/close", json={"data": {"reason": "演练：认证服务放慢 0.5 秒"}})
    assert done.json()["state"] == "closed"
    assert done.json()["data"]["cleared"]
    wanted = {"condition": f"assurance.running.service_slow|{SERVICE}"}
    assert office.get("/api/records/operations/alerts/warning", params=wanted).json()["items"]


def test_meters_are_told_to_prometheus_and_a_trace_is_taken_up(platform: Running) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with platform.client("portoffice", "system-admin") as admin, platform.client("trader") as stranger, platform.client() as nobody:
        answer = stranger.get(PLACE, params={"limit": 1}, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        assert answer.headers["traceresponse"].split("-")[1] == trace
        limit = time.monotonic() + PATIENCE
        wanted = {'service="database"', f'service="{DOOR}"', 'process="stream"', 'process="watch"', 'process="push"'}
        while True:
            answer = admin.get("/metrics")
            assert answer.status_code == 200
            with contextlib.suppress(StopIteration):
                missing = next(one for one in wanted if one not in answer.text)
                assert time.monotonic() < limit, missing
                time.sleep(1)
                continue
            break
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert [stranger.get(door).status_code for door in ("/metrics", "/api/running")] == [403, 403]
        assert nobody.get("/metrics").status_code == 401
