"""Who may knock: credentials on every door but the open ones, no token in an address, the CSRF token with a cookie."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.conftest import Running

OPEN = {
    "/api/health": "the first thing that anyone asks", "/api/status": "who is away, told to everyone",
    "/api/ledger/key": "a stranger verifies a proof by it", "/api/ledger/checkpoint": "other ports witness it",
    "/api/ledger/consistency": "other ports witness it", "/api/ledger/suite": "tells by which algorithms to verify a proof",
    "/api/session": "signs in", "/api/session/demo": "signs in at a demo", "/api/session/oidc": "leads to the single window",
    "/api/session/oidc/start": "leads to the single window", "/api/session/oidc/callback": "comes back from it",
}  # fmt: skip
NIL = "00000000-0000-7000-8000-000000000000"
PARTS = {
    "id": NIL, "lane": "in-1", "mmsi": "414999001", "name": "customs", "format": "json", "action": "accept", "key": "x",
    "record": "base.portcall.port_call",
}  # fmt: skip
PROBLEM = {"type", "title", "status", "code", "field", "rule", "reason", "instance"}


@pytest.fixture(scope="module")
def doors(platform: Running) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation that the platform declares: method, address with its parts filled in, declaration."""
    with platform.client() as stranger:
        paths = stranger.get("/openapi.json").json()["paths"]
    return [
        (method.upper(), re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], "x"), path), operation)
        for path, operations in paths.items() for method, operation in operations.items() if method != "parameters"
    ]  # fmt: skip


def is_problem(answer: httpx.Response) -> None:
    """An answer that refuses does so as RFC 9457 says, in both languages."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= PROBLEM
    assert body["status"] == answer.status_code
    assert body["reason"]["zh"]
    assert body["reason"]["en"]
    assert body["type"].startswith("urn:kouan:problem:")
    assert body["instance"].startswith("urn:uuid:")
    for problem in body.get("problems", []):
        assert {"code", "field", "rule", "reason"} <= set(problem)
        assert problem["reason"]["zh"]
        assert problem["reason"]["en"]


def test_every_door_but_the_open_ones_asks_who_is_there(platform: Running, doors: list[Any]) -> None:
    assert len(doors) > 100
    with platform.client() as stranger:
        for method, path, _ in doors:
            answer = stranger.request(method, path)
            if path in OPEN:
                assert answer.status_code != 401 or method == "DELETE", path
            else:
                assert answer.status_code == 401, f"{method} {path}: {answer.status_code}"
                is_problem(answer)
                assert answer.headers["www-authenticate"].startswith("Bearer")


def test_what_is_declared_open_is_what_is_open(platform: Running, doors: list[Any]) -> None:
    declared = {path for _, path, operation in doors if operation.get("security") == []}
    assert declared == set(OPEN)


def test_every_guarded_door_declares_how_it_refuses(doors: list[Any]) -> None:
    for method, path, operation in doors:
        if path not in OPEN:
            assert "401" in operation["responses"], f"{method} {path}"


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic YTpi"}, {"Authorization": "x"},
     {"Cookie": "kouan_session=wrong"}, {"Authorization": "Bearer \u00e9"}, {"Authorization": "Bearer " + "x" * 5000}],
    ids=str,
)  # fmt: skip
def test_wrong_credentials_open_nothing(platform: Running, headers: dict[str, str]) -> None:
    with platform.client() as stranger:
        encoded = {name: value.encode("latin-1") for name, value in headers.items()}
        for path in ("/api/me", "/api/meta", "/api/records/base/place/place", "/api/live"):
            answer = stranger.get(path, headers=encoded)
            assert answer.status_code == 401
            is_problem(answer)


def test_no_token_counts_in_an_address(platform: Running, doors: list[Any]) -> None:
    token = platform.token("customs")
    with platform.client() as stranger:
        for name in ("token", "access_token", "kouan_session", "authorization", "bearer", "api_key"):
            for path in ("/api/me", "/api/live", "/api/records/base/place/place"):
                assert stranger.get(path, params={name: token}).status_code == 401
    named = {p["name"].lower() for _, _, operation in doors for p in operation.get("parameters", []) if p["in"] == "query"}
    assert not [name for name in named if "token" in name or "password" in name or "secret" in name]


@pytest.fixture
def signed_in(platform: Running) -> Any:
    """A browser's session: the cookie and the CSRF token that go with it."""
    with platform.client() as browser:
        answer = browser.post("/api/session/demo", json={"org": "portoffice", "role": "officer"})
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"]
        yield browser, browser.get("/api/me").json()["csrf"], cookie


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(signed_in: Any) -> None:
    browser, csrf, cookie = signed_in
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert "httponly" in attributes
    assert attributes & {"samesite=strict", "samesite=lax"}
    assert "path=/" in attributes
    assert browser.cookies["kouan_session"] not in (csrf, "")
    assert browser.cookies["kouan_session"] not in browser.get("/api/me").text


PLACE = {
    "code": "CNWHH/test", "kind": "berth", "name_zh": "测试", "name_en": "Test", "geometry": {"type": "Point", "coordinates": [1, 1]}
}
UNSAFE = [
    ("POST", "/api/records/base/place/place"), ("POST", "/api/trace"), ("POST", "/api/intake/json?record=base.place.place"),
    ("PUT", f"/api/records/base/place/place/{NIL}"), ("POST", f"/api/records/base/portcall/port_call/{NIL}/actions/accept"),
    ("DELETE", "/api/session"), ("POST", "/api/identity/tokens"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_a_cookie_alone_changes_nothing(signed_in: Any, method: str, path: str) -> None:
    browser, csrf, _ = signed_in
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "wrong"}, {"X-CSRF-Token": csrf[:-1]}):
        answer = browser.request(method, path, json=PLACE, headers=headers)
        assert answer.status_code == 403, (headers, answer.text)
        is_problem(answer)
    assert browser.get("/api/me").status_code == 200


def test_a_cookie_with_its_csrf_token_files_and_signs_out(signed_in: Any) -> None:
    browser, csrf, _ = signed_in
    headers = {"X-CSRF-Token": csrf}
    asked = browser.post("/api/trace", json={"ref": "container:MSKU9070323"}, headers=headers)
    assert asked.status_code == 200
    session = browser.cookies["kouan_session"]
    assert browser.delete("/api/session", headers=headers).status_code in (200, 204)
    browser.cookies.set("kouan_session", session)
    assert browser.get("/api/me").status_code == 401


def test_a_foreign_page_cannot_use_a_session(signed_in: Any) -> None:
    browser, _, _ = signed_in
    answer = browser.get("/api/me", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers
    preflight = browser.options("/api/trace", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers


def test_every_kind_of_refusal_is_told_alike(platform: Running) -> None:
    place = "/api/records/base/place/place"
    with platform.client("portoffice") as office, platform.client("trader") as trader:
        refusals = {
            404: [office.get("/api/nothing"), office.get(f"{place}/{NIL}"), office.post("/api/intake/nothing", content=b"x"),
                  office.post("/api/gates/nowhere/passages", json={"vehicle": "鲁B12345", "direction": "in"})],
            403: [trader.post(place, json=PLACE)],
            405: [office.put("/api/health"), office.patch(place)],
            422: [office.post(place, content=b"{"), office.post(place, content=b"[]"), office.post(place, json={}),
                  office.get(place, params={"nothing": "1"}), office.get(place, params={"limit": "x"}),
                  office.get(place, params={"after": "x"}), office.get(f"{place}/not-a-uuid"), office.get(place, params={"sort": "x"}),
                  office.put(f"{place}/{NIL}", json=PLACE), office.post("/api/trace", json={}),
                  office.post("/api/intake/json", content=b"{}"), office.post(place, json={**PLACE, "name_zh": "\x00"})],
        }  # fmt: skip
    for status, answers in refusals.items():
        for answer in answers:
            assert answer.status_code == status or (status == 404 and answer.status_code == 403), (answer.request.url, answer.text)
            is_problem(answer)


def test_a_natural_key_and_a_key_of_idempotency_conflict_as_problems(platform: Running) -> None:
    door, body = "/api/records/base/manifest/rail_manifest", {"waybill": "W-HTTP-1", "wagon": "1", "entered_at": "2026-11-01T00:00:00Z"}
    with platform.client("carrier") as carrier:
        first = carrier.post(door, json=body, headers={"Idempotency-Key": "http-1"})
        assert first.status_code == 201, first.text
        again = carrier.post(door, json=body, headers={"Idempotency-Key": "http-1"})
        assert again.json()["receipt"] == first.json()["receipt"]
        kept = carrier.post(door, json=body)
        other = carrier.post(door, json={**body, "wagon": "2"}, headers={"Idempotency-Key": "http-1"})
        stale = carrier.put(f"{door}/{first.json()['item']['id']}", json=body, headers={"If-Match": "7"})
    assert [(a.status_code, a.json()["code"]) for a in (kept, other, stale)] == [
        (409, "natural_key_kept"), (409, "idempotency_key_reused"), (409, "stale_version"),
    ]  # fmt: skip
    for answer in (kept, other, stale):
        is_problem(answer)


def test_the_description_is_the_same_packed_and_plain(platform: Running) -> None:
    with platform.client() as stranger:
        packed = stranger.get("/openapi.json")
        plain = stranger.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < len(plain.content) // 4
    passage = plain.json()["paths"]["/api/gates/{lane}/passages"]["post"]["requestBody"]["content"]["application/json"]
    assert {"vehicle", "direction"} <= set(passage["example"])
