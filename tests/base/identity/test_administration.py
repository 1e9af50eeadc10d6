"""The three administrators: each its own part, kept apart by code and by the database (GB/T 22239 8.1.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from kouan.kernel.database import Pool
from kouan.kernel.principal import ADMINS

Demo = dict[tuple[str, str], dict[str, Any]]
Bearer = Trail = Callable[..., Any]
TITLE = {"zh": "李伟", "en": "Li Wei"}
OFFICE = "portoffice"
SYSTEM, SECURITY, AUDIT = ("system-admin", "security-admin", "audit-admin")


async def number(pool: Pool, org: str, name: str) -> str:
    query = "select a.id from account a join organisation o on o.id = a.org where o.slug = $1 and a.name = $2"
    return str(await pool.fetchval(query, org, name))


async def org_id(pool: Pool, slug: str) -> int:
    return int(await pool.fetchval("select id from organisation where slug = $1", slug))


async def make(bearer: Bearer, pool: Pool, org: str = "customs", name: str = "li.wei", kind: str = "person") -> Any:
    body = {"org": await org_id(pool, org), "name": name, "title": TITLE, "kind": kind}
    return await bearer(OFFICE, SYSTEM, "POST", "/api/identity/accounts", body)


async def grant(
    bearer: Bearer, account: str, roles: list[str], clearance: int | None = None, by: str = SECURITY
) -> Any:
    body = {"roles": roles, "clearance": clearance}
    return await bearer(OFFICE, by, "PUT", f"/api/identity/accounts/{account}/roles", body)


DOORS = {
    ("GET", "/api/identity/organisations"): {SYSTEM, SECURITY, AUDIT},
    ("POST", "/api/identity/organisations"): {SYSTEM},
    ("PATCH", "/api/identity/organisations/{org}"): {SYSTEM},
    ("GET", "/api/identity/accounts"): {SYSTEM, SECURITY},
    ("POST", "/api/identity/accounts"): {SYSTEM},
    ("PUT", "/api/identity/accounts/{account}/roles"): {SECURITY},
    ("PUT", "/api/identity/accounts/{account}/active"): {SYSTEM, SECURITY},
    ("POST", "/api/identity/accounts/{account}/revoke"): {SECURITY},
    ("POST", "/api/identity/accounts/{account}/password"): {SECURITY},
    ("GET", "/api/identity/accounts/{account}/tokens"): {SECURITY},
    ("POST", "/api/identity/accounts/{service}/tokens"): {SECURITY},
    ("DELETE", "/api/identity/accounts/{account}"): {SECURITY},
    ("GET", "/api/identity/audit"): {AUDIT},
}
BODIES: dict[tuple[str, str], object] = {
    ("POST", "/api/identity/organisations"): {"slug": "north-lines", "kind": "carrier", "title": TITLE},
    ("PATCH", "/api/identity/organisations/{org}"): {"title": TITLE},
    ("POST", "/api/identity/accounts"): {"org": 10, "name": "li.wei", "title": TITLE},
    ("PUT", "/api/identity/accounts/{account}/roles"): {"roles": ["viewer"]},
    ("PUT", "/api/identity/accounts/{account}/active"): {"active": False},
    ("POST", "/api/identity/accounts/{service}/tokens"): {"name": "t"},
}


def test_every_door_of_administration_is_crossed(app: FastAPI) -> None:
    own = {f"/api/identity/{name}" for name in ("people", "tokens", "tokens/{id}", "sessions", "sessions/{id}")}
    paths = {
        (method.upper(), path)
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path.startswith("/api/identity") and path not in own
    }
    known = {
        (m, p.replace("{org}", "{id}").replace("{account}", "{id}").replace("{service}", "{id}")) for m, p in DOORS
    }
    assert paths == known


@pytest.mark.parametrize("door", DOORS, ids=" ".join)
async def test_each_door_opens_to_its_administrators_alone(
    door: tuple[str, str], bearer: Bearer, demo: Demo, pool: Pool, trail: Trail
) -> None:
    method, path = door
    account, service = await number(pool, "trader", "clerk"), await number(pool, "trader", "service:auto")
    filled = path.format(org=await org_id(pool, "trader"), account=account, service=service)
    callers = [(org, role) for org, role in demo if org != "trader"]
    strangers = sorted((c for c in callers if c[1] not in DOORS[door]), key=lambda c: c[1])
    for org, role in strangers:
        answer = await bearer(org, role, method, filled, BODIES.get(door))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_needed"), (org, role, answer.text)
    template = f"{method} {path.replace('{org}', '{id}').replace('{account}', '{id}').replace('{service}', '{id}')}"
    denied = await trail(template)
    assert len(denied) == len(strangers)
    assert {e["outcome"] for e in denied} == {"denied"}
    for role in sorted(DOORS[door]):
        answer = await bearer(OFFICE, role, method, filled, BODIES.get(door))
        assert answer.status_code < 300, (role, answer.text)


async def test_an_account_from_making_to_erasing(
    bearer: Bearer, browser: httpx.AsyncClient, pool: Pool, demo: Demo, trail: Trail
) -> None:
    made = await make(bearer, pool)
    assert made.status_code == 201
    account, one_time = made.json()["account"], made.json()["password"]
    assert (account["roles"], account["must_change"], account["clearance"]) == ([], True, 2)
    typed = {"org": "customs", "user": "li.wei", "password": one_time}
    first = await browser.post("/api/session", json=typed)
    assert (first.status_code, first.json()["code"]) == (403, "password_change_required")
    weak = await browser.post("/api/session", json=typed | {"new_password": "li.wei.li.wei1"})
    assert (weak.status_code, weak.json()["field"]) == (422, "new_password")
    signed_in = await browser.post("/api/session", json=typed | {"new_password": "seven jade horses"})
    assert (signed_in.status_code, signed_in.json()["roles"]) == (200, [])
    assert (await browser.get("/api/identity/tokens")).json()["code"] == "no_role"
    assert (await grant(bearer, account["id"], ["officer"])).json()["clearance"] == 3
    assert (await browser.get("/api/me")).json()["roles"] == ["officer"]
    assert (await browser.get("/api/identity/tokens")).status_code == 200
    assert (await grant(bearer, account["id"], [])).status_code == 200
    assert (await browser.get("/api/identity/tokens")).status_code == 403
    erased = await bearer(OFFICE, SECURITY, "DELETE", f"/api/identity/accounts/{account['id']}")
    assert erased.status_code == 204
    assert (await browser.get("/api/me")).status_code == 401
    row = await pool.fetchval("select a::text from account a where id = $1::text::uuid", account["id"])
    assert not any(word in row for word in ("li.wei", "李伟", "argon2", "Li Wei"))
    actions = [e["action"] for e in await trail() if e["ref"] == f"account:{account['id']}"]
    assert actions == [
        "identity.account.make", "identity.account.grant", "identity.account.grant", "identity.account.erase",
    ]  # fmt: skip


async def test_administrators_are_kept_apart_in_code_and_in_the_database(bearer: Bearer, pool: Pool) -> None:
    account = (await make(bearer, pool)).json()["account"]["id"]
    for roles in (["system-admin", "audit-admin"], ["security-admin", "officer"], ["viewer", "audit-admin"]):
        answer = await grant(bearer, account, roles)
        assert (answer.status_code, answer.json()["code"]) == (422, "separation")
        assert "GB/T 22239 8.1.5" in answer.json()["reason"]["zh"]
        with pytest.raises(asyncpg.CheckViolationError, match="administrators_are_separate"):
            await pool.execute("update account set roles = $2 where id = $1::text::uuid", account, roles)
    with pytest.raises(asyncpg.CheckViolationError, match="administrators_read_little"):
        await pool.execute(
            "update account set roles = '{audit-admin}', clearance = 3 where id = $1::text::uuid", account
        )
    for role in sorted(ADMINS):
        assert (await grant(bearer, account, [role, role])).json()["roles"] == [role]
    assert (await grant(bearer, account, ["audit-admin"], 4)).status_code == 422


async def test_nobody_changes_their_own_rights(bearer: Bearer, pool: Pool) -> None:
    security = await number(pool, OFFICE, SECURITY)
    answers = [
        await grant(bearer, security, ["system-admin"]),
        await bearer(OFFICE, SECURITY, "PUT", f"/api/identity/accounts/{security}/active", {"active": False}),
        await bearer(OFFICE, SECURITY, "DELETE", f"/api/identity/accounts/{security}"),
    ]
    assert {(a.status_code, a.json()["code"]) for a in answers} == {(403, "own_account")}


async def test_no_administrator_can_take_anothers_password_or_switch_it_off(bearer: Bearer, pool: Pool) -> None:
    security, system = await number(pool, OFFICE, SECURITY), await number(pool, OFFICE, SYSTEM)
    reset = await bearer(OFFICE, SECURITY, "POST", f"/api/identity/accounts/{system}/password")
    assert reset.status_code == 422
    off = await bearer(OFFICE, SYSTEM, "PUT", f"/api/identity/accounts/{security}/active", {"active": False})
    assert off.status_code == 403


async def test_level_four_comes_by_explicit_grant_alone(bearer: Bearer, pool: Pool) -> None:
    officer = await number(pool, "border", "officer")
    assert (await grant(bearer, officer, ["officer"], 4)).json()["clearance"] == 4
    assert (await bearer("border", "officer", "GET", "/api/me")).json()["clearance"] == 4
    assert (await grant(bearer, officer, ["officer", "viewer"])).json()["clearance"] == 3
    assert (await grant(bearer, await number(pool, "trader", "clerk"), ["officer"])).status_code == 422


async def test_a_lost_password_is_reset_and_ends_everything(
    bearer: Bearer, browser: httpx.AsyncClient, pool: Pool, demo: Demo
) -> None:
    entry, clerk = demo["agent", "clerk"], await number(pool, "agent", "clerk")
    await browser.post("/api/session", json={"org": "agent", "user": "clerk", "password": entry["password"]})
    answer = await bearer(OFFICE, SECURITY, "POST", f"/api/identity/accounts/{clerk}/password")
    assert (await browser.get("/api/me")).status_code == 401
    assert (await bearer("agent", "clerk", "GET", "/api/me")).status_code == 401
    typed = {
        "org": "agent",
        "user": "clerk",
        "password": answer.json()["password"],
        "new_password": "seven jade horses",
    }
    assert (await browser.post("/api/session", json=typed)).status_code == 200


async def test_switching_an_account_off_and_on(bearer: Bearer, pool: Pool) -> None:
    clerk = await number(pool, "trader", "clerk")
    path = f"/api/identity/accounts/{clerk}/active"
    assert (await bearer(OFFICE, SYSTEM, "PUT", path, {"active": False})).json()["active"] is False
    assert (await bearer("trader", "clerk", "GET", "/api/me")).status_code == 401
    assert (await bearer(OFFICE, SYSTEM, "PUT", path, {"active": True})).status_code == 403
    assert (await bearer(OFFICE, SECURITY, "PUT", path, {"active": True})).json()["active"] is True
    assert (await bearer("trader", "clerk", "GET", "/api/me")).status_code == 401, "its tokens stay revoked"


async def test_organisations_are_made_changed_and_switched_off(bearer: Bearer, pool: Pool) -> None:
    body = {"slug": "north-lines", "kind": "carrier", "title": TITLE, "code": "91379999MA0WHH063C"}
    made = await bearer(OFFICE, SYSTEM, "POST", "/api/identity/organisations", body)
    assert made.status_code == 201
    assert made.json()["id"] >= 20
    for wrong, status in (
        (body, 409), (body | {"slug": "other"}, 409), (body | {"slug": "No"}, 422), (body | {"kind": "zoo"}, 422),
        (body | {"kind": "platform"}, 422), (body | {"slug": "other", "code": "x"}, 422), (body | {"more": 1}, 422),
    ):  # fmt: skip
        answer = await bearer(OFFICE, SYSTEM, "POST", "/api/identity/organisations", wrong)
        assert answer.status_code == status, answer.text
    assert await number(pool, "north-lines", "service:auto") != "None"
    trader = await org_id(pool, "trader")
    off = await bearer(OFFICE, SYSTEM, "PATCH", f"/api/identity/organisations/{trader}", {"active": False})
    assert off.json()["active"] is False
    assert (await bearer("trader", "clerk", "GET", "/api/me")).status_code == 401
    await bearer(OFFICE, SYSTEM, "PATCH", f"/api/identity/organisations/{trader}", {"active": True})
    assert (await bearer("trader", "clerk", "GET", "/api/me")).status_code == 200
    for org, status in ((1, 404), (999, 404), (await org_id(pool, OFFICE), 403)):
        path = f"/api/identity/organisations/{org}"
        assert (await bearer(OFFICE, SYSTEM, "PATCH", path, {"active": False})).status_code == status


async def test_administrators_of_a_firm_reach_that_firm_alone(bearer: Bearer, pool: Pool, demo: Demo) -> None:
    """What lies outside one's organisation is not found, whichever door one tries."""
    for role in (SYSTEM, SECURITY, AUDIT):
        made = (await make(bearer, pool, "trader", f"own-{role}", "person")).json()["account"]["id"]
        await grant(bearer, made, [role])
        await pool.execute(
            "update token set account = $1::text::uuid where hash = sha256($2)", made,
            demo["trader", "clerk" if role == SYSTEM else "viewer"]["token"].encode(),
        )  # fmt: skip
        shown = "clerk" if role == SYSTEM else "viewer"
        mine, theirs = await number(pool, "trader", "clerk"), await number(pool, "customs", "officer")
        orgs = (await bearer("trader", shown, "GET", "/api/identity/organisations")).json()
        assert [org["slug"] for org in orgs] == ["trader"]
        if role == AUDIT:
            await bearer("trader", shown, "GET", "/api/identity/audit")
            page = (await bearer("trader", shown, "GET", "/api/identity/audit")).json()
            assert page["items"]
            assert {e["org"] for e in page["items"]} == {await org_id(pool, "trader")}
            other = await bearer("trader", shown, "GET", f"/api/identity/audit?org={await org_id(pool, 'customs')}")
            assert other.status_code == 404
            continue
        names = (await bearer("trader", shown, "GET", "/api/identity/accounts?limit=200")).json()["items"]
        assert {a["org"] for a in names} == {await org_id(pool, "trader")}
        path = f"/api/identity/accounts/{theirs}/active"
        assert (await bearer("trader", shown, "PUT", path, {"active": False})).status_code == 404
        if role == SECURITY:
            for method, door in (("POST", "/revoke"), ("POST", "/password"), ("DELETE", ""), ("GET", "/tokens")):
                answer = await bearer("trader", shown, method, f"/api/identity/accounts/{theirs}{door}")
                assert answer.status_code == 404, door
            answer = await bearer("trader", shown, "PUT", f"/api/identity/accounts/{mine}/roles", {"roles": ["viewer"]})
            assert answer.status_code == 200
        else:
            body = {"slug": "mine", "kind": "carrier", "title": TITLE}
            assert (await bearer("trader", shown, "POST", "/api/identity/organisations", body)).status_code == 403
            body = {"org": await org_id(pool, "customs"), "name": "x1", "title": TITLE}
            assert (await bearer("trader", shown, "POST", "/api/identity/accounts", body)).status_code == 404


async def test_accounts_are_paged(bearer: Bearer, pool: Pool) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = (await bearer(OFFICE, SYSTEM, "GET", f"/api/identity/accounts?limit=7{after}")).json()
        seen += [account["id"] for account in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == await pool.fetchval("select count(*) from account")
    customs = await org_id(pool, "customs")
    page = (await bearer(OFFICE, SYSTEM, "GET", f"/api/identity/accounts?org={customs}")).json()
    assert [account["name"] for account in page["items"]] == ["officer", "officer-2", "service:auto", "viewer"]
    for cursor in ("x", "1", "99999999999/x", "²/x"):
        answer = await bearer(OFFICE, SYSTEM, "GET", f"/api/identity/accounts?after={cursor}")
        assert answer.status_code == (200 if cursor == "1" else 422)


async def test_names_that_are_taken_or_wrong(bearer: Bearer, pool: Pool) -> None:
    assert (await make(bearer, pool)).status_code == 201
    assert (await make(bearer, pool)).status_code == 409
    for name in ("Li Wei", "service:other", "a"):
        assert (await make(bearer, pool, name=name)).status_code == 422
    assert (await make(bearer, pool, org="kouan", name="li.wei2")).status_code == 404
