"""`python -m tools.map_pictures`: takes the pictures of docs/map.md from a platform of its own with 20,000 simulated ships.

Everything on them is made up here and told through the public doors: AIS sentences over TCP, a tag's fixes, the simulated
device park. It takes about three minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from bench._platform import Platform, started
from kouan_sim.ais import Position, Talker, type1
from kouan_sim.doors import Accounts
from kouan_sim.park import park
from tools.pictures import CHROMIUM, FLAGS
from tools.pngs import smaller

ROOT = Path(__file__).resolve().parents[1]
TO = ROOT / "docs" / "images" / "map"
LARGEST = 80_000
SHIPS, EVERY, BATCH = 20_000, 6.0, 200
FIRST = 413_100_000
SEA = (119.6, 126.4, 32.2, 38.4)
PORT = (121.6, 36.03)
SHOWN = 90_000


def lanes(chance: random.Random) -> Iterator[tuple[float, float, float]]:
    """Where ships sail and which way: along a few routes to the port and past it, and some anywhere."""
    west, east, south, north = SEA
    routes = [((west + 1, south), PORT), ((east, south + 1), PORT), ((east, north - 1.5), PORT), ((east - 2, south), (east - 3, north)),
              ((west + 2.4, south), (east - 2.2, north))]  # fmt: skip
    for number in range(SHIPS):
        if number % 4 == 0:
            yield chance.uniform(west, east), chance.uniform(south, north), chance.uniform(0, 360)
            continue
        (x1, y1), (x2, y2) = routes[number % len(routes)]
        share = chance.random() ** 0.8
        course = math.degrees(math.atan2((x2 - x1) * math.cos(math.radians(35)), y2 - y1)) % 360
        lon, lat = x1 + (x2 - x1) * share + chance.gauss(0, 0.18), y1 + (y2 - y1) * share + chance.gauss(0, 0.13)
        yield lon, lat, course if number % 2 else (course + 180) % 360


class Fleet(threading.Thread):
    """Simulated ships that report over TCP until told to stop."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self._line = socket.create_connection(("127.0.0.1", port), timeout=30)
        talker, chance = Talker(source="SIMPICTURE"), random.Random(7)
        said = []
        for ship, (lon, lat, course) in enumerate(lanes(chance)):
            position = Position(round(lon, 5), round(lat, 5), speed=chance.uniform(6, 16), course=course, heading=round(course) % 360)
            said.append("".join(f"{line}\r\n" for line in talker.sentences(type1(FIRST + ship, position))))
        self._batches = ["".join(said[at : at + BATCH]).encode() for at in range(0, SHIPS, BATCH)]

    def run(self) -> None:
        """Report, all ships once in six seconds."""
        while not self.ended.is_set():
            for batch in self._batches:
                self._line.sendall(batch)
                time.sleep(EVERY / len(self._batches))


@contextmanager
def sailing(platform: Platform) -> Iterator[None]:
    """The fleet at sea."""
    fleet = Fleet(httpx.get(f"{platform.url}/api/health", trust_env=False).json()["ports"]["nmea"])
    fleet.start()
    yield
    fleet.ended.set()
    fleet.join()


@contextmanager
def living(platform: Platform) -> Iterator[None]:
    """The simulated device park, and a tag that went from the berth to the waiting area."""
    def enrolled() -> None:
        asyncio.run(park(platform.url, Accounts.of(platform.home), platform.home, random.Random(1)))

    threading.Thread(target=enrolled, daemon=True).start()
    with httpx.Client(base_url=platform.url, headers={"Authorization": f"Bearer {platform.token('terminal')}"}, trust_env=False) as client:
        listed = client.get("/api/records/base/place/place", params={"limit": 200}).json()["items"]
        rings = {one["data"]["code"].upper().partition("/")[2]: one["data"]["geometry"]["coordinates"] for one in listed}
        berth, block, gate, waiting = (_middle(rings[code][0]) for code in ("BERTH/B1", "YARD/A03", "GATE", "WAITING"))
        client.post("/api/intake/positions", json=list(_fixes((berth, 18), (block, 46), (gate, 4), (waiting, 16)))).raise_for_status()
    yield


def _middle(ring: list[list[float]]) -> tuple[float, float]:
    return sum(p[0] for p in ring[:-1]) / (len(ring) - 1), sum(p[1] for p in ring[:-1]) / (len(ring) - 1)


def _fixes(*stops: tuple[tuple[float, float], int]) -> Iterator[dict[str, Any]]:
    way: list[tuple[float, float]] = []
    for (at, minutes), (to, _) in zip(stops, [*stops[1:], stops[-1]], strict=True):
        way += [at] * minutes + [(at[0] + (to[0] - at[0]) * n / 6, at[1] + (to[1] - at[1]) * n / 6) for n in range(1, 6)]
    start = datetime.now(UTC) - timedelta(minutes=len(way))
    for n, (lon, lat) in enumerate(way):
        yield {"kind": "tag", "code": "SIM-TAG-1", "name": "SIM MSKU 907032 3", "lon": lon, "lat": lat, "simulated": "true",
               "at": (start + timedelta(minutes=n)).isoformat()}  # fmt: skip


def loaded(page: Page) -> None:
    """All ships in view."""
    limit = time.monotonic() + SHOWN / 1000
    while int(page.locator(".live-layer").get_attribute("data-drawn") or 0) < SHIPS * 0.99 and time.monotonic() < limit:
        page.wait_for_timeout(500)
    page.wait_for_timeout(3000)


def tracked(page: Page) -> None:
    """The track of the tag, looked for by its number."""
    page.locator("[data-test=map-find]").fill("SIM-TAG")
    page.locator("[data-row]", has_text="MSKU").first.wait_for(timeout=SHOWN)
    page.locator("[data-test=map-find]").press("Enter")
    page.locator("[data-test=stays] li").nth(2).wait_for(timeout=SHOWN)
    page.locator("[data-test=track-panel] button").nth(1).click()
    page.locator("[data-test=stays]").scroll_into_view_if_needed()
    page.wait_for_timeout(4000)


def solid(page: Page) -> None:
    """The light 3-D view of the quay."""
    page.locator(".still-layer[data-marks]").wait_for(timeout=SHOWN)
    page.wait_for_timeout(6000)
    page.locator(".tools button").first.click()
    page.locator("#tab-layers").click()
    page.wait_for_timeout(8000)


Scenery = Callable[[Platform], AbstractContextManager[None]]
Shot = tuple[str, dict[str, Any], Callable[[Page], None], Scenery]
SHOTS: tuple[Shot, ...] = (
    ("track", {"center": [121.6, 36.06], "zoom": 14}, tracked, living),
    ("solid", {"center": [121.592, 36.0565], "zoom": 14.4}, solid, living),
    ("load", {"center": [124.3, 35.3], "zoom": 6.0}, loaded, sailing),
)


def take(browser: Browser, url: str, view: dict[str, Any], act: Callable[[Page], None], lang: str) -> bytes:
    """One picture of the map page as the port office sees it, 1366×768."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale={"zh": "zh-CN", "en": "en-GB"}[lang])
    try:
        context.request.post(f"{url}/api/session/demo", data={"org": "portoffice", "role": "officer"})
        page = context.new_page()
        page.add_init_script(f"sessionStorage.setItem('kouan.map', JSON.stringify({view}))")
        page.goto(f"{url}/operations/onemap", wait_until="domcontentloaded")
        page.locator("[data-test=map-find]").wait_for(timeout=SHOWN)
        act(page)
        return smaller(page.screenshot(timeout=SHOWN))
    finally:
        context.close()


def _kept(browser: Browser, url: str, shot: Shot, lang: str) -> bool:
    name, view, act, _ = shot
    png = take(browser, url, view, act, lang)
    (TO / f"{name}{'' if lang == 'zh' else '.en'}.png").write_bytes(png)
    sys.stdout.write(f"{name} {lang}: {len(png) / 1000:.0f} kB\n")
    sys.stdout.flush()
    return len(png) > LARGEST


def main() -> int:
    """Takes all pictures, or those named; 1 when one is too large."""
    parser = argparse.ArgumentParser(prog="python -m tools.map_pictures", description=__doc__)
    parser.add_argument("names", nargs="*", help="load, track, solid; all without")
    wanted = parser.parse_args().names
    TO.mkdir(parents=True, exist_ok=True)
    failed = 0
    with started() as platform, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for scene in (living, sailing):
            shots = [shot for shot in SHOTS if shot[3] is scene and (not wanted or shot[0] in wanted)]
            with scene(platform) if shots else nullcontext():
                failed += sum(_kept(browser, platform.url, shot, lang) for shot in shots for lang in ("zh", "en"))
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
