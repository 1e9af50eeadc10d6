"""The map page in headless Chromium without a GPU: pictures a second and CPU of the browser while everything moves."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from playwright.sync_api import sync_playwright

from bench._platform import cpu_of, family

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
STEADY = 15.0


def frames(plan: dict[str, Any]) -> dict[str, Any]:
    """Open the page as a demo officer, wait until all objects are drawn, count what it draws."""
    with sync_playwright() as playwright:
        server = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = server.new_context(viewport={"width": 1366, "height": 768}, locale="en-US")
        context.request.post(f"{plan['url']}/api/session/demo", data={"org": "customs", "role": "officer"})
        page = context.new_page()
        view = json.dumps({"center": plan["center"], "zoom": plan["zoom"]})
        page.add_init_script(f"sessionStorage.setItem('kouan.map', '{view}'); sessionStorage.setItem('kouan.map.everyFrame', '1')")
        page.goto(f"{plan['url']}/operations/onemap", wait_until="domcontentloaded")
        canvas = page.locator(".live-layer")
        canvas.wait_for(state="attached", timeout=60_000)
        limit = time.monotonic() + 60
        while int(canvas.get_attribute("data-drawn") or 0) < plan["objects"] * 0.99 and time.monotonic() < limit:
            time.sleep(0.5)
        time.sleep(STEADY / 5)
        began, first, cpu = time.perf_counter(), int(canvas.get_attribute("data-frames") or 0), _cpu()
        time.sleep(plan["seconds"])
        took, drawn = time.perf_counter() - began, int(canvas.get_attribute("data-frames") or 0) - first
        spent = _cpu() - cpu
        found = {
            "per_s": round(drawn / took, 1), "drawn": int(canvas.get_attribute("data-drawn") or 0), "seconds": round(took, 1),
            "browser_cpu_s": round(spent, 2), "browser_cpu_ms_per_frame": round(1000 * spent / max(drawn, 1), 1),
            "possible_per_s_on_one_core": round(drawn / max(spent, 0.01), 1),
        }  # fmt: skip
        server.close()
        return found


def _cpu() -> float:
    """CPU seconds of the browser's processes."""
    own = family(os.getpid())
    return sum(cpu_of(pid) for pid in own[1:])


if __name__ == "__main__":
    print(json.dumps(frames(json.loads(sys.argv[1]))), flush=True)
