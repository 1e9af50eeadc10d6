"""Single sign-on, access control and audit on the running platform (HS/T 82-2024, 7.2.2f)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

Running = Any
STREAM = "/api/live"
ADMINISTRATION = {
    "/api/identity/organisations", "/api/identity/accounts", "/api/identity/audit", "/api/work", "/api/ingest/allowed", "/api/erasure",
    "/api/datause/situation", "/api/datause/counts", "/api/datause/levels", "/api/datause/protection", "/api/running",
    "/api/running/forecast", "/metrics",
}  # fmt: skip
TITLE = {"zh": "统一认证验收", "en": "Acceptance of single sign-on"}


@pytest.fixture
def officer(platform: Running) -> Iterator[tuple[httpx.Client, str, str]]:
    """A new officer of customs in a browser of their own: client, account number, password."""
    name = f"sso-{secrets.token_hex(4)}"
    with (
        platform.client("portoffice", "system-admin") as system,
        platform.client("portoffice", "security-admin") as security,
    ):
        orgs = system.get("/api/identity/organisations").raise_for_status().json()
        customs = next(org["id"] for org in orgs if org["slug"] == "customs")
        body = {"org": customs, "name": name, "title": TITLE}
        made = system.post("/api/identity/accounts", json=body).raise_for_status().json()
        number = made["account"]["id"]
        security.put(f"/api/identity/accounts/{number}/roles", json={"roles": ["officer"]}).raise_for_status()
        password = secrets.token_urlsafe(16)
        with platform.client() as browser:
            typed = {"org": "customs", "user": name, "password": made["password"], "new_password": password}
            browser.post("/api/session", json=typed).raise_for_status()
            yield browser, number, password
        security.delete(f"/api/identity/accounts/{number}").raise_for_status()


def doors(stranger: httpx.Client) -> list[str]:
    """Every door for reading that the platform describes, needs no parameter and is closed to a stranger."""
    described = stranger.get("/openapi.json").raise_for_status().json()["paths"]
    plain = [
        path
        for path, methods in described.items()
        if "get" in methods
        and "{" not in path
        and not any(p.get("required") for p in methods["get"].get("parameters", ()))
    ]
    closed = [path for path in plain if path != STREAM and stranger.get(path).status_code == 401]
    boards = {path.split("/")[3] for path in closed if path.startswith("/api/records/")}
    assert len(closed) >= 10
    assert len(boards) >= 3, "records of several boards"
    return closed


@pytest.mark.clause("H7.2.2f")
def test_one_sign_in_opens_all_modules_and_a_removed_role_ends_access_at_the_next_call(
    platform: Running, officer: tuple[httpx.Client, str, str]
) -> None:
    browser, number, _password = officer
    with platform.client() as stranger:
        closed = doors(stranger)
    answers = {door: browser.get(door).status_code for door in closed}
    assert set(answers.values()) <= {200, 403, 404, 422}, "let in, or told that there is none here, or asked what it seeks"
    assert {door for door, status in answers.items() if status == 403} == ADMINISTRATION
    with browser.stream("GET", STREAM) as live:
        assert live.status_code == 200

    with platform.client("portoffice", "security-admin") as security:
        security.put(f"/api/identity/accounts/{number}/roles", json={"roles": []}).raise_for_status()
    refused = {door: browser.get(door).status_code for door in closed}
    assert {door: status for door, status in refused.items() if status != 403} == {"/api/me": 200}
    assert browser.get("/api/me").json()["roles"] == []
    with browser.stream("GET", STREAM) as live:
        assert live.status_code == 403
    csrf = {"x-csrf-token": browser.get("/api/me").json()["csrf"]}
    assert browser.post("/api/intake/edifact", content=b"UNA:+.? '", headers=csrf).status_code == 403

    with platform.client("portoffice", "audit-admin") as audit:
        seen = audit.get("/api/identity/audit", params={"account": number, "limit": 500}).json()["items"]
        denied = [entry for entry in seen if entry["outcome"] == "denied"]
        assert len(denied) >= len(closed)
        grants = audit.get("/api/identity/audit", params={"ref": f"account:{number}"}).json()["items"]
        assert "officer/3 -> /2" in grants[0]["reason"]


@pytest.mark.clause("H7.2.2f")
def test_a_revoked_session_and_token_end_at_the_next_call(
    platform: Running, officer: tuple[httpx.Client, str, str]
) -> None:
    browser, number, _password = officer
    csrf = {"x-csrf-token": browser.get("/api/me").json()["csrf"]}
    made = browser.post("/api/identity/tokens", json={"name": "acceptance"}, headers=csrf).raise_for_status().json()
    with platform.client() as machine, platform.client("portoffice", "security-admin") as security:
        machine.headers["authorization"] = f"Bearer {made['secret']}"
        for client in (browser, machine):
            assert client.get("/api/identity/tokens").status_code == 200
        security.post(f"/api/identity/accounts/{number}/revoke").raise_for_status()
        for client in (browser, machine):
            assert client.get("/api/identity/tokens").status_code == 401


@pytest.mark.clause("H7.2.2f")
def test_the_trail_belongs_to_its_administrator_and_everybody_has_their_own_part(platform: Running) -> None:
    for account in platform.accounts():
        with platform.client(account["org"], account["role"]) as client:
            me = client.get("/api/me").json()
            assert (me["org"]["slug"], me["roles"]) == (account["org"], [account["role"]])
            allowed = 200 if account["role"] == "audit-admin" else 403
            assert client.get("/api/identity/audit").status_code == allowed, account["role"]
