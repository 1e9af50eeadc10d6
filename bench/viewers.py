"""The map's live transport: 15,000 ships that report every six seconds, 500 viewers of one process.

Runs alone: a platform of its own, ships over TCP as AIS sentences made beforehand, viewers on raw sockets; ships and
viewers are processes of their own whose CPU is reported. Staleness is from the moment at which a report was due to be
sent until a viewer holds it. With --frames instead: pictures a second of the map page in headless Chromium without a
GPU, 20,000 moving ships on a still map.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench._command import parser, say
from bench._platform import ROOT, Platform, machine, spent, started

OBJECTS, VIEWERS, SECONDS, SETTLE, VIEWS = 15_000, 500, 15.0, 6.0, 20
LIMIT_MS = 2000
FRAMES_OBJECTS, FRAMES_SECONDS, FRAMES_LIMIT = 20_000, 10.0, 20.0


def boxes(views: int) -> list[list[float]]:
    """Views that all hold every ship, and whose cells differ."""
    return [[120.9 - n, 19.9 - n / 2, 131.1 + n, 40.1 + n / 2] for n in range(views)]


def asked(platform: Platform, path: str) -> Any:
    """An answer of the platform's API, as customs."""
    request = urllib.request.Request(f"{platform.url}{path}", headers={"Authorization": f"Bearer {platform.token('customs')}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
        return json.load(answer)


@contextmanager
def sailing(platform: Platform, objects: int) -> Iterator[dict[str, Any]]:
    """Ships that report; what they say of themselves stands in the answer at the end."""
    port = asked(platform, "/api/health")["ports"]["nmea"]
    plan = {"host": "127.0.0.1", "nmea": port, "objects": objects}
    ships = subprocess.Popen(
        [sys.executable, "-m", "bench._viewing", "sail", json.dumps(plan)], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert ships.stdin is not None
    assert ships.stdout is not None
    told: dict[str, Any] = {}
    try:
        ships.stdout.readline()
        limit = time.monotonic() + 40
        while asked(platform, "/api/map/state")["objects"] < objects and time.monotonic() < limit:
            time.sleep(0.5)
        yield told
        ships.stdin.close()
        told.update(json.loads(ships.stdout.readline() or "{}"))
    finally:
        ships.kill()
        ships.wait()


def transport(platform: Platform, objects: int, viewers: int, seconds: float) -> dict[str, Any]:
    """Staleness at the viewers, and what it cost."""
    with sailing(platform, objects) as ships:
        plan = {
            "host": "127.0.0.1", "port": int(platform.url.rpartition(":")[2]), "token": platform.token("customs"),
            "viewers": viewers, "seconds": seconds, "settle": SETTLE, "boxes": boxes(VIEWS),
        }  # fmt: skip
        before = platform.cpu()
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "bench._viewing", "view", json.dumps(plan)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        took = time.perf_counter() - began
        found: dict[str, Any] = json.loads(done.stdout)
        cpu, state = spent(before, platform.cpu()), asked(platform, "/api/map/state")
    p95 = (found["staleness_ms"] or {}).get("p95")
    return {
        "name": "viewers", "objects": objects, "p95_ms": p95, "limit_ms": LIMIT_MS, "met": p95 is not None and p95 <= LIMIT_MS,
        "clients": found, "ships": ships, "transport": state, "platform_cpu_s": cpu,
        "platform_cpu_share": {part: round(used / took, 3) for part, used in cpu.items()}, "views": VIEWS,
    }  # fmt: skip


def frames(platform: Platform, objects: int, seconds: float) -> dict[str, Any]:
    """Pictures a second of the page, everything in view and moving."""
    with sailing(platform, objects) as ships:
        plan = {"url": platform.url, "seconds": seconds, "center": [126.0, 30.0], "zoom": 4.4, "objects": objects}
        done = subprocess.run(
            [sys.executable, "-m", "bench._frames", json.dumps(plan)], cwd=ROOT, capture_output=True, text=True, check=True
        )
        found: dict[str, Any] = json.loads(done.stdout)
    return {
        "name": "viewers", "objects": objects, **found, "limit_per_s": FRAMES_LIMIT, "met": found["per_s"] >= FRAMES_LIMIT, "ships": ships,
    }  # fmt: skip


def run(objects: int = OBJECTS, viewers: int = VIEWERS, seconds: float = SECONDS) -> dict[str, Any]:
    """Measure the transport on a platform of its own."""
    where = machine()
    with started() as platform:
        measured = transport(platform, objects, viewers, seconds)
    return {**measured, "data": "simulated ships over TCP", "machine": where}


def main() -> None:
    """Command line."""
    made = parser(__doc__)
    made.add_argument("--objects", type=int, default=0)
    made.add_argument("--viewers", type=int, default=VIEWERS)
    made.add_argument("--seconds", type=float, default=0)
    made.add_argument("--frames", action="store_true", help="the page's pictures a second, in Chromium")
    given = made.parse_args()
    if not given.frames:
        say(run(given.objects or OBJECTS, given.viewers, given.seconds or SECONDS), line=given.json)
        return
    where = machine()
    with started() as platform:
        measured = frames(platform, given.objects or FRAMES_OBJECTS, given.seconds or FRAMES_SECONDS)
    say({**measured, "data": "simulated ships over TCP", "machine": where}, line=given.json)


if __name__ == "__main__":
    main()
