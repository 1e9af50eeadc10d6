"""One's own tokens and sessions, and those of services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from kouan.kernel.database import Pool

Demo = dict[tuple[str, str], dict[str, Any]]
Bearer = Trail = Callable[..., Any]


async def sign_in(browser: httpx.AsyncClient, demo: Demo, org: str, role: str) -> dict[str, str]:
    body = {"org": org, "user": role, "password": demo[org, role]["password"]}
    return {"x-csrf-token": (await browser.post("/api/session", json=body)).json()["csrf"]}


async def test_a_token_is_issued_used_listed_and_revoked(browser: httpx.AsyncClient, demo: Demo, trail: Trail) -> None:
    csrf = await sign_in(browser, demo, "trader", "clerk")
    body = {"name": "nightly export", "days": 30, "scopes": ["base.declaration.declaration:read"]}
    made = (await browser.post("/api/identity/tokens", json=body, headers=csrf)).json()
    bearing = {"authorization": f"Bearer {made['secret']}"}
    assert (await browser.get("/api/me", headers=bearing)).json()["roles"] == ["clerk"]
    listed = (await browser.get("/api/identity/tokens")).json()
    assert [t["name"] for t in listed] == ["nightly export", "demo"]
    assert made["secret"] not in (await browser.get("/api/identity/tokens")).text
    assert (await browser.delete(f"/api/identity/tokens/{made['token']['id']}", headers=csrf)).status_code == 204
    assert (await browser.get("/api/me", headers=bearing)).status_code == 401
    assert [e["action"] for e in await trail() if e["ref"] == f"token:{made['token']['id']}"] == [
        "identity.token.issue", "identity.token.revoke",
    ]  # fmt: skip


async def test_a_token_makes_no_token_and_nobody_gives_a_role_they_lack(
    browser: httpx.AsyncClient, bearer: Bearer, demo: Demo
) -> None:
    answer = await bearer("trader", "clerk", "POST", "/api/identity/tokens", {"name": "child"})
    assert (answer.status_code, answer.json()["code"]) == (403, "session_needed")
    csrf = await sign_in(browser, demo, "trader", "clerk")
    body = {"name": "more", "roles": ["clerk", "officer"]}
    assert (await browser.post("/api/identity/tokens", json=body, headers=csrf)).status_code == 403


async def test_others_tokens_are_not_found_except_by_the_security_administrator(
    browser: httpx.AsyncClient, bearer: Bearer, demo: Demo, pool: Pool
) -> None:
    query = "select id from token where hash = sha256($1)"
    theirs = await pool.fetchval(query, demo["carrier", "clerk"]["token"].encode())
    path = f"/api/identity/tokens/{theirs}"
    for org, role in (("trader", "clerk"), ("portoffice", "system-admin"), ("portoffice", "audit-admin")):
        assert (await bearer(org, role, "DELETE", path)).status_code == 404
    assert (await bearer("carrier", "clerk", "GET", "/api/me")).status_code == 200
    assert (await bearer("portoffice", "security-admin", "DELETE", path)).status_code == 204
    assert (await bearer("carrier", "clerk", "GET", "/api/me")).status_code == 401


async def test_sessions_are_listed_and_ended_one_by_one(browser: httpx.AsyncClient, demo: Demo) -> None:
    await sign_in(browser, demo, "trader", "clerk")
    former = browser.cookies["kouan_session"]
    csrf = await sign_in(browser, demo, "trader", "clerk")
    listed = (await browser.get("/api/identity/sessions")).json()
    assert [s["via"] for s in listed] == ["password", "password"]
    older = listed[1]["id"]
    assert (await browser.delete(f"/api/identity/sessions/{older}", headers=csrf)).status_code == 204
    assert (await browser.delete(f"/api/identity/sessions/{older}", headers=csrf)).status_code == 404
    assert (await browser.get("/api/me")).status_code == 200
    browser.cookies.clear()
    assert (await browser.get("/api/me", headers={"cookie": f"kouan_session={former}"})).status_code == 401


async def test_a_service_gets_its_token_from_the_security_administrator(
    browser: httpx.AsyncClient, bearer: Bearer, pool: Pool
) -> None:
    query = "select a.id from account a join organisation o on o.id = a.org where o.slug = 'terminal' and a.name = $1"
    service, person = await pool.fetchval(query, "service:auto"), await pool.fetchval(query, "operator")
    door = "/api/identity/accounts/{}/tokens"
    made = await bearer("portoffice", "security-admin", "POST", door.format(service), {"name": "TOS"})
    assert made.status_code == 201
    bearing = {"authorization": f"Bearer {made.json()['secret']}"}
    me = (await browser.get("/api/me", headers=bearing)).json()
    assert (me["user"]["name"], me["roles"]) == ("service:auto", ["operator"])
    refused = await bearer("portoffice", "security-admin", "POST", door.format(person), {"name": "TOS"})
    assert refused.status_code == 422
