"""Signing in through a real OpenID Connect provider process, honest and lying."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from kouan.base.identity.service import federation
from kouan.base.identity.service.provider import BadConfig, read_config
from kouan.kernel import clock
from kouan.kernel.database import Pool
from kouan.kernel.settings import Settings

Bearer = Trail = Callable[..., Any]
PROVIDER = Path(__file__).with_name("provider.py")
OFFICER = {"sub": "u-1", "org_code": "9901", "roles": ["inspector"], "name": "李伟"}


@dataclass
class Party:
    """The provider process, as a browser reaches it."""

    url: str

    def be(self, person: dict[str, Any], **more: Any) -> None:
        httpx.post(f"{self.url}/as", json={"person": person, **more}, trust_env=False).raise_for_status()

    def go(self, address: str) -> httpx.Response:
        return httpx.get(address, trust_env=False)

    def asked(self) -> list[str]:
        found: list[str] = httpx.get(f"{self.url}/asked", trust_env=False).json()
        return found


@pytest.fixture(scope="module")
def party(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Party]:
    told = tmp_path_factory.mktemp("provider") / "port"
    process = subprocess.Popen([sys.executable, str(PROVIDER), str(told)])
    for _ in range(600):
        if told.exists() and told.read_text():
            break
        assert process.poll() is None
        time.sleep(0.05)
    yield Party(f"http://127.0.0.1:{told.read_text()}")
    process.terminate()
    process.wait(10)


def configure(settings: Settings, party: Party, **more: Any) -> Path:
    path = settings.home / "oidc.json"
    stated = {
        "issuer": party.url, "client_id": "kouan-port", "client_secret": "a client's secret",
        "redirect_uri": "http://127.0.0.1:8000/api/session/oidc/callback",
        "roles": {"inspector": "officer", "boss": "system-admin"},
    }  # fmt: skip
    path.write_text(json.dumps(stated | more))
    path.chmod(0o600)
    return path


@pytest.fixture
async def browser(browser: httpx.AsyncClient, settings: Settings, party: Party) -> httpx.AsyncClient:
    configure(settings, party)
    return browser


async def sign_in(browser: httpx.AsyncClient, party: Party, following: str = "/") -> httpx.Response:
    """As a browser does it: to our start, to the provider, back to our callback."""
    away = await browser.get("/api/session/oidc/start", params={"next": following})
    assert away.status_code == 302, away.text
    back = party.go(away.headers["location"])
    assert back.status_code == 302, back.text
    return await browser.get(back.headers["location"])


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
async def test_a_person_of_a_known_organisation_gets_an_account(
    alg: str, browser: httpx.AsyncClient, party: Party, pool: Pool, trail: Trail
) -> None:
    party.be(OFFICER, alg=alg)
    page = await sign_in(browser, party, "/trace?ref=x")
    assert page.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/trace?ref=x">' in page.text
    me = (await browser.get("/api/me")).json()
    assert (me["org"]["slug"], me["roles"], me["clearance"]) == ("customs", ["officer"], 3)
    assert me["user"]["title"] == {"zh": "李伟", "en": "李伟"}
    assert "oidc" in [e["reason"] for e in await trail("identity.session.open")]
    again = await sign_in(browser, party)
    assert again.status_code == 200
    assert await pool.fetchval("select count(*) from account where issuer is not null") == 1


async def test_cookies_survive_the_way_back_and_nothing_else_does(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER)
    away = await browser.get("/api/session/oidc/start")
    bound = away.headers["set-cookie"].lower()
    assert "samesite=lax" in bound
    assert "httponly" in bound
    assert "path=/api/session/oidc" in bound
    assert f"max-age={int(federation.LASTS.total_seconds())}" in bound
    page = await browser.get(party.go(away.headers["location"]).headers["location"])
    cookies = [c.lower() for c in page.headers.get_list("set-cookie")]
    assert any(c.startswith("kouan_session=") and "samesite=strict" in c and "httponly" in c for c in cookies)
    assert any(c.startswith('kouan_signin=""') for c in cookies)
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"


async def test_state_nonce_and_verifier_are_new_each_time_and_not_in_the_clear(
    browser: httpx.AsyncClient, party: Party, pool: Pool
) -> None:
    seen: set[str] = set()
    for _ in range(3):
        asked = parse_qs(urlsplit((await browser.get("/api/session/oidc/start")).headers["location"]).query)
        seen |= {asked["state"][0], asked["nonce"][0], asked["code_challenge"][0]}
        verifiers = [row["verifier"] for row in await pool.fetch("select verifier from signin_flow")]
        assert not any(verifier in str(asked) for verifier in verifiers)
    assert len(seen) == 9


LIES = [
    "bad nonce", "no nonce", "bad signature", "foreign key", "unknown key", "changed claims", "wrong audience",
    "audience of two without azp", "wrong issuer", "expired", "issued in the future", "stale", "alg none",
    "shared secret", "no exp", "no iat", "no aud", "no iss", "no sub", "no id_token", "no token at all",
]  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_provider_signs_nobody_in(
    lie: str, browser: httpx.AsyncClient, party: Party, pool: Pool, trail: Trail
) -> None:
    party.be(OFFICER, fault=lie, alg="RS256" if lie == "shared secret" else "ES256")
    page = await sign_in(browser, party)
    assert page.status_code == 401, page.text
    assert "未通过验证" in page.text
    assert (await browser.get("/api/me")).status_code == 401
    assert await pool.fetchval("select count(*) from session") == 0
    assert await pool.fetchval("select count(*) from account where issuer is not null") == 0
    assert [e["outcome"] for e in await trail("identity.session.open")] == ["denied"]


async def test_a_lying_discovery_is_not_followed(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER, fault="issuer of discovery")
    assert (await browser.get("/api/session/oidc/start")).status_code == 401


async def test_the_providers_keys_may_be_renewed(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER)
    assert (await sign_in(browser, party)).status_code == 200
    party.be(OFFICER, fault="rotated key")
    start = datetime.now(UTC)
    try:
        clock.use(lambda: start + timedelta(seconds=30))
        assert (await sign_in(browser, party)).status_code == 200
        assert party.asked().count("jwks") == 1
    finally:
        clock.use(lambda: datetime.now(UTC))


async def test_unknown_keys_do_not_make_us_hammer_the_provider(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER, fault="unknown key")
    for _ in range(4):
        await sign_in(browser, party)
    assert party.asked().count("jwks") == 1
    assert party.asked().count("discovery") == 1


async def test_an_answer_counts_once_and_in_its_own_browser(
    browser: httpx.AsyncClient, app: FastAPI, party: Party, pool: Pool
) -> None:
    party.be(OFFICER)
    away = await browser.get("/api/session/oidc/start")
    back = party.go(away.headers["location"]).headers["location"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8000") as victim:
        assert (await victim.get(back)).status_code == 401
        await victim.get("/api/session/oidc/start")
        assert (await victim.get(back)).status_code == 401
        assert await pool.fetchval("select count(*) from session") == 0
    kept = browser.cookies["kouan_signin"]
    assert (await browser.get(back)).status_code == 200
    browser.cookies.clear()
    assert (await browser.get(back, headers={"cookie": f"kouan_signin={kept}"})).status_code == 401


async def test_an_answer_after_ten_minutes_is_too_late(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER)
    away = await browser.get("/api/session/oidc/start")
    back = party.go(away.headers["location"]).headers["location"]
    start = datetime.now(UTC)
    try:
        clock.use(lambda: start + timedelta(minutes=11))
        assert (await browser.get(back)).status_code == 401
    finally:
        clock.use(lambda: datetime.now(UTC))


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?state=x&code=y", "?error=access_denied&state=x", "?state=%00&code=%00"]
)
async def test_a_callback_that_nobody_asked_for(query: str, browser: httpx.AsyncClient) -> None:
    assert (await browser.get(f"/api/session/oidc/callback{query}")).status_code == 401


async def test_a_refusal_at_the_provider_signs_nobody_in(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER, fault="denied")
    assert (await sign_in(browser, party)).status_code == 401


async def test_a_provider_that_fails_is_said_to(browser: httpx.AsyncClient, party: Party, settings: Settings) -> None:
    party.be(OFFICER, fault="token endpoint down")
    assert (await sign_in(browser, party)).status_code == 503
    configure(settings, party, issuer="http://127.0.0.1:9")
    assert (await browser.get("/api/session/oidc/start")).status_code == 503


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ({"org_code": "91379999MA0WHH999X"}, "unknown_org"), ({"org_code": None}, "unknown_org"),
        ({"org_code": ["9901"]}, "unknown_org"), ({"org_code": "customs"}, "unknown_org"),
        ({"roles": []}, "no_role"), ({"roles": ["boss"]}, "no_role"), ({"roles": ["security-admin"]}, "no_role"),
        ({"roles": 7}, "no_role"), ({"org_code": "91379999MA0WHH048N"}, "no_role"),
    ],
)  # fmt: skip
async def test_no_organisation_or_role_no_entry(
    person: dict[str, Any], code: str, browser: httpx.AsyncClient, party: Party, trail: Trail, pool: Pool
) -> None:
    """A provider makes no administrators, and no officers of firms."""
    party.be(OFFICER | person)
    page = await sign_in(browser, party)
    assert page.status_code == 403
    assert [e["reason"] for e in await trail("GET /api/session/oidc/callback")] == [code]
    assert await pool.fetchval("select count(*) from account where issuer is not null") == 0


async def test_who_was_taken_a_role_does_not_get_it_back_by_signing_in(
    browser: httpx.AsyncClient, bearer: Bearer, party: Party, pool: Pool
) -> None:
    party.be(OFFICER | {"roles": ["inspector", "viewer"]})
    await sign_in(browser, party)
    account = (await browser.get("/api/me")).json()["user"]["id"]
    path = f"/api/identity/accounts/{account}/roles"
    await bearer("portoffice", "security-admin", "PUT", path, {"roles": ["viewer"]})
    assert (await browser.get("/api/me")).json()["roles"] == ["viewer"]
    await sign_in(browser, party)
    assert (await browser.get("/api/me")).json()["roles"] == ["viewer"]
    party.be(OFFICER | {"roles": []})
    await sign_in(browser, party)
    assert (await browser.get("/api/me")).json()["roles"] == []


async def test_a_person_does_not_wander_between_organisations(browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER | {"roles": ["viewer"]})
    assert (await sign_in(browser, party)).status_code == 200
    party.be(OFFICER | {"roles": ["viewer"], "org_code": "91379999MA0WHH048N"})
    assert (await sign_in(browser, party)).status_code == 403


@pytest.mark.parametrize(
    "following", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", '/"><x']
)
async def test_the_way_on_stays_on_our_site(following: str, browser: httpx.AsyncClient, party: Party) -> None:
    party.be(OFFICER)
    assert 'content="0;url=/">' in (await sign_in(browser, party, following)).text


async def test_without_a_provider_there_is_no_such_door(browser: httpx.AsyncClient, settings: Settings) -> None:
    shown = (await browser.get("/api/session/oidc")).json()
    assert shown == {
        "title": {"zh": "单一窗口账户登录", "en": "Single window account"},
        "href": "/api/session/oidc/start",
    }
    (settings.home / "oidc.json").unlink()
    assert (await browser.get("/api/session/oidc")).status_code == 404
    assert (await browser.get("/api/session/oidc/start")).status_code == 404


async def test_a_file_that_is_wrong_or_open_to_others_is_not_used(
    browser: httpx.AsyncClient, settings: Settings, party: Party
) -> None:
    path = configure(settings, party)
    path.chmod(0o644)
    with pytest.raises(BadConfig, match="0600"):
        read_config(settings.home)
    answer = await browser.get("/api/session/oidc/start")
    assert (answer.status_code, answer.json()["code"]) == (503, "misconfigured")
    assert str(settings.home) not in answer.text
    configure(settings, party, issuer="http://single-window.example")
    with pytest.raises(BadConfig, match="https"):
        read_config(settings.home)
    configure(settings, party, colour="red")
    with pytest.raises(BadConfig, match="colour"):
        read_config(settings.home)
