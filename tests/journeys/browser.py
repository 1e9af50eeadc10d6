"""A real browser for acceptance tests: Chromium of the system, no other host, no console error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import Running

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
HARMLESS = ("GL Driver Message", "WebGL", "status of 40", "status of 422", "swiftshader")


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser. While it runs no other test of this process may have an event loop: so for a file at most."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def signed_in(
    platform: Running, org: str, role: str, *, locale: str = "zh-CN", width: int = 1366, browser: Browser | None = None
) -> Iterator[Page]:
    """A page of a browser (of one that runs, where one is given) whose user signs in by the form; ends with what the page said that it
    should not have."""
    account = next(a for a in platform.accounts() if a["org"] == org and a["role"] == role)
    with ExitStack() as ends:
        context = (browser or ends.enter_context(launched())).new_context(viewport={"width": width, "height": 768}, locale=locale)
        ends.callback(context.close)
        page = context.new_page()
        strange: list[str] = []
        page.on("request", lambda r: _foreign(platform, r.url) and strange.append(r.url))
        page.on("pageerror", lambda error: strange.append(str(error)))
        page.on("console", lambda m: m.type == "error" and _told(m.text) and strange.append(m.text))
        page.goto(platform.url)
        page.locator("input[autocomplete=organization], #org").first.fill(org)
        page.locator("input[autocomplete=username], #user").first.fill(account["user"])
        page.locator("input[type=password]").first.fill(account["password"])
        page.keyboard.press("Enter")
        page.wait_for_selector("nav", timeout=90_000)
        yield page
        context.close()
        assert [s for s in strange if not s.startswith("blob:")] == []


def _foreign(platform: Running, url: str) -> bool:
    return urlsplit(url).netloc not in ("", urlsplit(platform.url).netloc)


def _told(text: str) -> bool:
    return not any(harmless in text for harmless in HARMLESS)
