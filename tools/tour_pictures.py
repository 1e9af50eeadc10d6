"""`python -m tools.tour_pictures`: takes the pictures of README.md and docs/tour.md from the running demo, in both languages.

Start `make run` and let it live for some minutes, so that boxes were discharged and one waits for its inspection.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as Slow

from tools.pictures import BOTH, CHROMIUM, FLAGS, SLOW, NotYet, Port, Shot, take
from tools.pngs import smaller

ROOT = Path(__file__).resolve().parents[1]
TO = ROOT / "docs" / "images"
LARGEST = 200_000
VIEW = {"center": [121.63, 36.03], "zoom": 11.4}


def _page(path: str) -> Callable[[Port], str]:
    return lambda _: path


def _waits(port: Port) -> str:
    """A joint inspection that waits for its results."""
    return f"/supervision/inspection/{port.first('supervision/inspection/order', lambda one: one['state'] == 'moved')['id']}"


def _receipt(port: Port) -> str:
    call = port.first("base/portcall/port_call", lambda one: "9321483" in str(one["data"].get("vessel", "")))
    receipt = call["receipt"]
    return f"/base/receipts/{receipt['id'] if isinstance(receipt, dict) else receipt}"


def _whole(page: Page, _port: Port) -> None:
    """The port and its approach with the list of ships."""
    page.evaluate(f"sessionStorage.setItem('kouan.map', JSON.stringify({VIEW}))")
    page.reload()
    page.locator("[data-row]").nth(3).wait_for(timeout=SLOW)
    page.wait_for_timeout(9000)


def _call(page: Page, _port: Port) -> None:
    page.locator("[data-test=inbox] button", has_text=re.compile("船舶口岸动态|Port call")).first.click()
    page.wait_for_timeout(1500)


def _why(page: Page, port: Port) -> None:
    waiting = port.first("base/declaration/declaration", lambda one: one["state"] in ("targeted", "inspected"))
    page.locator("main input").first.fill(str(waiting["data"]["functional_reference"]))
    page.keyboard.press("Enter")
    page.locator("main h2").first.wait_for(timeout=SLOW)
    page.wait_for_timeout(2500)


SHOTS = (
    Shot("map", "portoffice", "officer", _page("/operations/onemap"), _whole),
    Shot("inbox", "customs", "officer", _page("/supervision/clearance?show=all"), _call),
    Shot("meter", "portoffice", "officer", _page("/supervision/clearance/meter")),
    Shot("worklist", "customs", "officer", _page("/")),
    Shot("inspection", "customs", "officer", _waits),
    Shot("trace", "trader", "clerk", _page("/base/trace"), _why),
    Shot("gate", "terminal", "operator", _page("/facilities/gate")),
    Shot("receipt", "agent", "clerk", _receipt),
)


def _sign_in(browser: Browser, url: str, lang: str) -> bytes:
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale={"zh": "zh-CN", "en": "en-GB"}[lang], color_scheme="light"
    )
    try:
        page = context.new_page()
        page.goto(url, wait_until="domcontentloaded")
        page.locator("main button, form button").first.wait_for(timeout=SLOW)
        page.wait_for_timeout(2000)
        return smaller(page.screenshot())
    finally:
        context.close()


def _taken(browser: Browser, url: str, wanted: list[str]) -> Iterator[bool]:
    for lang in BOTH:
        for name, one in (("signin", None), *((shot.name, shot) for shot in SHOTS)):
            if wanted and name not in wanted:
                continue
            try:
                png = take(browser, url, one, lang) if one else _sign_in(browser, url, lang)
            except (NotYet, Slow) as missing:
                sys.stdout.write(f"{name} {lang}: not yet ({str(missing).splitlines()[0]})\n")
                yield False
                continue
            (TO / f"{name}{'.zh' if lang == 'zh' else ''}.png").write_bytes(png)
            sys.stdout.write(f"{name} {lang}: {len(png) >> 10} KiB\n")
            yield len(png) <= LARGEST


def main() -> int:
    """Takes all pictures, or those named; 1 when one could not be taken or is too large."""
    parser = argparse.ArgumentParser(prog="python -m tools.tour_pictures", description=__doc__)
    parser.add_argument("names", nargs="*", help="names, all without")
    parser.add_argument("--home", default=os.environ.get("KOUAN_HOME", str(ROOT / ".kouan")), help="data folder of the running demo")
    stated = parser.parse_args()
    url = orjson.loads((Path(stated.home) / "run" / "ports.json").read_bytes())["url"].rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        good = list(_taken(browser, url, stated.names))
        browser.close()
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
