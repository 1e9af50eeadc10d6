"""Every page in a real browser, in both themes: clean by axe, usable by keyboard, asking no other host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Running
from tests.journeys.browser import launched, signed_in
from tests.journeys.judging import AXE, Judge
from tests.journeys.papers import intake, papers, until

pytestmark = [
    pytest.mark.browser, pytest.mark.slow,
    pytest.mark.skipif(not AXE.exists(), reason="the web client's packages are not installed"),
]  # fmt: skip
CUSTOMS = [
    "/", "/health", "/boards/base", "/boards/cooperation", "/boards/supervision/inspection", "/base/trace", "/base/intake",
    "/base/outbox", "/base/push", "/status", "/base/receipts", "/base/identity", "/base/catalogue", "/base/query",
    "/base/catalogue/record%3Abase.declaration.declaration", "/facilities/gate", "/facilities/yard", "/operations/onemap",
    "/operations/monitoring", "/operations/monitoring/clearance.filed",
    "/operations/goals", "/operations/reports", "/operations/subjects", "/operations/subjects/economy",
    "/boards/cooperation/link", "/boards/cooperation/gateway", "/boards/base/registers", "/records/cooperation/link/agreement",
    "/records/cooperation/gateway/partner", "/records/cooperation/gateway/message", "/records/base/registers/library",
    "/supervision/inspection",
    "/supervision/logistics",
    "/supervision/targeting", "/records/supervision/targeting/profile/new",
    "/supervision/clearance", "/supervision/clearance/meter", "/records/base/declaration/declaration",
    "/records/base/portcall/port_call", "/records/supervision/inspection/order", "/records/base/place/place", "/no/such/page",
]  # fmt: skip
WATCHING = [
    "/operations/onemap", "/operations/alerts", "/operations/alerts/wall", "/operations/alerts/rules", "/operations/alerts/rules/new",
    "/facilities/devices", "/facilities/access", "/assurance/running", "/operations/subjects/economy", "/boards/cooperation/gateway",
]  # fmt: skip
FORMS = {
    "trader": ["/", "/records/base/declaration/declaration/new", "/base/intake"],
    "agent": ["/", "/records/base/portcall/port_call/new", "/records/base/portcall/person_aboard/new"],
    "trucker": ["/", "/records/services/booking/booking/new", "/facilities/gate/permit"],
    "terminal": ["/", "/facilities/gate", "/operations/berth", "/facilities/devices", "/facilities/rooms"],
}  # fmt: skip
ADMINS = {
    "system-admin": ["/", "/base/identity/accounts", "/base/identity/organisations"],
    "security-admin": ["/", "/base/identity/accounts"],
    "audit-admin": ["/", "/base/identity/audit"],
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all; each user has a session and a cache of his own in it."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def seen(platform: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of single things: a targeted declaration, its inspection, its receipt, its trace."""
    folder = tmp_path_factory.mktemp("pages")
    index = papers(folder)
    with platform.client("carrier") as carrier, platform.client("trader") as trader, platform.client("customs") as customs:
        assert intake(carrier, "edifact", (folder / "manifest.edi").read_bytes()).status_code == 201
        filed = intake(trader, "wco-dec", (folder / index["risky"]["file"]).read_bytes()).json()
        kept = filed["records"][0]
        door = "/api/records/supervision/inspection/order"

        def order() -> Any:
            return customs.get(door, params={"declaration": kept["ref"]}).json()["items"]

        number = until(order, "the inspection order")[0]["id"]
    return {
        "record": f"/records/base/declaration/declaration/{kept['id']}", "visit": f"/supervision/inspection/{number}",
        "receipt": f"/base/receipts/{filed['receipt']['id']}", "key": index["risky"]["container"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def judge() -> Judge:
    """What judges the pages; colours that it has judged on one it need not judge on another."""
    return Judge()


def test_one_faint_text_among_many_is_found_in_its_theme(stranger: Page) -> None:
    """Elements that are alike are judged once, and one that is not alike is found wherever it stands."""
    judge = Judge()
    stranger.set_content("""<!doctype html><html lang="zh"><title>x</title><style>body { color: #000; background: #fff }
        .dark body { color: #fff; background: #000 } .faint { color: #ccc } .dark .dim { color: #333 }
        [data-late] { color: #bbb }</style><main><h1>x</h1><ul><li>first<li>second<li>third<li>fourth</ul></main>""")
    assert judge(stranger) == []
    for place, theme in (("faint", "light"), ("dim", "dark")):
        stranger.evaluate("name => { document.querySelector('li:nth-child(3)').className = name }", place)
        (found,) = judge(stranger)
        assert found.startswith(f"{theme} color-contrast: ")
    stranger.evaluate("document.querySelector('li:nth-child(3)').className = ''")
    assert judge(stranger) == []
    stranger.evaluate("document.querySelector('ul').dataset.late = ''")
    told = judge(stranger)
    assert told
    assert all(one.startswith("light color-contrast: ") for one in told)
    stranger.evaluate("document.querySelector('ul').innerHTML = '<li><img src=\"about:blank\"></li>'")
    assert any("image-alt" in one for one in judge(stranger))


def visit(platform: Running, page: Page, path: str, judge: Judge) -> list[str]:
    """Open a page, wait until it has settled, and judge it."""
    page.goto(f"{platform.url}{path}")
    page.wait_for_selector("main h1", state="attached")
    page.wait_for_timeout(200)
    return [f"{path}: {fault}" for fault in judge(page)]


def test_pages_of_an_officer(platform: Running, browser: Browser, seen: dict[str, str], judge: Judge) -> None:
    with signed_in(platform, "customs", "officer", browser=browser) as page:
        paths = [*CUSTOMS, seen["record"], seen["visit"], seen["receipt"]]
        faults = [fault for path in paths for fault in visit(platform, page, path, judge)]
        page.goto(f"{platform.url}/base/trace")
        page.locator("[data-test=trace-key]").fill(seen["key"])
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text(seen["key"])
        assert faults + judge(page) == []
        assert seen["key"] not in page.url, "no reference stands in an address"


@pytest.mark.parametrize("org", FORMS)
def test_pages_of_those_who_file(platform: Running, browser: Browser, judge: Judge, org: str) -> None:
    with signed_in(platform, org, "operator" if org == "terminal" else "clerk", browser=browser) as page:
        assert [fault for path in FORMS[org] for fault in visit(platform, page, path, judge)] == []


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_pages_of_those_who_watch(platform: Running, browser: Browser, judge: Judge, locale: str) -> None:
    with signed_in(platform, "portoffice", "officer", locale=locale, browser=browser) as page:
        assert [fault for path in WATCHING for fault in visit(platform, page, path, judge)] == []


@pytest.mark.parametrize("role", ADMINS)
def test_pages_of_administrators(platform: Running, browser: Browser, judge: Judge, role: str) -> None:
    with signed_in(platform, "portoffice", role, browser=browser) as page:
        assert [fault for path in ADMINS[role] for fault in visit(platform, page, path, judge)] == []


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A page on which nobody is signed in."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    yield context.new_page()
    context.close()


def test_a_stranger_sees_the_sign_in_page_whatever_the_address(platform: Running, stranger: Page, judge: Judge) -> None:
    asked: list[str] = []
    stranger.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/supervision/inspection", "/records/base/declaration/declaration"):
        stranger.goto(f"{platform.url}{path}")
        expect(stranger.locator("input[type=password]")).to_be_visible()
    assert judge(stranger) == []
    assert [url for url in asked if not url.startswith((platform.url, "data:", "blob:"))] == []


def test_the_keyboard_reaches_menu_and_content(platform: Running, browser: Browser) -> None:
    with signed_in(platform, "customs", "officer", browser=browser) as page:
        page.goto(f"{platform.url}/supervision/inspection")
        page.wait_for_selector("main h1")
        reached: list[dict[str, Any]] = []
        for _ in range(60):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("""() => {
                const e = document.activeElement, s = getComputedStyle(e);
                return {tag: e.tagName, text: (e.innerText || e.getAttribute('aria-label') || '').trim(),
                        nav: !!e.closest('nav'), main: !!e.closest('main'),
                        shown: s.outlineStyle !== 'none' || s.boxShadow !== 'none' || s.borderStyle !== 'none'} }"""))
        assert any(one["nav"] for one in reached)
        assert any(one["main"] for one in reached)
        places = [one for one in reached if one["tag"] not in ("BODY", "HTML")]
        assert all(one["shown"] for one in places), [one for one in places if not one["shown"]][:3]


def test_a_picture_of_each_theme_differs_and_holds_both_languages(platform: Running, browser: Browser, tmp_path: Path) -> None:
    with signed_in(platform, "portoffice", "officer", browser=browser) as page:
        pictures = []
        for dark in (False, True):
            page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            page.wait_for_timeout(200)
            pictures.append(page.screenshot(path=tmp_path / f"{dark}.png"))
        assert pictures[0] != pictures[1]
        page.get_by_role("button", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("button", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
