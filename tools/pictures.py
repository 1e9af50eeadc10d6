"""`python -m tools.pictures`: takes the pictures of docs/day-of-a-ship.md from the running demo, signed in as each role.

Start `make run` and let it live for half an hour, so that boxes were discharged, inspected and fetched. The addresses of the
things shown are asked of the platform by its public doors, so that any run of the demo will do.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from playwright.sync_api import APIRequestContext, Browser, Page, Request, sync_playwright
from playwright.sync_api import TimeoutError as Slow

from tools.pngs import smaller

ROOT = Path(__file__).resolve().parents[1]
TO = ROOT / "docs" / "images" / "day"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync")
LARGEST = 150 << 10
SLOW = 90_000
"""Milliseconds that a page may take on a busy machine."""
BOTH = ("zh", "en")


class NotYet(Exception):
    """The demo has nothing of this kind yet."""


class Port:
    """What the platform says to one account."""

    def __init__(self, request: APIRequestContext, url: str) -> None:
        self._request, self._url = request, url

    def get(self, path: str, **params: str | float | bool) -> Any:
        """The JSON behind a door."""
        answer = self._request.get(self._url + path, params=params)
        if not answer.ok:
            raise NotYet(f"{path}: {answer.status} {answer.text()[:200]}")
        return answer.json()

    def items(self, record: str, **params: str | int) -> Iterator[Any]:
        """The newest records of a type."""
        yield from self.get(f"/api/records/{record}", sort="-filed_at", **params)["items"]

    def first(self, record: str, fits: Callable[[Any], bool] = lambda _: True, **params: str | int) -> Any:
        """The newest record that fits. Raises NotYet."""
        for one in self.items(record, limit=100, **params):
            if fits(one):
                return one
        raise NotYet(record)


@dataclass(frozen=True)
class Shot:
    """One picture: whose screen, which page, what to do there first."""

    name: str
    org: str
    role: str
    path: Callable[[Port], str]
    act: Callable[[Page, Port], None] | None = None
    langs: tuple[str, ...] = ("zh",)


def _page(path: str) -> Callable[[Port], str]:
    return lambda _: path


def _record(record: str, fits: Callable[[Any], bool] = lambda _: True, **params: str | int) -> Callable[[Port], str]:
    return lambda port: f"/records/{record}/{port.first(record, fits, **params)['id']}"


def _ours(one: Any) -> bool:
    """A call or paper of SIM STAR, which sails; not one of the roadstead."""
    return "9321483" in str(one["data"].get("vessel", ""))


def _several(one: Any) -> bool:
    """A manifest of several bills."""
    return bool((one["data"].get("consignments") or 0) > 1)


def _gone(port: Port) -> str:
    """The number of a box that left by the gate and whose story is therefore whole."""
    moves = port.items("base/movement/move", activity="gate-out", limit=50)
    here = [one["data"]["equipment"] for one in moves if one["data"].get("bill")]
    for box in here:
        if list(port.items("base/movement/move", equipment=box, activity="discharge")):
            return str(box).partition(":")[2]
    raise NotYet("a box that was discharged and left")


def _ask(page: Page, number: str) -> None:
    page.locator("main input").first.fill(number)
    page.keyboard.press("Enter")
    page.wait_for_timeout(2500)


def _traced(page: Page, port: Port) -> None:
    _ask(page, _gone(port))


def _tracked(page: Page, port: Port) -> None:
    """The trace of a declaration that waits at this moment: its page shows the conditions that are unmet. Raises NotYet."""
    for state in ("targeted", "held", "assessed", "lodged"):
        for one in port.items("base/declaration/declaration", state=state, limit=5):
            number = str(one["data"]["functional_reference"])
            _ask(page, number)
            page.get_by_role("heading", name=number).first.wait_for()
            page.locator("[data-test=missing], [data-test=nothing-missing]").first.wait_for()
            if page.locator("[data-test=missing] li").count():
                return
    raise NotYet("a declaration that waits")


def _lacking(page: Page, port: Port) -> None:
    """The newest manifest of which bills still lack something. Raises NotYet."""
    for one in port.items("base/manifest/manifest", limit=10):
        if _several(one):
            page.goto(f"{page.url.rpartition('/')[0]}/{one['id']}", wait_until="domcontentloaded")
            page.locator("[data-test=missing], [data-test=nothing-missing]").first.wait_for()
            if page.locator("[data-test=missing] li").count():
                return
    raise NotYet("a manifest of which bills lack something")


def _outward(page: Page, _port: Port) -> None:
    page.get_by_role("radio").nth(1).click() if page.get_by_role("radio").count() > 1 else _lane(page)
    page.wait_for_timeout(2500)


def _lane(page: Page) -> None:
    page.locator("main header button, main .row button").nth(1).click()


def _call(page: Page, _port: Port) -> None:
    page.locator("[data-test=inbox] button", has_text="船舶口岸动态").first.click()
    page.wait_for_timeout(1500)


def _inspection(port: Port) -> str:
    found = port.first("supervision/inspection/order", lambda one: bool(one["data"].get("moved_at")))
    return f"/supervision/inspection/{found['id']}"


def _receipt(port: Port) -> str:
    call = port.first("base/portcall/port_call", _ours)
    receipt = call["receipt"]
    return f"/base/receipts/{receipt['id'] if isinstance(receipt, dict) else receipt}"


SHOTS = (
    Shot("01-call", "agent", "clerk", _record("base/portcall/port_call", _ours), langs=BOTH),
    Shot("02-inbox", "maritime", "officer", _page("/supervision/clearance?show=all"), _call),
    Shot("03-answers", "agent", "clerk", _receipt),
    Shot("04-manifest", "carrier", "clerk", _record("base/manifest/manifest", _several), _lacking),
    Shot("05-stowage", "terminal", "operator", _record("base/movement/stowage")),
    Shot("06-berths", "portoffice", "officer", _page("/operations/berth"), langs=BOTH),
    Shot("07-map", "portoffice", "officer", _page("/operations/onemap")),
    Shot("08-yard", "terminal", "operator", _page("/facilities/yard")),
    Shot("09-logistics", "customs", "officer", _page("/supervision/logistics"), langs=BOTH),
    Shot("10-declaration", "trader", "clerk", _record("base/declaration/declaration", lambda one: one["state"] == "released")),
    Shot("11-targeting", "customs", "officer", _page("/supervision/targeting"), langs=BOTH),
    Shot("12-inspection", "customs", "officer", _inspection),
    Shot("13-waiting", "trader", "clerk", _page("/base/trace"), _tracked),
    Shot("14-gate", "terminal", "operator", _page("/facilities/gate"), _outward, langs=BOTH),
    Shot("15-codeco", "carrier", "clerk", _record("base/movement/move", lambda one: one["data"]["activity"] == "gate-out")),
    Shot("16-trace", "customs", "officer", _page("/base/trace"), _traced, langs=BOTH),
    Shot("17-meter", "portoffice", "officer", _page("/supervision/clearance/meter")),
    Shot("18-status", "portoffice", "officer", _page("/status")),
)


def _asked(page: Page) -> set[Request]:
    """What the page asks of the doors and has no answer to yet; the live feed never ends and is left out."""
    pending: set[Request] = set()

    def begun(one: Request) -> None:
        if "/api/" in one.url and "/api/live" not in one.url:
            pending.add(one)

    def over(one: Request) -> None:
        pending.discard(one)

    page.on("request", begun)
    page.on("requestfinished", over)
    page.on("requestfailed", over)
    return pending


def _settle(page: Page, asked: set[Request]) -> None:
    """Wait until the page has shown what it asked for. Raises Slow."""
    quiet = 0
    for _ in range(SLOW // 500):
        page.wait_for_timeout(500)
        quiet = 0 if asked else quiet + 1
        if quiet > 3:
            return
    raise Slow("the page still waits for the platform")


def take(browser: Browser, url: str, shot: Shot, lang: str) -> bytes:
    """One picture in one language, light, 1366×768. Raises NotYet."""
    context = browser.new_context(
        viewport={"width": 1366, "height": 768}, locale={"zh": "zh-CN", "en": "en-GB"}[lang], color_scheme="light"
    )
    try:
        signed = context.request.post(f"{url}/api/session/demo", data={"org": shot.org, "role": shot.role})
        if not signed.ok:
            raise NotYet(f"sign-in of {shot.org}: {signed.status}")
        context.set_default_timeout(SLOW)
        page, port = context.new_page(), Port(context.request, url)
        asked = _asked(page)
        page.goto(url + shot.path(port), wait_until="domcontentloaded")
        page.locator("main h1, main h2").first.wait_for(timeout=SLOW)
        _settle(page, asked)
        if shot.act:
            shot.act(page, port)
            _settle(page, asked)
        return smaller(page.screenshot())
    finally:
        context.close()


def main() -> int:
    """Takes all pictures, or those whose names begin as told; 1 when one could not be taken or is too large."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of names, all without")
    parser.add_argument("--home", default=os.environ.get("KOUAN_HOME", str(ROOT / ".kouan")), help="data folder of the running demo")
    stated = parser.parse_args()
    url = orjson.loads((Path(stated.home) / "run" / "ports.json").read_bytes())["url"].rstrip("/")
    TO.mkdir(parents=True, exist_ok=True)
    failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for shot in SHOTS:
            if stated.names and not any(shot.name.startswith(name) for name in stated.names):
                continue
            for lang in shot.langs:
                try:
                    png = take(browser, url, shot, lang)
                except (NotYet, Slow) as missing:
                    sys.stdout.write(f"{shot.name} {lang}: not yet ({str(missing).splitlines()[0]})\n")
                    failed += 1
                    continue
                (TO / f"{shot.name}{'' if lang == 'zh' else '.en'}.png").write_bytes(png)
                failed += len(png) > LARGEST
                sys.stdout.write(f"{shot.name} {lang}: {len(png) >> 10} KiB\n")
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
