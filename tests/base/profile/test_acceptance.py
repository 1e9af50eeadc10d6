"""A port office makes the profile of a rail border port: who works there meets rail and common modules only."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import expect

from tests.conftest import Running
from tests.journeys.browser import signed_in

DOOR = "/api/records/base/profile/profile"
TITLE = {"zh": "望海铁路场站（测试）", "en": "Wanghai rail yard (test)"}
WATER = {"base.portcall", "operations.berth", "supervision.maritime", "supervision.logistics"}


def until(look: Callable[[], Any], seconds: float = 40) -> Any:
    """What a look finds at last."""
    limit = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.25)
    return found


@contextmanager
def rail_terminal(platform: Running, slug: str) -> Iterator[httpx.Client]:
    """A new organisation, made by the port's administrators, and its operator, signed in."""
    password = secrets.token_urlsafe(16)
    with platform.client("portoffice", "system-admin") as system, platform.client("portoffice", "security-admin") as security:
        org = system.post("/api/identity/organisations", json={"slug": slug, "kind": "terminal", "title": TITLE}).raise_for_status().json()
        made = system.post("/api/identity/accounts", json={"org": org["id"], "name": "op", "title": TITLE}).raise_for_status().json()
        security.put(f"/api/identity/accounts/{made['account']['id']}/roles", json={"roles": ["operator"]}).raise_for_status()
    typed = {"org": slug, "user": "op", "password": made["password"], "new_password": password}
    with platform.client() as browser:
        browser.headers["x-csrf-token"] = browser.post("/api/session", json=typed).raise_for_status().json()["csrf"]
        yield browser


def goal(number: str, target: str, due: str, **more: Any) -> dict[str, Any]:
    """A goal of throughput by rail today."""
    told = {"title_zh": f"目标{number}", "title_en": f"Goal {number}", "horizon": due[:4], "indicator": "boxes.cargo_tonnes", "way": "least"}
    return {**told, "target": target, "days": 1, "due": due, **more}


def profile(port: str, slug: str) -> dict[str, Any]:
    """A rail border port with its own plan."""
    return {
        "port": port, "name_zh": f"望海铁路口岸{port}", "name_en": f"Wanghai Rail Port {port}", "mode": "rail", "tier": "ordinary",
        "organisations": [f"org:{slug}"], "plan": [{"module": "facilities.yard", "on": False, "reason": "本口岸无堆场"}],
        "goals": [
            goal("1", "40000", "2030-12-31"), goal("2", "90000", "2035-12-31"), goal("3", "90000", "2025-12-31"),
            goal("4", "15", "2030-12-31", indicator="gate.wait", way="most"),
        ],
    }  # fmt: skip


def names(meta: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The modules that a meta shows."""
    return {module["name"]: module for board in meta["boards"] for module in board["modules"]}


@pytest.mark.browser
@pytest.mark.clause("H4.1")
def test_only_rail_and_common_modules_appear_and_goals_stand_against_their_days(platform: Running) -> None:
    run = secrets.token_hex(2)
    slug, port = f"rail-{run}", f"CNR{run.upper()}"
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    with platform.client("portoffice") as office, platform.client("transport") as transport, rail_terminal(platform, slug) as terminal:
        before = set(names(office.get("/api/meta").json()))
        assert before >= WATER
        assert before == set(names(terminal.get("/api/meta").json())), "the demo's sea port uses everything"
        told = {"indicator": "boxes.cargo_tonnes", "day": today, "source": "operator", "mode": "rail", "value": "41000"}
        assert transport.post("/api/records/operations/monitoring/figure", json=told).status_code == 201
        made = office.post(DOOR, json=profile(port, slug))
        assert made.status_code == 201, made.text
        until(lambda: not WATER & set(names(terminal.get("/api/meta").json())))
        shown = terminal.get("/api/meta").json()
        assert set(names(shown)) == before - WATER - {"facilities.yard"}
        assert all(set(one["modes"]) <= {"rail"} for one in names(shown).values())
        assert "base.manifest.rail_manifest" in names(shown)["base.manifest"]["records"]
        assert set(names(office.get("/api/meta").json())) == before, "who works at the site's own port sees no change"
        assert set(names(office.get("/api/meta", params={"port": port}).json())) == set(names(shown))
        refused = terminal.post("/api/records/operations/berth/plan", json=berth(platform))
        assert (refused.status_code, refused.json()["rule"]) == (422, "PROFILE-OFF")
        assert all(refused.json()["reason"][lang] for lang in ("zh", "en"))
        assert terminal.get("/api/records/operations/berth/plan").status_code == 200, "what is kept can be read"
        board = until(lambda: goals(office, port) if goals(office, port)["count"]["reached"] else None)
        assert [one["status"] for one in board["goals"]] == ["reached", "underway", "late", "unmeasured"]
        assert board["goals"][0]["value"] == 41000
    with signed_in(platform, "portoffice", "officer", locale="en-US") as page:
        page.locator("[data-test=entry]").select_option(port)
        menu = page.locator("nav")
        menu.get_by_role("button", name="Operations").click()
        expect(menu.get_by_role("link", name="Goals")).to_be_visible()
        expect(menu.get_by_role("link", name="Berth plan")).to_have_count(0)
        menu.get_by_role("link", name="Goals").click()
        rows = page.locator(f"[data-test=port-{port}] tbody tr")
        expect(rows).to_have_count(4)
        for row, said in zip(rows.all(), ("Reached", "On the way", "Late", "Not yet measured"), strict=True):
            expect(row).to_contain_text(said)
        page.locator("[data-test=entry]").select_option("")
        expect(menu.get_by_role("link", name="Berth plan")).to_be_visible()


def goals(client: httpx.Client, port: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/goals", params={"code": port}).raise_for_status().json()["items"][0]
    return found


def berth(platform: Running) -> dict[str, Any]:
    """A berth plan as its door shows it."""
    with platform.client("terminal") as client:
        schema = client.get("/openapi.json").json()["paths"]["/api/records/operations/berth/plan"]["post"]
    found: dict[str, Any] = schema["requestBody"]["content"]["application/json"]["example"]
    return found


@pytest.mark.parametrize(
    ("changed", "field", "rule"),
    [
        ({"plan": [{"module": "no.such", "on": False, "reason": "x"}]}, "plan.0.module", "PROFILE-PLAN"),
        ({"plan": [{"module": "base.trace", "on": False, "reason": "x"}]}, "plan.0.on", "PROFILE-PLAN"),
        ({"plan": [{"module": "facilities.yard", "on": on, "reason": "x"} for on in (True, False)]}, "plan.0.module", "PROFILE-PLAN"),
        ({"goals": [goal("1", "1", "2030-01-01", indicator="no.such")]}, "goals.0.indicator", "PROFILE-GOAL"),
        ({"goals": [goal("1", "1", "2031-01-01", horizon="2030")]}, "goals.0.due", "PROFILE-GOAL"),
        ({"mode": "pipe"}, "mode", None), ({"port": "rail port"}, "port", None),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_kept_is_refused_with_its_reason(
    platform: Running, changed: dict[str, Any], field: str, rule: str | None
) -> None:
    with platform.client("portoffice") as office, platform.client("customs") as customs:
        answer = office.post(DOOR, json={**profile("CNRZZZ", "nobody"), **changed})
        assert answer.status_code == 422, answer.text
        assert answer.json()["field"] == field
        assert rule in (None, answer.json()["rule"])
        assert answer.json()["reason"]["zh"]
        assert customs.post(DOOR, json=profile("CNRZZZ", "nobody")).status_code == 403
        for path in ("/api/meta?port=CNNONE", "/api/goals?code=CNNONE"):
            assert office.get(path).status_code == 404
    with platform.client("portoffice", "system-admin") as admin:
        assert admin.get("/api/meta").json()["port"]["entries"] == [], "administrators see no business data"
        assert admin.get("/api/goals").status_code == 403
