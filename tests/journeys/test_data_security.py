"""Data security in a real browser: a figure opens its lines, a line its fields; a person is erased, and the proof shows it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Running
from tests.journeys.browser import launched, signed_in
from tests.journeys.judging import AXE, Judge

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists(), reason="the web client's packages are not installed"),
]  # fmt: skip
DOOR = "/api/records/base/portcall/person_aboard"
SOON = 30_000
NUMBER = re.compile(r"^[1-9][\d,]*$")


def aboard(platform: Running) -> tuple[str, str, str]:
    """A seafarer on a new port call, read by border inspection: document number, the record's number, the call's voyage."""
    number, voyage = f"E{time.time_ns() % 10**8:08d}", f"DS{time.time_ns() % 10**9}"
    with platform.client("agent") as agent, platform.client("border") as border:
        call = {"vessel": "9074729", "ship_name": "SIM SECURE", "flag": "CN", "voyage": voyage, "port": "CNWHH",
                "eta": (datetime.now(UTC) + timedelta(hours=6)).isoformat(), "crew_count": 1}  # fmt: skip
        ref = agent.post("/api/records/base/portcall/port_call", json=call).json()["item"]["ref"]
        told = {"call": ref, "person": f"P/CN/{number}", "role": "crew", "nationality": "CN", "rank": "Bosun", "family_name": "SIMSECURE",
                "given_names": "Test", "birth_date": "1990-01-01", "document_number": number}  # fmt: skip
        item = agent.post(DOOR, json=told).json()["item"]["id"]
        assert border.get(f"{DOOR}/{item}").json()["data"]["family_name"] == "SIMSECURE"
    return number, item, voyage


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the file."""
    with launched() as browser:
        yield browser


def judged(page: Page, judge: Judge, platform: Running, path: str) -> list[str]:
    """A page that has settled, judged by axe."""
    page.goto(f"{platform.url}{path}")
    page.wait_for_selector("main h1")
    page.wait_for_load_state("networkidle")
    return [f"{path}: {fault}" for fault in judge(page)]


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_figure_opens_its_lines_and_a_line_its_fields(platform: Running, browser: Browser, locale: str) -> None:
    number, item, _ = aboard(platform)
    chinese, judge = locale == "zh-CN", Judge()
    with signed_in(platform, "portoffice", "officer", locale=locale, browser=browser) as page:
        faults = judged(page, judge, platform, "/assurance/datause")
        rows = page.locator("[data-test=figures] a").first
        expect(rows).to_have_text(NUMBER, timeout=SOON)
        expect(page.locator("[data-test=levels]")).to_contain_text("船上人员" if chinese else "Person aboard")
        expect(page.locator("[data-test=checks]")).to_contain_text("行级权限" if chinese else "row-level security")
        # The restricted reads of the type, out of the table of levels.
        line = page.locator("[data-test=levels] tbody tr", has_text="船上人员" if chinese else "Person aboard").first
        line.locator("td:last-child a").click()
        expect(page.locator("[data-test=entry]").first).to_contain_text("船上人员（读取）" if chinese else "Person aboard (read)")
        # One record: who read it, by which way, which fields at which level.
        faults += judged(page, judge, platform, f"/assurance/datause/uses?record=base.portcall.person_aboard&id={item}&org=border")
        use = page.locator("[data-test=use]").first
        expect(use).to_contain_text("记录页面" if chinese else "Record page")
        use.get_by_role("button").click()
        within = page.locator("tr.within")
        expect(within).to_contain_text("姓 · 3 级" if chinese else "Family name · Level 3")
        expect(within).to_contain_text("证件号码 · 4 级 · 已脱敏" if chinese else "Document number · Level 4 · masked")
        page.evaluate("scrollTo(0, 0)")
        assert judge(page) + faults == []
        assert number not in page.url


def test_a_reference_finds_its_uses_and_stands_in_no_address(platform: Running, browser: Browser) -> None:
    _, item, voyage = aboard(platform)
    with platform.client("border") as border:
        border.get("/api/records/base/portcall/port_call", params={"limit": 5})
    with signed_in(platform, "portoffice", "security-admin", browser=browser) as page:
        page.goto(f"{platform.url}/assurance/datause/uses")
        page.locator("[data-test=reference]").fill(f"portcall:CNWHH/VESSEL:IMO:9074729/{voyage}")
        deadline = time.monotonic() + SOON / 1000
        while True:  # what was shown is entered within about a second
            page.locator("[data-test=search]").click()
            expect(page.locator("[data-test=meant]")).to_contain_text("2 条记录")
            if page.locator("[data-test=use]", has_text="边检").count() or time.monotonic() > deadline:
                break
            time.sleep(1)
        expect(page.locator("[data-test=use]", has_text="边检").first).to_be_visible()
        assert voyage not in page.url
        # Whoever may not read the record is told its number, not its name.
        page.locator("[data-test=use]", has_text="船上人员").first.get_by_role("button").click()
        expect(page.locator("tr.within")).to_contain_text(item)
        with page.expect_download() as got:
            page.locator("details.menu summary").click()
            page.get_by_role("button", name="CSV").click()
        text = Path(got.value.path()).read_text("utf-8-sig")
        assert text.startswith("at,organisation,account,kind,record,record_id,door")
        assert item in text


def test_a_person_is_erased_and_nothing_opens_any_more(platform: Running, browser: Browser, tmp_path: Path) -> None:
    number, item, _ = aboard(platform)
    judge = Judge()
    with signed_in(platform, "portoffice", "security-admin", browser=browser) as page:
        faults = judged(page, judge, platform, "/base/erasure")
        page.locator("[data-test=issuer]").fill("CN")
        page.locator("[data-test=number]").fill(number)
        page.locator("[data-test=examine]").click()
        expect(page.locator("[data-test=opened]")).to_have_text("4 个加密字段值中，现在能打开 4 个。")
        erase = page.locator("[data-test=erase]")
        page.locator("[data-test=phrase]").fill("删除")
        expect(erase).to_be_disabled()
        page.locator("[data-test=phrase]").fill("永久删除")
        page.evaluate("scrollTo(0, 0)")
        faults += judge(page)
        erase.click()
        expect(page.locator("[data-test=done]")).to_contain_text("涉及 1 条记录")
        expect(page.locator("[data-test=opened]")).to_have_text("4 个加密字段值中，现在能打开 0 个。")
        newest = page.locator("[data-test=past]").first
        expect(newest).to_contain_text("已入账", timeout=SOON)
        with page.expect_download() as got:
            newest.get_by_role("link").click()
        saved = tmp_path / "erasure.json"
        got.value.save_as(saved)
        assert json.loads(saved.read_text())["entry"]
        assert platform.cli("verify", str(saved)).returncode == 0
        page.evaluate("scrollTo(0, 0)")  # a link half under the bar at the top is none of its faults
        assert faults + judge(page) == []
        assert number not in page.url
    with platform.client("border") as border:
        assert "SIMSECURE" not in border.get(f"{DOOR}/{item}").text


def test_others_see_only_who_read_what_they_filed(platform: Running, browser: Browser) -> None:
    _, item, _ = aboard(platform)
    with signed_in(platform, "agent", "clerk", browser=browser) as page:
        page.goto(f"{platform.url}/records/base/portcall/person_aboard/{item}")
        page.locator("[data-test=who-read]").click()
        main = page.locator("main")
        expect(main).to_contain_text("边检", timeout=SOON)
        expect(main.locator("[data-test=reference]")).to_have_count(0)
        page.goto(f"{platform.url}/assurance/datause")
        expect(main.get_by_role("alert")).to_contain_text("仅安全管理员")
        page.goto(f"{platform.url}/base/erasure")
        expect(main).to_contain_text("您的岗位不办理删除")
