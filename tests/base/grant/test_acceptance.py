"""Shared data on the running platform: read under a grant, in its scope, for its time, and every try on record."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from kouan_sim.identifiers import References
from tests.base.enterprise.test_acceptance import firm
from tests.base.grant.calls import call, hang_up, until
from tests.conftest import Running

GRANT = "/api/records/base/grant/grant"
DECLARATION, CONSIGNMENT = "base.declaration.declaration", "base.manifest.consignment"


@pytest.fixture(scope="module", autouse=True)
def hanging_up() -> Iterator[None]:
    """Close the clients behind the tests of this file."""
    yield
    hang_up()


def declared(refs: References, **more: Any) -> dict[str, Any]:
    """A declaration of the demo's trader."""
    item = {"sequence": 1, "hs": "851679", "origin": "KR", "description": "Kettles", "net_kg": 10, "gross_kg": 12}
    return {"functional_reference": refs.next("SH"), "function_code": "9", "type_code": "IMA", "office": "9901", "items": [item],
            "importer": f"enterprise:{refs.next('I')}", "invoice_amount": "1200.50", "invoice_currency": "CNY", **more}  # fmt: skip


def shared(platform: Running, owner: str, user: str, record: str, **more: Any) -> dict[str, Any]:
    """A grant that its owner gives unasked."""
    stated = {"kind": "grant", "grantor": f"org:{owner}", "grantee": f"org:{user}", "record": record, "purpose": "acceptance test",
              "valid_until": until(30), **more}  # fmt: skip
    item: dict[str, Any] = call(platform, owner, "POST", GRANT, 201, json=stated)["item"]
    assert item["state"] == "granted"
    return item


def log(platform: Running, **wanted: Any) -> list[dict[str, Any]]:
    """What the audit administrator reads."""
    found: list[dict[str, Any]] = call(platform, "portoffice", "GET", "/api/identity/audit", role="audit-admin",
                                       params={"action": "shared:read", **wanted})["items"]  # fmt: skip
    return found


@pytest.fixture
def bank(platform: Running) -> Iterator[tuple[str, httpx.Client]]:
    """A bank that was let onto the platform, and the client of its clerk."""
    name = f"bank-{secrets.token_hex(3)}"
    title = {"zh": "验收银行（虚构）", "en": "Acceptance Bank (fictional)"}
    with platform.client("portoffice", "system-admin") as system, platform.client("portoffice", "security-admin") as security:
        body: dict[str, Any] = {"slug": name, "kind": "bank", "title": title}
        org = system.post("/api/identity/organisations", json=body).raise_for_status().json()["id"]
        body = {"org": org, "name": "clerk", "title": title}
        made = system.post("/api/identity/accounts", json=body).raise_for_status().json()
        number = made["account"]["id"]
        security.put(f"/api/identity/accounts/{number}/roles", json={"roles": ["clerk"]}).raise_for_status()
        with platform.client() as browser:
            typed = {"org": name, "user": "clerk", "password": made["password"], "new_password": secrets.token_urlsafe(16)}
            browser.post("/api/session", json=typed).raise_for_status()
            yield name, browser
        security.delete(f"/api/identity/accounts/{number}").raise_for_status()


@pytest.mark.clause("H7.2.5b6")
def test_a_bank_reads_one_firm_s_declarations_until_the_grant_is_revoked(
    platform: Running, bank: tuple[str, httpx.Client]
) -> None:
    name, browser = bank
    refs = References()
    one, other = declared(refs), declared(refs)
    items = [call(platform, "trader", "POST", f"/api/records/{DECLARATION.replace('.', '/')}", 201, json=d)["item"] for d in (one, other)]
    door = f"/api/shared/{DECLARATION}"
    assert browser.get(door).json()["code"] == "no_grant"
    where = [{"name": "importer", "value": one["importer"]}]
    shows = ["functional_reference", "importer", "items", "invoice_amount"]
    grant = shared(platform, "customs", name, DECLARATION, where=where, shows=shows)
    (item,) = browser.get(door).raise_for_status().json()["items"]
    assert item["id"] == items[0]["id"]
    assert set(item["data"]) == set(shows)
    ref = f"declaration:TRADER/{one['functional_reference']}"
    assert (item["data"]["invoice_amount"], item["state"], item["ref"]) == ("1200.50", None, ref)
    assert browser.get(f"{door}/{items[0]['id']}").json()["data"] == item["data"]
    assert browser.get(f"{door}/{items[1]['id']}").status_code == 403, "another firm's"
    generic = f"/api/records/{DECLARATION.replace('.', '/')}"
    assert browser.get(f"{generic}/{items[0]['id']}").status_code == 404, "a grant widens no other door"
    assert browser.get(door, params={"office": "9901"}).status_code == 422, "no filter by what is not shared"
    assert browser.get(door, params={"importer": other["importer"]}).json()["items"] == []

    uses = call(platform, "customs", "GET", f"/api/grants/{grant['id']}/uses")["items"]
    assert {use["by"] for use in uses} == {name}
    call(platform, "customs", "POST", f"{GRANT}/{grant['id']}/actions/revoke", json={"data": {"reason": "no longer needed"}})
    refusal = browser.get(door)
    assert (refusal.status_code, refusal.json()["code"]) == (403, "no_grant")
    assert browser.get(f"{door}/{items[0]['id']}").status_code == 403
    assert log(platform, ref=grant["ref"])[0]["outcome"] == "allowed"
    denied = [entry["reason"] for entry in log(platform, ref=items[0]["id"])]
    assert denied == [f"no_grant {DECLARATION}"]


@pytest.mark.clause("H7.2.1d")
def test_what_is_shared_with_one_agency_is_closed_to_another_and_the_log_shows_both_tries(platform: Running) -> None:
    refs = References()
    goods = [{"sequence": 1, "description": "Paint", "un_number": "1263", "gross_kg": 20}]
    line = {"manifest": f"manifest:CARRIER/{refs.next('M')}", "bill": f"bill:{refs.next('B')}", "goods": goods, "gross_kg": 20}
    kept = call(platform, "carrier", "POST", f"/api/records/{CONSIGNMENT.replace('.', '/')}", 201, json=line)["item"]
    grant = shared(
        platform, "customs", "transport", CONSIGNMENT, where=[{"name": "ref", "value": kept["ref"]}], shows=["bill", "goods"]
    )
    door = f"/api/shared/{CONSIGNMENT}/{kept['id']}"
    read = call(platform, "transport", "GET", door)
    assert read["data"]["goods"][0]["un_number"] == "1263"
    assert (set(read["data"]), read["ref"]) == ({"bill", "goods"}, None)
    refusal = call(platform, "border", "GET", door, 403)
    assert (refusal["code"], refusal["rule"]) == ("no_grant", CONSIGNMENT)
    assert refusal["apply"]["path"].endswith(f"record:{CONSIGNMENT}/apply")
    assert any(kept["id"] in entry["reason"] for entry in log(platform, ref=grant["ref"], outcome="allowed"))
    (tried,) = log(platform, ref=kept["id"], outcome="denied")
    orgs = call(platform, "portoffice", "GET", "/api/identity/organisations", role="system-admin")
    assert tried["org"] == next(org["id"] for org in orgs if org["slug"] == "border")
    call(platform, "customs", "POST", f"{GRANT}/{grant['id']}/actions/revoke", json={})
    call(platform, "transport", "GET", door, 403)


def test_nobody_grants_what_is_another_s(platform: Running) -> None:
    """A terminal reads parts of declarations; it filed none and sees none whole, so that its grant shares nothing."""
    refs = References()
    stated = declared(refs)
    call(platform, "trader", "POST", f"/api/records/{DECLARATION.replace('.', '/')}", 201, json=stated)
    door = f"/api/shared/{DECLARATION}"
    for owner, count in (("terminal", 0), ("trader", 1)):
        where = [{"name": "functional_reference", "value": stated["functional_reference"]}]
        grant = shared(platform, owner, "trucker", DECLARATION, where=where)
        found = call(platform, "trucker", "GET", door, params={"grantor": owner})["items"]
        assert len(found) == count
        call(platform, "trucker", "POST", f"{GRANT}/{grant['id']}/actions/revoke", 403, json={})
        call(platform, owner, "POST", f"{GRANT}/{grant['id']}/actions/revoke", json={})
    stated = {"kind": "grant", "grantor": "org:customs", "grantee": "org:trucker", "record": DECLARATION, "purpose": "mine",
              "valid_until": until(1)}  # fmt: skip
    assert call(platform, "trucker", "POST", GRANT, 422, json=stated)["rule"] == "GRANT-PARTIES"


def test_restricted_fields_are_shown_by_the_reader_s_own_level_and_their_reading_is_audited_as_such(platform: Running) -> None:
    stated = firm()
    call(platform, "customs", "POST", "/api/records/base/enterprise/enterprise", 201, json=stated)
    asked = {"kind": "application", "grantor": "org:customs", "grantee": "org:border", "record": "base.enterprise.enterprise",
             "purpose": "whom to call", "shows": ["code", "representative"], "where": [{"name": "code", "value": stated["code"]}],
             "valid_until": until(1)}  # fmt: skip
    made = call(platform, "border", "POST", GRANT, 201, json=asked)["item"]
    act = f"{GRANT}/{made['id']}/actions"
    call(platform, "border", "POST", f"{act}/approve", 403, json={})
    call(platform, "customs", "POST", f"{act}/approve", json={})
    door = "/api/shared/base.enterprise.enterprise"
    (officer,) = call(platform, "border", "GET", door)["items"]
    (viewer,) = call(platform, "border", "GET", door, role="viewer")["items"]
    assert officer["data"] == {"code": stated["code"], "representative": stated["representative"]}
    assert (viewer["data"]["representative"], viewer["masked"]) == ("Z***", ["representative"])
    assert [entry["level"] for entry in log(platform, ref=made["ref"])] == [1, 3]
    call(platform, "customs", "POST", f"{act}/revoke", json={})
    call(platform, "border", "GET", door, 403)


def test_several_grants_are_read_as_one_list_and_each_ends_at_its_time(platform: Running) -> None:
    refs = References()
    importer = f"enterprise:{refs.next('U')}"
    ids = []
    for _ in range(5):
        stated = declared(refs, importer=importer)
        ids.append(call(platform, "trader", "POST", f"/api/records/{DECLARATION.replace('.', '/')}", 201, json=stated)["item"]["id"])
    where = [{"name": "importer", "value": importer}]
    short = shared(platform, "trader", "maritime", DECLARATION, where=where, shows=["importer"], valid_until=until(4 / 86400))
    long = shared(platform, "customs", "maritime", DECLARATION, where=where, shows=["functional_reference"])
    door = f"/api/shared/{DECLARATION}"
    first = call(platform, "maritime", "GET", door, params={"limit": 3})
    rest = call(platform, "maritime", "GET", door, params={"limit": 3, "after": first["next"]})
    assert [item["id"] for item in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next"] is None
    assert {tuple(sorted(item["data"])) for item in first["items"]} == {("functional_reference", "importer")}
    limit = time.monotonic() + 30
    while call(platform, "trader", "GET", f"{GRANT}/{short['id']}")["state"] != "expired" and time.monotonic() < limit:
        time.sleep(0.3)
    after = call(platform, "maritime", "GET", door)["items"]
    assert {tuple(item["data"]) for item in after} == {("functional_reference",)}
    assert call(platform, "trader", "GET", f"{GRANT}/{short['id']}")["state"] == "expired"
    call(platform, "customs", "POST", f"{GRANT}/{long['id']}/actions/revoke", json={})
    call(platform, "maritime", "GET", door, 403)
    call(platform, "portoffice", "GET", door, 403, role="system-admin")
    call(platform, "customs", "GET", "/api/shared/base.nothing.there", 404)
    assert all(g["record"] != DECLARATION for g in call(platform, "maritime", "GET", "/api/shared")["items"])
