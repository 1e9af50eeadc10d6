"""One command from a clean checkout: everything is built, starts, is healthy, is tested, and stops again (H7.2.2a)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tools.files import tracked

FIRST_PAGE = 300
LATER_PAGE = 10
STOP = 5
BUSY = 4  # this machine runs the rest of the tests beside it


def checkout(folder: Path) -> Path:
    """A clean checkout: the tracked files and nothing that was made."""
    for path in tracked():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    return folder


def environment() -> dict[str, str]:
    """The machine's own, without anything of the platform's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("KOUAN_", "VIRTUAL_ENV"))}


def healthy(folder: Path, process: subprocess.Popen[bytes], seconds: float) -> str:
    """Wait for health; answers the address."""
    limit = time.monotonic() + seconds
    ports = folder / ".kouan" / "run" / "ports.json"
    while time.monotonic() < limit:
        assert process.poll() is None, (folder / "run.log").read_text()[-3000:]
        if ports.exists():
            url = str(json.loads(ports.read_text())["url"])
            try:
                if httpx.get(f"{url}api/health", timeout=2, trust_env=False).status_code == 200:
                    return url
            except httpx.HTTPError:
                pass
        time.sleep(0.1)
    raise TimeoutError((folder / "run.log").read_text()[-3000:])


def run(folder: Path) -> subprocess.Popen[bytes]:
    """`make run`, without a terminal."""
    with (folder / "run.log").open("ab") as log:
        return subprocess.Popen(
            ["make", "run"], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(),
            start_new_session=True,
        )  # fmt: skip


def stop(process: subprocess.Popen[bytes]) -> float:
    """SIGTERM to make itself; answers how long everything took to end."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(STOP * BUSY)
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.clause("H7.2.2a")
def test_one_command_from_a_clean_checkout(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "clean")
    first = run(folder)
    try:
        url = healthy(folder, first, FIRST_PAGE)
        page = httpx.get(url, trust_env=False)
        assert page.status_code == 200
        assert "text/html" in page.headers["content-type"]
        assert 'id="app"' in page.text
        modules = httpx.get(f"{url}api/health", trust_env=False).json()["modules"]
        assert len(modules) == 8
        assert {board["status"] for board in modules.values()} == {"ok"}
        shown = (folder / "run.log").read_text()
        for role in ("officer", "operator", "clerk", "viewer", "system-admin", "security-admin", "audit-admin"):
            assert role in shown
    finally:
        took = stop(first)
    assert took < STOP * BUSY
    with pytest.raises(httpx.HTTPError):
        httpx.get(url, timeout=2, trust_env=False)

    words = ["make", "test", "ARGS=tests/tools/test_budgets.py"]
    tested = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300)
    assert tested.returncode == 0, tested.stdout[-2000:] + tested.stderr[-2000:]
    assert " passed" in tested.stdout

    began = time.monotonic()
    again = run(folder)
    try:
        healthy(folder, again, LATER_PAGE * BUSY)
        assert time.monotonic() - began < LATER_PAGE * BUSY
    finally:
        stop(again)
