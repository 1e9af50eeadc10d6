"""The pages of early warning in a real browser: a live rule revised, tried and approved by another; numbers; a warning's map."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import ROOT, Running
from tests.journeys.browser import signed_in
from tests.journeys.test_map import SHOWN
from tests.operations.alerts.conftest import RULE, SETTING, Staff

pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(not (ROOT / "src/kouan/app/http/static/index.html").exists(), reason="the web client is not built"),
]  # fmt: skip
LOITERING = "operations.traffic.loitering"
HEADS = (120, 320, 120, 330, 120, 340, 120, 350, 120)


@pytest.fixture
def staff(platform: Running) -> Iterator[Staff]:
    """The port's people."""
    people = Staff(platform, patience=60)
    yield people
    people.close()


def peaks(staff: Staff, hall: str) -> None:
    """Four peaks in a waiting hall within the last minute, in history."""
    setting = {"device": hall, "metric": "head_count"}
    staff.ask("terminal", "POST", "/api/records/facilities/telemetry/setting", 201, json=setting)
    begin = datetime.now(UTC) - timedelta(seconds=5 * len(HEADS))
    told = [{**setting, "at": (begin + timedelta(seconds=5 * n)).isoformat(), "value": value} for n, value in enumerate(HEADS)]

    def posted() -> bool:
        return bool(staff.ask("terminal", "POST", "/api/intake/readings", json=told)["accepted"] == len(HEADS))

    def kept() -> bool:
        return bool(staff.ask("terminal", "GET", "/api/history", params={"device": hall})["rows"] == len(HEADS))

    staff.seen(posted)
    staff.seen(kept)


def test_staff_revise_a_live_rule_try_it_and_a_second_person_approves(platform: Running, staff: Staff) -> None:
    hall, mmsi, lat = f"hall-{staff.run}", 415_000_000 + secrets.randbelow(900_000), 35.0 + secrets.randbelow(8000) / 10_000
    peaks(staff, hall)
    told = {"signal": "reading", "metric": "head_count", "devices": [hall], "condition": {"field": "value", "op": ">", "value": 300}}
    rule = staff.rule("revised", **told, clears_after_s=0)
    assert (rule["data"]["trial"]["alarms"], rule["data"]["trial"]["rows"]) == (4, len(HEADS))
    assert [one["value"] for one in rule["data"]["trial"]["hits"]] == [320, 330, 340, 350]
    warned = entered(staff, mmsi, lat)
    proposal = proposed(staff)
    with signed_in(platform, "customs", "officer") as page:
        new = revised(page, platform, staff, rule)
        page.goto(f"{platform.url}/operations/alerts/{warned['id']}", wait_until="domcontentloaded")
        # Place, the line of the way, its fixes and the spot.
        expect(page.locator(".place-map")).to_have_attribute("data-shapes", re.compile(r"^([5-9]|\d\d)$"), timeout=SHOWN)
        expect(page.locator(".place-map canvas.maplibregl-canvas")).to_be_visible()
        approved(page, platform, staff, proposal)
    for one in (new, warned["rule"]):
        staff.retire(one)


def revised(page: Page, platform: Running, staff: Staff, rule: dict[str, Any]) -> dict[str, Any]:
    """The rule revised on its page; what the trial says, who may not approve it, and what runs meanwhile."""
    page.goto(f"{platform.url}/operations/alerts/rules/{rule['id']}", wait_until="domcontentloaded")
    would = page.locator("[data-test=would]")
    expect(would).to_contain_text("将产生 4 次预警", timeout=SHOWN)
    page.locator("[data-test=revise]").click()
    expect(page.locator("[data-test=value]")).to_have_value("300")
    page.locator("[data-test=value]").fill("335")
    page.locator("[data-test=save]").click()
    expect(page.locator("[data-revision='2']")).to_contain_text("草稿", timeout=SHOWN)
    expect(page.locator("[data-revision='1']")).to_contain_text("运行中")
    page.locator("[data-test=try]").click()
    expect(would).to_contain_text("将产生 2 次预警", timeout=SHOWN)
    expect(page.locator("[data-test=trial] tbody tr")).to_have_count(2)
    page.locator("[data-test=approve]").click()
    expect(page.get_by_role("alert")).to_contain_text("须由另一人批准", timeout=SHOWN)
    items = staff.ask("customs", "GET", RULE, params={"code": rule["data"]["code"]})["items"]
    found = {one["data"]["revision"]: one for one in items}
    assert (found[1]["state"], found[2]["state"], found[2]["data"]["replaces"]) == ("live", "tried", rule["ref"])
    staff.ask("customs/officer-2", "POST", f"{RULE}/{found[2]['id']}/actions/approve", json={})
    page.reload(wait_until="domcontentloaded")
    page.locator("[data-test=start]").click()
    expect(page.locator("[data-revision='2']")).to_contain_text("运行中", timeout=SHOWN)
    staff.seen(lambda: staff.ask("customs", "GET", f"{RULE}/{rule['id']}")["state"] == "retired")
    return found[2]


def entered(staff: Staff, mmsi: int, lat: float) -> dict[str, Any]:
    """A warning about a ship that sailed into a zone, with the way that she came; its rule under `rule`."""
    ring = [[122.2, lat - 0.01], [122.3, lat - 0.01], [122.3, lat + 0.01], [122.2, lat + 0.01], [122.2, lat - 0.01]]
    inside = {"enters": {"type": "Polygon", "coordinates": [ring]}}
    rule = staff.rule("enters", signal="position", kinds=["ship"], condition=inside, place="place:CNWHH/BERTH/B1")
    staff.sail(mmsi, (122.18, lat), (122.19, lat), (122.21, lat))
    (item, *_) = staff.seen(lambda: staff.warnings(f"rule:{rule['data']['code']}"))
    assert [fix[1] for fix in item["data"]["evidence"]["track"]] == [122.18, 122.19, 122.21]
    return {**item, "rule": rule}


def proposed(staff: Staff) -> dict[str, Any]:
    """Other numbers for an alert of the platform, proposed and tried by the port office; those in force go on."""
    before = minutes(staff)
    told = {"alert": LOITERING, "values": {"minutes": before + 1}, "reason": "试调"}
    item: dict[str, Any] = staff.ask("portoffice", "POST", SETTING, 201, json=told)
    door = f"{SETTING}/{item['id']}"
    assert staff.ask("maritime", "POST", f"{door}/approve", 409)["code"] == "untried"
    tried = staff.ask("portoffice", "POST", f"{door}/trial", json=staff.span(minutes=2))
    assert tried["data"]["trial"]["alarms"] == 0
    assert staff.ask("portoffice", "POST", f"{door}/approve", 403)["rule"] == "approve.second_person"
    assert minutes(staff) == before
    return item


def approved(page: Page, platform: Running, staff: Staff, item: dict[str, Any]) -> None:
    """A second person approves the numbers on the alert's page; then they are in force, until they are set back."""
    wanted = item["data"]["values"]["minutes"]
    page.goto(f"{platform.url}/operations/alerts/kinds/{LOITERING}", wait_until="domcontentloaded")
    box = page.locator(f"[data-proposal='{item['id']}']")
    expect(box.locator("[data-test=would]")).to_contain_text("将产生 0 次预警", timeout=SHOWN)
    expect(page.get_by_role("heading", name="准确率")).to_be_visible()
    box.locator("[data-test=approve]").click()
    expect(page.locator("[data-number=minutes]")).to_contain_text(f"{wanted:g} 分钟", timeout=SHOWN)
    assert minutes(staff) == wanted
    back = staff.ask("portoffice", "POST", SETTING, 201, json={"alert": LOITERING, "values": {}, "reason": "恢复"})
    staff.ask("portoffice", "POST", f"{SETTING}/{back['id']}/trial", json=staff.span(minutes=1))
    staff.ask("maritime", "POST", f"{SETTING}/{back['id']}/approve")
    door = f"/api/records/operations/alerts/setting/{item['id']}"
    staff.seen(lambda: staff.ask("customs", "GET", door)["state"] == "retired")


def minutes(staff: Staff) -> float:
    """How long a ship may linger, as it is in force."""
    kinds = staff.ask("customs", "GET", "/api/warnings/kinds")["kinds"]
    (kind,) = (one for one in kinds if one["code"] == LOITERING)
    assert kind["triable"]
    return float(next(one["value"] for one in kind["parameters"] if one["name"] == "minutes"))
