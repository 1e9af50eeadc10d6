"""The single window in a real browser: four groups of functions, one user, one set of data."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from kouan.services.hub.functions import RECORDS, functions
from tests.conftest import Running
from tests.journeys.browser import signed_in
from tests.shipment import Shipment

GROUPS = {"clearance": "通关", "logistics": "物流", "trade": "贸易", "data": "数据"}


def found(hub: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The functions of a hub by record type."""
    return {one["record"]: one for group in hub["groups"] for one in group["functions"] if one["record"]}


@pytest.mark.browser
@pytest.mark.clause("G0.3")
def test_four_groups_share_one_user_and_one_set_of_data(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    vehicle = shipment.plate()
    with signed_in(platform, "trader", "clerk") as page:
        page.goto(f"{platform.url}/services/hub")
        for name, title in GROUPS.items():
            expect(page.locator(f"[data-test=hub-{name}] h2")).to_have_text(title)
        page.locator("[data-test=hub-key]").fill(shipment.box.lower())
        page.keyboard.press("Enter")
        expect(page.locator("[data-test=hub-subject]")).to_contain_text(shipment.box)
        declared = page.locator("[data-test=hub-clearance]").get_by_role("link", name=re.compile(shipment.reference))
        expect(declared).to_be_visible()
        declared.click()
        expect(page.locator("main h1")).to_contain_text(shipment.reference)
        # What another group's function keeps of the same shipment is there at once, for the same user, without a second sign-in.
        shipment.book(vehicle, [shipment.box], "in")
        page.goto(f"{platform.url}/services/hub")
        expect(page.locator("[data-test=hub-subject]")).to_contain_text(shipment.box)
        expect(page.locator("[data-test=hub-clearance]")).to_contain_text(shipment.reference)
        for name in ("logistics", "trade", "data"):
            group = page.locator(f"[data-test=hub-{name}]")
            group.get_by_role("link").first.click()
            expect(page).not_to_have_url(re.compile("/services/hub"))
            expect(page.locator("main h1")).to_be_visible()
            assert "/signin" not in page.url
            page.go_back()
            expect(page.locator("[data-test=hub-subject]")).to_contain_text(shipment.box)
        page.get_by_role("button", name="English").click()
        expect(page.locator("[data-test=hub-trade] h2")).to_have_text("Trade")


def test_the_hub_counts_what_its_caller_may_see(platform: Running) -> None:
    shipment = Shipment(platform)
    shipment.file()
    for org, sees in (("trader", True), ("customs", True), ("trucker", False)):
        with platform.client(org) as client:
            hub = client.post("/api/hub", json={"ref": shipment.box}).json()
            declared = found(hub)["base.declaration.declaration"]
            assert (declared["count"] >= 1) == sees
            assert any(shipment.reference in one["title"]["en"] for one in declared["records"]) == sees
            everything = found(client.post("/api/hub", json={}).json())
            assert (everything["base.declaration.declaration"]["count"] >= 1) == sees
    with platform.client("trader") as client:
        assert found(client.post("/api/hub", json={}).json())["base.declaration.declaration"]["files"]
    with platform.client("agent", "viewer") as client:
        assert not found(client.post("/api/hub", json={}).json())["base.portcall.port_call"]["files"]
    with platform.client() as stranger:
        assert stranger.post("/api/hub", json={}).status_code == 401


def test_every_function_leads_to_something(platform: Running) -> None:
    with platform.client("customs") as client:
        meta = client.get("/api/meta").json()
    pages = {page["path"] for board in meta["boards"] for module in board["modules"] for page in module["pages"]}
    for one in functions():
        assert one.record in meta["records"] or one.page in pages, one
    assert len({name for names in RECORDS.values() for name in names}) == sum(map(len, RECORDS.values()))
