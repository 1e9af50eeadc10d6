"""The sample province on the running platform: seven families with counts, read by a region that builds no second base."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.conftest import Running
from tests.sims import call

BASE, TENANT = "/api/records/base/province/base", "/api/records/base/province/tenant"
TITLE = {"zh": "模拟市窗口", "en": "SIM city window"}


@contextmanager
def region(platform: Running, slug: str) -> Iterator[httpx.Client]:
    """A client of an officer of a new organisation: the single window of a region."""
    password = secrets.token_urlsafe(16)
    with platform.client("portoffice", "system-admin") as system, platform.client("portoffice", "security-admin") as security:
        org = system.post("/api/identity/organisations", json={"slug": slug, "kind": "transport", "title": TITLE}).raise_for_status().json()
        body = {"org": org["id"], "name": "window", "title": TITLE}
        made = system.post("/api/identity/accounts", json=body).raise_for_status().json()
        security.put(f"/api/identity/accounts/{made['account']['id']}/roles", json={"roles": ["officer"]}).raise_for_status()
    typed = {"org": slug, "user": "window", "password": made["password"], "new_password": password}
    with platform.client() as browser:
        browser.headers["x-csrf-token"] = browser.post("/api/session", json=typed).raise_for_status().json()["csrf"]
        yield browser


def counts(client: httpx.Client) -> dict[str, int]:
    found = client.get("/api/base/families").raise_for_status().json()["items"]
    assert [one["family"] for one in found] == list("abcdefg")
    assert all(one["title"]["zh"] != one["title"]["en"] for one in found)
    assert all(one["count"] == sum(line["count"] for line in one["records"]) for one in found)
    return {one["family"]: one["count"] for one in found}


@pytest.mark.clause("H7.2.1")
def test_seven_families_are_listed_and_a_region_reads_but_builds_no_second_base(platform: Running) -> None:
    slug = f"region-{secrets.token_hex(3)}"
    with region(platform, slug) as window, platform.client("portoffice") as host:
        before = counts(host)
        program = [sys.executable, "-m", "kouan_sim.cli", "province", "--url", platform.url, "--home", str(platform.home), "--region", slug]
        done = subprocess.run(program, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout + done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        assert told["refused"] == []
        seen = counts(window)
        assert all(seen[family] > before[family] for family in "abcdefg"), (before, seen)

        tenant = window.get(TENANT, params={"org": f"org:{slug}"}).json()["items"][0]
        province = tenant["data"]["base"].partition(":")[2]
        assert window.get(BASE, params={"province": province}).json()["items"]
        firms = window.get("/api/records/base/enterprise/enterprise", params={"name_zh": "模拟省企业（虚构）"}).json()["items"]
        assert firms
        assert "violations" in firms[0]["data"]
        own = {"province": f"Z{secrets.token_hex(4).upper()}", "name_zh": "另建库", "name_en": "Another base"}
        refused = window.post(BASE, json=own)
        assert (refused.status_code, refused.json()["rule"]) == (422, "BASE-ONE")
        assert province in refused.json()["reason"]["zh"]
        assert window.get(BASE, params={"province": own["province"]}).json()["items"] == []
        second = host.post(BASE, json={**own, "province": province})
        assert second.status_code in (409, 422)
        mine = {"base": f"database:{province}", "org": "org:customs", "region": "R1", "name_zh": "另", "name_en": "Other"}
        assert window.post(TENANT, json=mine).json()["rule"] == "BASE-TENANT"
        ended = host.post(f"{TENANT}/{tenant['id']}/actions/end", json={})
        assert ended.json()["state"] == "ended"


def test_a_trader_hosts_nothing(platform: Running) -> None:
    call(platform, "trader", "POST", BASE, 403, json={"province": "ZZ", "name_zh": "库", "name_en": "Base"})
