"""The running platform, as its users meet it: one data folder for all acceptance tests, reached by its public doors."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("KOUAN_SHARED") or ROOT.parent / "shared") / "data"


@dataclass
class Running:
    """A platform that runs: its address, data folder and the clients of its demo organisations."""

    process: subprocess.Popen[bytes]
    home: Path
    url: str
    log: Path

    def token(self, org: str, role: str = "") -> str:
        """The API token of a demo account; the organisation's working role unless one is named."""
        accounts = json.loads((self.home / "demo.json").read_text())["accounts"]
        working = ("officer", "operator", "clerk")
        found = [a for a in accounts if a["org"] == org and (a["role"] == role if role else a["role"] in working)]
        return str(found[0]["token"])

    def accounts(self) -> list[dict[str, Any]]:
        """All demo accounts."""
        found: list[dict[str, Any]] = json.loads((self.home / "demo.json").read_text())["accounts"]
        return found

    def client(self, org: str = "", role: str = "") -> httpx.Client:
        """A client that calls as a demo account, or as a stranger."""
        headers = {"Authorization": f"Bearer {self.token(org, role)}"} if org else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def cli(self, *words: str, org: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run `kouan` as a user would, against this platform."""
        extra = {"KOUAN_HOME": str(self.home), "KOUAN_URL": self.url}
        if org:
            extra["KOUAN_TOKEN"] = self.token(org)
        program = [sys.executable, "-m", "kouan.app.cli", *words]
        return subprocess.run(
            program, env={**os.environ, **extra, **(env or {})}, capture_output=True, text=True, timeout=200
        )


def free_port() -> int:
    """A port that nobody listens on now: two platforms that are started side by side would both take the usual one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, **env: str) -> Running:
    """Start a platform in a data folder and wait until it is healthy."""
    log = home.parent / f"{home.name}.log"
    env.setdefault("KOUAN_PORT", str(free_port()))
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "kouan.app.cli", "up"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "KOUAN_HOME": str(home), "KOUAN_DEMO": "1", "KOUAN_HEADLESS": "1", **env},
        )
    ports = home / "run" / "ports.json"
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        assert process.poll() is None, log.read_text()[-2000:]
        if ports.exists():
            url = f"http://127.0.0.1:{json.loads(ports.read_text())['http']}"
            try:
                if httpx.get(f"{url}/api/health", timeout=2, trust_env=False).status_code == 200:
                    return Running(process, home, url, log)
            except httpx.HTTPError:
                pass
        time.sleep(0.2)
    process.terminate()
    raise TimeoutError(log.read_text()[-2000:])


def end(running: Running) -> None:
    """Stop a platform; it has five seconds and a little more on a busy machine."""
    running.process.terminate()
    try:
        running.process.wait(20)
    except subprocess.TimeoutExpired:
        running.process.kill()
        raise


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The platform that acceptance tests share."""
    running = start(tmp_path_factory.mktemp("platform") / "data", KOUAN_RANDOM_SHARE="0")
    yield running
    end(running)
