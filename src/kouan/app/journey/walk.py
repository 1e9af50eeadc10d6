"""What every step of the journey shares: clients of the demo organisations, papers, simulators, evidence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PATIENCE = 25.0
WORKING = ("officer", "operator", "clerk")


class Failed(Exception):
    """A step's claim did not hold; the text says what was seen instead."""


@dataclass
class Walk:
    """One journey: where the platform is, who walks, what was seen."""

    url: str
    home: Path
    work: Path
    nmea: int = 0
    papers: dict[str, Any] = field(default_factory=dict)
    receipts: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    _clients: dict[str, httpx.Client] = field(default_factory=dict)
    _simulators: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def client(self, org: str) -> httpx.Client:
        """The client of an organisation's working account."""
        if org not in self._clients:
            headers = {"Authorization": f"Bearer {self.token(org)}", "Accept": "application/json"}
            self._clients[org] = httpx.Client(base_url=self.url, headers=headers, timeout=20, trust_env=False)
        return self._clients[org]

    def token(self, org: str) -> str:
        """The demo token of an organisation's working account."""
        accounts = json.loads((self.home / "demo.json").read_text())["accounts"]
        found: str = next(a["token"] for a in accounts if a["org"] == org and a["role"] in WORKING)
        return found

    def get(self, org: str, path: str, **params: Any) -> Any:
        """The JSON behind a door; Failed unless it answers 200."""
        answer = self.client(org).get(path, params=params)
        if answer.status_code != 200:
            raise Failed(f"GET {path} → {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def post(self, org: str, path: str, expect: tuple[int, ...] = (200, 201), **how: Any) -> Any:
        """What a door answers to a POST; Failed unless with an expected status."""
        answer = self.client(org).post(path, **how)
        if answer.status_code not in expect:
            raise Failed(f"POST {path} → {answer.status_code} {answer.text[:400]}")
        return answer.json()

    def intake(self, org: str, kind: str, name: str, key: str) -> Any:
        """File one of the papers; its receipt and body are remembered under its name."""
        body = (self.work / name).read_bytes()
        answer = self.post(org, f"/api/intake/{kind}", content=body, headers={"Idempotency-Key": key})
        self.receipts[name] = (answer["receipt"]["id"], body)
        return answer

    def trace(self, org: str, ref: str) -> Any:
        """The trace of one key."""
        return self.post(org, "/api/trace", json={"ref": ref})

    def simulate(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a simulator; it ends with the journey."""
        log = (self.work / f"{words[0]}.log").open("ab")
        env = {**os.environ, "KOUAN_HOME": str(self.home), "KOUAN_URL": self.url}
        started = subprocess.Popen(
            [sys.executable, "-m", "kouan_sim.cli", *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
        )
        self._simulators.append(started)
        return started

    def until(self, what: str, look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Look again and again until there is something; Failed after a while."""
        limit = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > limit:
                raise Failed(f"not seen within {seconds:.0f} s: {what}")
            time.sleep(0.25)

    def close(self) -> None:
        """End the simulators that this journey started, and its clients."""
        for simulator in self._simulators:
            simulator.terminate()
        for simulator in self._simulators:
            try:
                simulator.wait(3)
            except subprocess.TimeoutExpired:
                simulator.kill()
        for client in self._clients.values():
            client.close()
