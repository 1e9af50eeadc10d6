"""Papers of a fresh simulated voyage, and the small things that acceptance tests do with them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.conftest import Running

T = TypeVar("T")


def papers(folder: Path) -> dict[str, Any]:
    """New papers in a folder; answers their index."""
    words = [sys.executable, "-m", "kouan_sim.cli", "papers", "--out", str(folder)]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    found: dict[str, Any] = json.loads((folder / "index.json").read_text())
    return found


def until(look: Callable[[], T | None], what: str, seconds: float = 40) -> T:
    """What is seen sooner or later."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not seen in {seconds:.0f} s: {what}")


def intake(client: httpx.Client, kind: str, body: bytes, **params: str) -> httpx.Response:
    """File a message through the public door."""
    return client.post(f"/api/intake/{kind}", content=body, params=params)


def state(client: httpx.Client, record: str, number: str) -> str:
    """The state of a record as a caller sees it."""
    return str(client.get(f"/api/records/{record.replace('.', '/')}/{number}").json()["state"])


@contextmanager
def agencies(platform: Running, seconds: int = 90) -> Iterator[None]:
    """The simulated systems of the five parties, beside the platform."""
    words = [sys.executable, "-m", "kouan_sim.cli", "agencies", "--url", platform.url, "--home", str(platform.home)]
    process = subprocess.Popen([*words, "--seconds", str(seconds)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)
