"""A load that remembers what was acknowledged, and a hard hand for the processes of a platform that a test started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from kouan.kernel.ledger.verify import verify
from tests.conftest import PLAIN, Running

DOOR = "/api/records/base/manifest/rail_manifest"
WORKERS = 12
PATIENCE = 60.0
OUTAGE = float(os.environ.get("KOUAN_OUTAGE_SECONDS") or 15)
"""Seconds for which something stays away: 15 unless said otherwise (`make faults`: 600)."""
BREATH = OUTAGE / 100
"""Seconds before a worker of a load tries the next filing after trouble: some thousand tries, however long it lasts."""


def ancestry() -> dict[int, tuple[int, str]]:
    """Every process of this machine: its parent and command line."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            found[int(folder.name)] = (int(stat[1]), line)
    return found


def mine(running: Running) -> dict[int, str]:
    """The processes of one platform, its supervisor included; nobody else's."""
    every, found = ancestry(), {running.process.pid}
    while more := {pid for pid, (parent, _) in every.items() if parent in found} - found:
        found |= more
    return {pid: every[pid][1] for pid in found if pid in every}


def kill(running: Running, part: str) -> int:
    """kill -9 the part of a platform whose command line ends or begins so; its process number."""
    pids = [pid for pid, line in mine(running).items() if line.strip().endswith(part) or f"/{part} " in line]
    assert pids, (part, mine(running))
    os.kill(min(pids), signal.SIGKILL)
    return min(pids)


def freeze(running: Running, part: str) -> list[int]:
    """Let a part of a platform stand still, as a machine does that hangs; its process numbers."""
    pids = [pid for pid, line in mine(running).items() if part in line.partition(" ")[0].rstrip(":").rpartition("/")[2]]
    assert pids, (part, mine(running))
    return freeze_these(pids)


def freeze_these(pids: list[int]) -> list[int]:
    """Let some processes stand still."""
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return pids


def thaw(pids: Iterable[int]) -> None:
    """Let processes go on."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@dataclass
class Load:
    """Filings under way: what was sent under which key, and what was acknowledged with which receipt."""

    running: Running
    name: str
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    trouble: int = 0
    stop: bool = False
    pace: float = 0.03
    """Seconds between two filings of a worker: all of them together file some hundred in a second, and leave the machine to others."""

    def client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self.running.token('carrier')}"}
        return httpx.AsyncClient(base_url=self.running.url, headers=headers, timeout=10, trust_env=False, verify=PLAIN)

    async def worker(self, mark: int) -> None:
        """File one after another until told to stop; what fails is left as it is."""
        async with self.client() as client:
            number = 0
            while not self.stop:
                key = f"{self.name.upper()}-{mark}-{number}"
                self.sent[key] = {"waybill": f"W{key}", "wagon": "52839471", "entered_at": "2026-11-01T00:00:00Z"}
                await self.send(client, key)
                await asyncio.sleep(self.pace)
                number += 1

    async def send(self, client: httpx.AsyncClient, key: str) -> None:
        """Send one filing under its key and note the answer."""
        try:
            answer = await client.post(DOOR, content=orjson.dumps(self.sent[key]), headers={"Idempotency-Key": key})
        except httpx.HTTPError:
            self.trouble += 1
            await asyncio.sleep(BREATH)
            return
        if answer.status_code == 201:
            receipt = answer.json()["receipt"]["id"]
            assert self.acknowledged.setdefault(key, receipt) == receipt, f"{key} was answered with two receipts"
        elif answer.status_code == 503:
            self.trouble += 1
            assert answer.headers["retry-after"]
            await asyncio.sleep(BREATH)
        else:
            self.refused[key] = answer.text

    async def run(self, strikes: Iterable[tuple[float, Any]], after: float) -> None:
        """File; strike at these moments; go on for a while after filings are accepted again."""
        workers = [asyncio.create_task(self.worker(n)) for n in range(WORKERS)]
        for pause, strike in strikes:
            await asyncio.sleep(pause)
            await asyncio.to_thread(strike)
        before = len(self.acknowledged)
        limit = time.monotonic() + PATIENCE
        while len(self.acknowledged) < max(before + 50, 120):
            assert time.monotonic() < limit, f"nothing is accepted any more: {self.trouble} failures"
            await asyncio.sleep(0.1)
        await asyncio.sleep(after)
        self.stop = True
        await asyncio.gather(*workers)

    async def resend(self, keys: Iterable[str]) -> None:
        """Send filings again under their keys."""
        async with self.client() as client:
            turn = asyncio.Semaphore(WORKERS)

            async def again(key: str) -> None:
                async with turn:
                    await self.send(client, key)

            await asyncio.gather(*(again(key) for key in keys))

    async def kept(self) -> dict[str, list[dict[str, Any]]]:
        """What the platform now holds of this load, by waybill."""
        found: dict[str, list[dict[str, Any]]] = {}
        async with self.client() as client:
            after = ""
            while after is not None:
                page = (await client.get(DOOR, params={"limit": 500, "after": after})).json()
                for item in page["items"]:
                    found.setdefault(item["data"]["waybill"].partition(":")[2], []).append(item)
                after = page["next"]
        return found

    async def proofs(self, keys: Iterable[str]) -> int:
        """How many receipts prove what was sent; an assertion fails for the first that does not."""
        proved = 0
        async with self.client() as client:
            for key in keys:
                proof = await self.proof(client, self.acknowledged[key])
                said = verify(proof, orjson.dumps(self.sent[key]))
                assert said.ok, (key, said)
                proved += 1
        return proved

    async def proof(self, client: httpx.AsyncClient, receipt: str) -> bytes:
        """The proof of a receipt, once the signer has signed it."""
        limit = time.monotonic() + PATIENCE
        while True:
            answer = await client.get(f"/api/receipts/{receipt}/proof")
            if answer.status_code == 200:
                return answer.content
            assert time.monotonic() < limit, answer.text
            await asyncio.sleep(0.2)


async def nothing_is_lost(load: Load) -> None:
    """Every acknowledged filing is there, once, proved; a retry gives its receipt; what was not can be sent again."""
    assert not load.refused, list(load.refused.items())[:3]
    assert len(load.acknowledged) > 100
    kept = await load.kept()
    lost = [key for key in load.acknowledged if load.sent[key]["waybill"] not in kept]
    assert lost == []
    assert [waybill for waybill, items in kept.items() if len(items) > 1] == []
    for key, receipt in load.acknowledged.items():
        assert kept[load.sent[key]["waybill"]][0]["receipt"] == receipt
    keys = sorted(load.acknowledged)
    assert await load.proofs(keys[:: max(1, len(keys) // 40)]) >= 20
    await load.resend(keys[-200:])
    open_ones = [key for key in load.sent if key not in load.acknowledged]
    for _ in range(5):
        await load.resend([key for key in open_ones if key not in load.acknowledged])
    assert [key for key in load.sent if key not in load.acknowledged] == []
    kept = await load.kept()
    assert sum(len(items) for waybill, items in kept.items() if waybill.startswith(f"W{load.name.upper()}-")) == len(load.sent)
    assert not load.refused, list(load.refused.items())[:3]


def healthy(running: Running, seconds: float = PATIENCE) -> dict[str, Any]:
    """The platform's health, once it is good again."""
    limit = time.monotonic() + seconds
    while True:
        try:
            answer = httpx.get(f"{running.url}/api/health", timeout=5, trust_env=False, verify=PLAIN)
            if answer.status_code == 200 and answer.json()["status"] == "ok":
                return dict(answer.json())
            said = answer.text
        except httpx.HTTPError as away:
            said = repr(away)
        assert time.monotonic() < limit, said[-500:]
        time.sleep(0.2)


def ports(home: Path) -> dict[str, Any]:
    """Where a platform listens."""
    found: dict[str, Any] = json.loads((home / "run" / "ports.json").read_text())
    return found
