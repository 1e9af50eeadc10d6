"""A data steward in a real browser: an extraction set up and run, its faulty rows settled, data applied for, approved, read, revoked."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Running
from tests.journeys.browser import launched, signed_in
from tests.journeys.judging import AXE, Judge
from tests.journeys.papers import until

pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(not AXE.exists(), reason="the web client's packages are not installed"),
]  # fmt: skip
SHOWN = 60_000
ROWS = [("MSKU9070323", "21", "2026-05-06 08:30:00"), ("MSKU9070324", "21", "2026-05-06 09:30:00"), ("CSQU3054383", "", "昨天"),
        ("CSQU3054383", "", "前天")]  # fmt: skip
SECRET = "geheim-" + secrets.token_hex(4)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def judge() -> Judge:
    """What judges the pages."""
    return Judge()


@pytest.fixture
def terminal_system(platform: Running, tmp_path: Path) -> Path:
    """The terminal's own database, which the system administrator lets extraction reach; one row's check digit is wrong, two lack
    their code and have no time that can be read."""
    place = tmp_path / "tos.db"
    with sqlite3.connect(place) as database:
        database.execute("create table moves (n integer primary key, 箱号 text, 状态 text, 时间 text)")
        database.executemany("insert into moves (箱号, 状态, 时间) values (?, ?, ?)", ROWS)
    with platform.client("portoffice", "system-admin") as admin:
        assert admin.put("/api/ingest/allowed", json={"place": str(tmp_path), "reason": "TOS"}).status_code == 204
    return place


def test_a_steward_sets_up_an_extraction_and_settles_its_rows(
    platform: Running, browser: Browser, judge: Judge, terminal_system: Path
) -> None:
    code = f"tos-{secrets.token_hex(4)}"
    with signed_in(platform, "terminal", "operator", browser=browser) as page:
        set_up(page, platform, terminal_system, code, judge)
        faults = settled(page, judge)
        run = page.url.rpartition("/")[2].partition("?")[0]
        assert faults == []
        listed(page, platform, code, judge)
    with platform.client("terminal") as terminal:
        rows = terminal.get(f"/api/ingest/runs/{run}/refused").json()["items"]
        assert {one["row"]: one["state"] for one in rows} == {2: "repaired", 3: "returned", 4: "dropped"}
        assert (rows[0]["data"]["equipment"], rows[0]["mended"]) == ("MSKU9070324", {"equipment": "MSKU9070323"})
        assert all(one["by"] for one in rows)
    with signed_in(platform, "carrier", "clerk", locale="en-US", browser=browser) as page:
        page.goto(f"{platform.url}/base/ingest/aside")
        mine = page.locator(f"[data-test=sent] [data-run='{run}']")
        expect(mine.locator("[data-fate=returned]")).to_have_text("1", timeout=SHOWN)
        mine.get_by_role("link").click()
        row = page.locator("[data-test=aside] [data-row='3']").first
        expect(row).to_contain_text("Status code", timeout=SHOWN)
        expect(row).to_contain_text("Required")
        expect(row).to_contain_text("时间无法读出")
        expect(page.locator("[data-test=open]")).to_have_count(0)
        assert judge(page) == []


def set_up(page: Page, platform: Running, place: Path, code: str, judge: Judge) -> None:
    """Choose the kind, look at its first rows, try the mapping that is suggested, schedule, save and run."""
    page.goto(f"{platform.url}/base/ingest")
    page.locator("[data-test=new]").click()
    kind = page.locator("[data-test=kind]")
    expect(kind).to_be_visible(timeout=SHOWN)
    assert kind.locator("option").count() == 10
    for one in ("postgresql", "mysql", "folder", "sftp", "http", "mqtt", "nats", "signals"):
        kind.select_option(one)
        expect(page.locator("#source-address")).to_be_visible()
    kind.select_option("sqlite")
    page.locator("#source-address").fill(str(place.parent.parent / "elsewhere" / "tos.db"))
    page.locator("#source-query").fill("moves")
    page.locator("#source-key_column").fill("n")
    page.locator("[data-test=look]").click()
    expect(page.locator("[data-test=looked]")).to_contain_text("系统管理员未允许", timeout=SHOWN)
    page.locator("#source-address").fill(str(place))
    page.locator("[data-test=look]").click()
    expect(page.locator("[data-test=sample]")).to_contain_text("MSKU9070323", timeout=SHOWN)
    expect(page.locator("[data-into=equipment] select").first).to_have_value("箱号")
    expect(page.locator("[data-into=at] .step")).to_contain_text("日期")
    page.locator("[data-test=try]").click()
    expect(page.locator("[data-test=trial] [data-count=refused] dd")).to_have_text("3", timeout=SHOWN)
    page.locator("#ingest-sender").fill("carrier")
    page.locator("[data-test=every]").check()
    page.locator("#ingest-name").fill("码头动态")
    page.locator("#ingest-code").fill(code)
    assert judge(page) == []
    page.locator("[data-test=run]").click()
    expect(page.locator("[data-count=taken] dd")).to_have_text(str(len(ROWS)), timeout=SHOWN)
    expect(page.locator("h1")).to_contain_text(re.compile(r"码头动态 · \d{4}-\d\d-\d\d \d\d:\d\d"))
    expect(page.locator("[data-test=why]")).to_contain_text("集装箱：校验位 ×1")


def settled(page: Page, judge: Judge) -> list[str]:
    """Repair one row, which is checked again, return one with a reason, drop one; what axe says meanwhile."""
    aside = page.locator("[data-test=aside]")
    expect(aside.locator("[data-fate=held]")).to_contain_text("3", timeout=SHOWN)
    row = aside.locator("[data-row='2']")
    expect(row).to_contain_text("MSKU9070324")
    row.locator("[data-test=open]").click()
    pane = page.locator("[data-test=pane]")
    expect(pane).to_contain_text("2026-05-06 09:30:00", timeout=SHOWN)
    expect(pane).to_contain_text("2026-05-06T01:30:00Z")
    pane.locator("[data-mend=equipment]").fill("MSKU9070325")
    pane.locator("[data-test=repair]").click()
    expect(pane.get_by_role("alert")).to_be_visible(timeout=SHOWN)
    faults = judge(page)
    pane.locator("[data-mend=equipment]").fill("MSKU9070323")
    pane.locator("[data-test=repair]").click()
    expect(aside.locator("[data-fate=repaired]")).to_contain_text("1", timeout=SHOWN)
    aside.locator("[data-row='3'] [data-test=open]").click()
    for what in ("release", "return"):
        pane.locator(f"[data-test={what}]").click()
        expect(pane.get_by_role("alert")).to_contain_text("须说明理由")
    pane.locator("#aside-note").fill("时间无法读出")
    pane.locator("[data-test=return]").click()
    expect(aside.locator("[data-fate=returned]")).to_contain_text("1", timeout=SHOWN)
    aside.locator("[data-row='4'] [data-test=open]").click()
    pane.locator("[data-test=drop]").click()
    expect(aside.locator("[data-fate=held]")).to_contain_text("0", timeout=SHOWN)
    return faults


def listed(page: Page, platform: Running, code: str, judge: Judge) -> None:
    """The extraction among the others: its counts, its schedule paused and resumed."""
    page.goto(f"{platform.url}/base/ingest")
    row = page.locator(f"[data-source='{code}']")
    expect(row).to_contain_text("每 1 天", timeout=SHOWN)
    row.locator("[data-test=pause]").click()
    expect(row).to_contain_text("已暂停", timeout=SHOWN)
    row.locator("[data-test=pause]").click()
    expect(row).not_to_contain_text("已暂停", timeout=SHOWN)
    assert judge(page) == []


def test_a_password_is_kept_and_never_shown_again(platform: Running, browser: Browser) -> None:
    code = f"pg-{secrets.token_hex(4)}"
    with signed_in(platform, "terminal", "operator", browser=browser) as page:
        told: list[str] = []
        page.on("response", lambda answer: "json" in answer.headers.get("content-type", "") and told.append(answer.text()))
        page.goto(f"{platform.url}/base/ingest/new")
        page.locator("[data-test=kind]").select_option("postgresql")
        page.locator("#source-address").fill("postgresql://tos.example:5432/tos")
        page.locator("#source-query").fill("moves")
        page.locator("#source-user").fill("reader")
        page.locator("#source-password").fill(SECRET)
        page.locator("#ingest-name").fill("TOS")
        page.locator("#ingest-code").fill(code)
        page.locator("[data-test=save]").click()
        page.locator(f"[data-source='{code}'] a").first.click()
        expect(page.locator("main form")).to_contain_text("已保存，不再显示", timeout=SHOWN)
        expect(page.locator("#source-address")).to_have_value("postgresql://tos.example:5432/tos")
        expect(page.locator("#source-password")).to_have_value("")
        assert told
        assert not [one for one in told if SECRET in one]


def test_an_application_is_narrowed_approved_read_and_revoked(platform: Running, browser: Browser, judge: Judge) -> None:
    with platform.client("terminal") as terminal:
        told = {"equipment": "container:MSKU9070323", "code": "21", "at": "2026-05-06T00:30:00Z", "text": secrets.token_hex(4)}
        made = terminal.post("/api/records/base/movement/status", json=told)
        assert made.status_code in (201, 409), made.text
    first = applied(platform, browser, judge)
    second = applied(platform, browser, None)
    with signed_in(platform, "terminal", "operator", browser=browser) as page:
        page.goto(f"{platform.url}{first}")
        expect(page.locator("[data-test=scope]")).to_contain_text("统计分析", timeout=SHOWN)
        page.locator("[data-action=approve]").click()
        page.locator("[data-field=text]").uncheck()
        page.locator("[data-days='90']").click()
        page.wait_for_timeout(400)
        assert judge(page) == []
        page.locator("[data-test=confirm]").click()
        expect(page.locator("[data-track=grant]")).to_contain_text("已授权", timeout=SHOWN)
        expect(page.locator("[data-test=scope]")).not_to_contain_text("状态说明")
        page.goto(f"{platform.url}{second}")
        decide(page, "refuse", "用途不明")
        expect(page.locator("[data-track=grant]")).to_contain_text("未批准", timeout=SHOWN)
        expect(page.locator("[data-test=scope]")).to_contain_text("用途不明")
    with signed_in(platform, "trucker", "clerk", browser=browser) as page:
        page.goto(f"{platform.url}{first}")
        page.locator("[data-test=read-shared]").click()
        expect(page.locator("main")).to_contain_text("MSKU9070323", timeout=SHOWN)
        expect(page.locator("[data-action=revoke]")).to_have_count(0)
    with signed_in(platform, "terminal", "operator", browser=browser) as page:
        page.goto(f"{platform.url}{first}")
        expect(page.locator("[data-test=uses] tbody tr")).not_to_have_count(0, timeout=SHOWN)
        decide(page, "revoke", "用途已完成")
        expect(page.locator("[data-track=grant]")).to_contain_text("已撤销", timeout=SHOWN)
        assert judge(page) == []
    with platform.client("trucker") as trucker:
        number = first.rpartition("/")[2]

        def over() -> Any:
            return number not in {one["id"] for one in trucker.get("/api/shared").json()["items"]}

        until(over, "the end of the grant")


def decide(page: Page, action: str, reason: str) -> None:
    """Decide with a reason, which is asked for."""
    page.locator(f"[data-action={action}]").click()
    page.locator("#decide-reason").fill(reason)
    page.locator("[data-test=confirm]").click()


def applied(platform: Running, browser: Browser, judge: Judge | None) -> str:
    """A haulier applies for three fields of one code's rows, for statistics; the address of the application."""
    with signed_in(platform, "trucker", "clerk", browser=browser) as page:
        page.goto(f"{platform.url}/base/catalogue/record%3Abase.movement.status")
        page.locator("#apply-purpose").fill("统计分析")
        owner = page.locator("#apply-owner")
        if owner.evaluate("e => e.tagName") == "SELECT":
            owner.select_option("terminal")
        else:
            owner.fill("terminal")
        page.locator("[data-test=some]").check()
        for box in page.locator("[data-field]").all():
            box.set_checked(box.get_attribute("data-field") in ("equipment", "code", "text"))
        page.locator("[data-test=add-condition]").click()
        page.locator("[data-test=by]").select_option("equipment")
        page.locator("[data-test=value]").fill("MSKU9070323")
        page.evaluate("scrollTo(0, 0)")  # the bar on top would cover a part of what is judged
        assert judge is None or judge(page) == []
        page.locator("[data-test=apply]").click()
        link = page.locator("[data-test=applied] a")
        expect(link).to_be_visible(timeout=SHOWN)
        return str(link.get_attribute("href"))
