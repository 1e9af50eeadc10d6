"""Signing in by password: cookies, CSRF, lockout, first sign-in, and answers that tell nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from kouan.base.identity.api import Directory
from kouan.base.identity.service import passwords
from kouan.kernel import clock
from kouan.kernel.database import Pool

Bearer = Trail = Callable[..., Any]
Demo = dict[tuple[str, str], dict[str, Any]]


def form(demo: Demo, org: str = "customs", role: str = "officer", **changed: str) -> dict[str, str]:
    entry = demo[org, role]
    return {"org": org, "user": entry["user"], "password": entry["password"], **changed}


async def test_sign_in_gives_a_strict_cookie_and_me(browser: httpx.AsyncClient, demo: Demo, trail: Trail) -> None:
    answer = await browser.post("/api/session", json=form(demo))
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    name, *attributes = cookie.lower().split("; ")
    assert name.startswith("kouan_session=")
    assert {"httponly", "samesite=strict", "path=/"} <= set(attributes)
    assert "secure" not in attributes
    me = answer.json()
    assert me["org"] == {
        "slug": "customs", "kind": "customs", "title": {"zh": "望海海关（演示）", "en": "Wanghai Customs (demo)"},
    }  # fmt: skip
    assert (me["user"]["name"], me["roles"], me["clearance"], me["demo"]) == ("officer", ["officer"], 3, True)
    assert (await browser.get("/api/me")).json() == me
    assert [e["outcome"] for e in await trail("identity.session.open")] == ["allowed"]


async def test_cookie_is_secure_over_https(app: FastAPI, demo: Demo) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://port.example") as client:
        answer = await client.post("/api/session", json=form(demo))
        assert "secure" in answer.headers["set-cookie"].lower().split("; ")


async def test_secrets_are_kept_only_as_hashes(browser: httpx.AsyncClient, demo: Demo, pool: Pool) -> None:
    await browser.post("/api/session", json=form(demo))
    secrets = {browser.cookies["kouan_session"], form(demo)["password"], demo["customs", "officer"]["token"]}
    for table in ("session", "token", "account", "audit"):
        rows = await pool.fetch(f"select t::text as row from {table} t")
        assert rows
        assert not any(secret in row["row"] for secret in secrets for row in rows)


async def test_sign_out_ends_the_session_at_once(browser: httpx.AsyncClient, demo: Demo) -> None:
    csrf = (await browser.post("/api/session", json=form(demo))).json()["csrf"]
    kept = browser.cookies["kouan_session"]
    answer = await browser.delete("/api/session", headers={"x-csrf-token": csrf})
    assert answer.status_code == 204
    assert 'kouan_session=""' in answer.headers["set-cookie"]
    answer = await browser.get("/api/me", headers={"cookie": f"kouan_session={kept}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "no_longer_valid")


async def test_a_change_by_cookie_needs_the_sessions_own_csrf_token(
    browser: httpx.AsyncClient, demo: Demo, trail: Trail
) -> None:
    other = (await browser.post("/api/session", json=form(demo))).json()["csrf"]
    mine = (await browser.post("/api/session", json=form(demo))).json()["csrf"]
    body = {"name": "t"}
    for headers in ({}, {"x-csrf-token": ""}, {"x-csrf-token": other}, {"x-csrf-token": mine + "x"}):
        answer = await browser.post("/api/identity/tokens", json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    assert (await browser.post("/api/identity/tokens", json=body, headers={"x-csrf-token": mine})).status_code == 201
    denied = await trail("POST /api/identity/tokens")
    assert [(e["outcome"], e["reason"]) for e in denied] == [("denied", "csrf")] * 4
    assert len({e["account"] for e in denied} - {""}) == 1


async def test_a_bearer_needs_no_csrf_token_and_counts_before_a_cookie(
    browser: httpx.AsyncClient, bearer: Bearer, demo: Demo
) -> None:
    await browser.post("/api/session", json=form(demo))
    answer = await browser.get("/api/me", headers={"authorization": f"Bearer {demo['trader', 'clerk']['token']}"})
    assert answer.json()["org"]["slug"] == "trader"
    assert answer.json()["csrf"] == ""
    for wrong in ("Bearer nonsense", "Basic Y3VzdG9tczpvZmZpY2Vy", "Bearer " + "x" * 43, ""):
        assert (await browser.get("/api/me", headers={"authorization": wrong})).status_code == 401
    assert (await bearer("customs", "officer", "DELETE", "/api/session")).status_code == 204
    assert (await bearer("customs", "officer", "GET", "/api/me")).status_code == 200


async def test_no_token_is_taken_from_a_url(browser: httpx.AsyncClient, demo: Demo) -> None:
    token = demo["customs", "officer"]["token"]
    for query in ("token", "access_token", "authorization", "kouan_session"):
        assert (await browser.get("/api/me", params={query: token})).status_code == 401


def stand(moment: datetime) -> None:
    clock.use(lambda: moment)


WRONG = {
    "password": {"password": "not the right one"},
    "user": {"user": "nobody"},
    "organisation": {"org": "nowhere"},
    "service": {"user": "service:auto"},
}


@pytest.mark.parametrize("what", WRONG)
async def test_whatever_is_wrong_the_answer_is_alike(
    what: str, browser: httpx.AsyncClient, demo: Demo, trail: Trail
) -> None:
    started = time.perf_counter()
    answer = await browser.post("/api/session", json=form(demo) | WRONG[what])
    assert time.perf_counter() - started >= 0.25
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    right = await browser.post("/api/session", json=form(demo, password="not the right one"))
    assert right.json() == answer.json()
    assert "set-cookie" not in answer.headers
    assert [e["outcome"] for e in await trail("identity.session.open")] == ["denied", "denied"]


async def test_five_failures_lock_with_backoff(browser: httpx.AsyncClient, demo: Demo, pool: Pool) -> None:
    start = datetime.now(UTC)
    wrong, right = form(demo, password="not the right one"), form(demo)

    async def locked_for() -> float:
        until = await pool.fetchval("select max(locked_until) from account")
        return round((until - clock.now()).total_seconds()) if until else 0.0

    try:
        clock.use(lambda: start)
        for _ in range(4):
            await browser.post("/api/session", json=wrong)
        assert await locked_for() == 0
        await browser.post("/api/session", json=wrong)
        assert await locked_for() == 30
        assert (await browser.post("/api/session", json=right)).status_code == 401
        at, waits = start, []
        for _ in range(7):
            at += timedelta(seconds=await locked_for() + 1)
            stand(at)
            await browser.post("/api/session", json=wrong)
            waits.append(await locked_for())
        assert waits == [60, 120, 240, 480, 900, 900, 900]
        at += timedelta(seconds=901)
        clock.use(lambda: at)
        assert (await browser.post("/api/session", json=right)).status_code == 200
        assert await locked_for() == 0
        assert await pool.fetchval("select max(failed) from account") == 0
    finally:
        clock.use(lambda: datetime.now(UTC))


async def test_guesses_at_the_same_time_are_all_counted(browser: httpx.AsyncClient, demo: Demo, pool: Pool) -> None:
    guesses = (browser.post("/api/session", json=form(demo, password=f"guess number {n:02}")) for n in range(12))
    await asyncio.gather(*guesses)
    assert await pool.fetchval("select max(failed) from account") == 5
    assert (await browser.post("/api/session", json=form(demo))).status_code == 401


async def test_many_right_sign_ins_at_once_are_no_flood(browser: httpx.AsyncClient, demo: Demo) -> None:
    answers = await asyncio.gather(*(browser.post("/api/session", json=form(demo)) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {200}


async def test_another_sites_page_signs_nobody_in(browser: httpx.AsyncClient, demo: Demo) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        answer = await browser.post("/api/session", json=form(demo), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin")
        answer = await browser.post("/api/session/demo", json={"org": "customs", "role": "officer"}, headers=headers)
        assert answer.status_code == 403
    own = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}
    assert (await browser.post("/api/session", json=form(demo), headers=own)).status_code == 200


async def test_a_changed_password_ends_other_sessions_only(
    browser: httpx.AsyncClient, app: FastAPI, demo: Demo
) -> None:
    csrf = (await browser.post("/api/session", json=form(demo))).json()["csrf"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as other:
        await other.post("/api/session", json=form(demo))
        new = "seven jade horses run"
        for old, wanted, status in (
            ("wrong old password", new, 401), (form(demo)["password"], "password1234", 422),
            (form(demo)["password"], form(demo)["password"], 422), (form(demo)["password"], new, 204),
        ):  # fmt: skip
            answer = await browser.put(
                "/api/session/password", json={"password": old, "new_password": wanted}, headers={"x-csrf-token": csrf}
            )
            assert answer.status_code == status, answer.text
        assert (await other.get("/api/me")).status_code == 401
        assert (await browser.get("/api/me")).status_code == 200
        assert (await other.post("/api/session", json=form(demo))).status_code == 401
        assert (await other.post("/api/session", json=form(demo, password=new))).status_code == 200


async def test_a_hash_of_another_cost_is_renewed_at_sign_in(
    app: FastAPI, demo: Demo, pool: Pool, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = """select password_hash from account a join organisation o on o.id = a.org
        where slug = 'customs' and name = 'officer'"""
    assert "t=1" in await pool.fetchval(query)
    monkeypatch.setattr(passwords, "PASSES", 3)
    monkeypatch.setattr(directory, "passwords", passwords.Passwords())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as client:
        for _ in range(2):
            assert (await client.post("/api/session", json=form(demo))).status_code == 200
    assert "t=3" in await pool.fetchval(query)


async def test_demo_accounts_are_offered_on_loopback_only(browser: httpx.AsyncClient, app: FastAPI, demo: Demo) -> None:
    offered = (await browser.get("/api/session/demo")).json()
    assert {(e["org"], e["user"]) for e in offered} == set(demo)
    assert offered[0]["title"] == {"zh": "望海海关（演示）·执法或管理人员", "en": "Wanghai Customs (demo), officer"}
    answer = await browser.post("/api/session/demo", json={"org": "trader", "role": "clerk"})
    assert (answer.status_code, answer.json()["roles"]) == (200, ["clerk"])
    assert (await browser.get("/api/me")).json()["org"]["slug"] == "trader"
    assert (await browser.post("/api/session/demo", json={"org": "kouan", "role": "x"})).status_code == 404
    for host in ("rebound.example", "127.0.0.1.evil.example"):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}") as client:
            assert (await client.get("/api/session/demo")).status_code == 404
            body = {"org": "trader", "role": "clerk"}
            assert (await client.post("/api/session/demo", json=body)).status_code == 404


async def test_bodies_out_of_shape_are_refused(browser: httpx.AsyncClient, demo: Demo) -> None:
    for body in (
        {},
        {"org": "x"},
        form(demo, password="a\0b"),
        form(demo, more="x"),
        form(demo) | {"org": ""},
        form(demo, user="x" * 400),
    ):
        assert (await browser.post("/api/session", json=body)).status_code == 422
