"""Acceptance in a real browser: the portal of eight boards, one submission followed live."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import Running
from tests.journeys.browser import signed_in
from tests.journeys.papers import intake, papers, until

pytestmark = pytest.mark.browser
BOARDS = ("设施设备", "数字底座", "运行管理", "协同监管", "综合服务", "区域合作", "标准体系", "保障体系")
ENGLISH = ("Facilities", "Digital base", "Operations", "Coordinated supervision", "Integrated services",
           "Regional cooperation", "Standards system", "Assurance system")  # fmt: skip


@pytest.mark.clause("H5.1")
def test_eight_boards_listed_reachable_and_green(platform: Running) -> None:
    with signed_in(platform, "portoffice", "officer") as page:
        menu = page.locator("nav.side")
        for board in BOARDS:
            expect(menu.get_by_role("link", name=board, exact=True)).to_be_visible()
        for board in BOARDS:
            menu.get_by_role("link", name=board, exact=True).click()
            expect(page.locator("main h1")).to_have_text(re.compile(board))
        page.goto(f"{platform.url}/health")
        expect(page.locator("main h1")).to_be_visible()
        main = page.locator("main")
        for board in BOARDS:
            expect(main).to_contain_text(board)
        assert main.inner_text().count("正常") >= 9
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", re.compile("en"))
        shown = page.locator("body").inner_text()
        for board in ENGLISH:
            assert board in shown


@pytest.mark.clause("H9.1.6c1")
def test_one_submission_followed_live(platform: Running, tmp_path: Path) -> None:
    index = papers(tmp_path)
    with platform.client("carrier") as carrier:
        assert intake(carrier, "edifact", (tmp_path / "manifest.edi").read_bytes()).status_code == 201
    paper = index["risky"]
    with signed_in(platform, "trader", "clerk") as page, platform.client("customs") as customs:
        page.goto(f"{platform.url}/base/intake")
        page.locator("#i-format").select_option("wco-dec")
        page.locator("[data-test=file]").set_input_files(tmp_path / paper["file"])
        page.locator("[data-test=send]").click()
        expect(page.locator("main")).to_contain_text(paper["reference"])

        page.goto(f"{platform.url}/base/trace")
        page.locator("[data-test=trace-key]").fill(paper["reference"])
        page.keyboard.press("Enter")
        main = page.locator("main")
        expect(main).to_contain_text("布控", timeout=20_000)
        orders = "/api/records/supervision/inspection/order"

        def order() -> dict[str, Any] | None:
            found = [o for o in customs.get(orders).json()["items"] if paper["reference"] in o["data"]["declaration"]]
            return found[0] if found else None

        planned = until(order, "the joint inspection order")
        findings = [{"agency": a, "outcome": "release", "note": "查验 visit"} for a in planned["data"]["agencies"]]
        assert customs.post(f"/api/inspections/{planned['id']}/findings", json={"findings": findings}).status_code == 200
        # Without a reload: the page follows the facts.
        expect(main).to_contain_text("已放行", timeout=20_000)
