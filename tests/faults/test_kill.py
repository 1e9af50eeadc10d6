"""kill -9 at any moment loses nothing accepted: of the serving process, the signer, PostgreSQL, and the supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from kouan.kernel.ledger.verify import verify
from tests.conftest import Running, end, start

PATH = "/api/intake/json?record=services.booking.booking"
LOAD_SECONDS = 12.0
PATIENCE = 60.0


@dataclass
class Kept:
    """What the platform acknowledged: booking number → receipt, and the body under its key."""

    receipts: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def processes(root: int) -> Iterator[tuple[int, str]]:
    """The descendants of a process, with their command lines."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    for pid in parents:
        up = pid
        while up in parents and up != root:
            up = parents[up]
        if up == root and pid != root:
            with contextlib.suppress(OSError):
                yield pid, (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()


def victim(platform: Running, name: str) -> int:
    """The process to be killed."""
    if name == "supervisor":
        return platform.process.pid
    if name == "postgres":
        return int((platform.home / "pg" / "postmaster.pid").read_text().split()[0])
    return next(pid for pid, line in processes(platform.process.pid) if f"kouan.app.cli {name}" in line)


def booking(number: str) -> bytes:
    return json.dumps({"number": number, "vehicle": "鲁B12345", "direction": "in", "business": "empty",
                       "opens": "2026-11-22T02:00:00Z", "closes": "2026-11-22T04:00:00Z"}).encode()  # fmt: skip


async def load(platform: Running, prefix: str, kept: Kept, until: float) -> None:
    """File bookings one after the other on some connections; a lost answer is asked for again under its key."""
    headers = {"Authorization": f"Bearer {platform.token('trucker')}"}

    async def line(client: httpx.AsyncClient, name: int) -> None:
        count = 0
        while time.monotonic() < until:
            number, count = f"{prefix}-{name}-{count}", count + 1
            body = kept.bodies[number] = booking(number)
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.post(PATH, content=body, headers={"Idempotency-Key": number})
                if answer.status_code == 201:
                    kept.receipts[number] = answer.json()["receipt"]["id"]
                elif answer.status_code != 503:
                    kept.refused.append(f"{answer.status_code} {answer.text[:200]}")
            await asyncio.sleep(0.02)

    async with httpx.AsyncClient(base_url=platform.url, headers=headers, timeout=10, trust_env=False) as client:
        await asyncio.gather(*(line(client, name) for name in range(8)))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Running]]:
    """A platform of our own, since it will be killed."""
    holder = {"platform": start(tmp_path_factory.mktemp("kill") / "data", KOUAN_RANDOM_SHARE="0")}
    yield holder
    end(holder["platform"])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["serve", "signer", "postgres", "supervisor"])
async def test_nothing_accepted_is_lost(own: dict[str, Running], name: str) -> None:
    platform, kept = own["platform"], Kept()
    task = asyncio.create_task(load(platform, f"K{name}{time.time_ns() % 10**6}", kept, time.monotonic() + LOAD_SECONDS))
    await asyncio.sleep(LOAD_SECONDS / 3)
    before = len(kept.receipts)
    os.kill(victim(platform, name), signal.SIGKILL)
    if name == "supervisor":
        await asyncio.to_thread(platform.process.wait, 10)
        port = str(httpx.URL(platform.url).port)
        own["platform"] = platform = await asyncio.to_thread(start, platform.home, KOUAN_PORT=port)
    await task
    assert before > 0
    assert kept.refused == []
    await asyncio.to_thread(_recovered, platform)
    await asyncio.to_thread(_everything_is_there, platform, kept)


def _recovered(platform: Running) -> None:
    limit = time.monotonic() + PATIENCE
    with platform.client() as client:
        while time.monotonic() < limit:
            with contextlib.suppress(httpx.HTTPError):
                if client.get("/api/health").status_code == 200:
                    return
            time.sleep(0.2)
    raise TimeoutError("the platform did not recover by itself")


def _everything_is_there(platform: Running, kept: Kept) -> None:
    with platform.client("trucker") as client:
        for number, receipt in kept.receipts.items():
            again = client.post(PATH, content=kept.bodies[number], headers={"Idempotency-Key": number})
            assert again.status_code == 201, again.text
            assert again.json()["receipt"]["id"] == receipt
        for number in list(kept.receipts)[:: max(1, len(kept.receipts) // 25)]:
            items = client.get("/api/records/services/booking/booking", params={"number": number}).json()["items"]
            assert len(items) == 1, number
            proof = client.get(f"/api/receipts/{kept.receipts[number]}/proof")
            assert proof.status_code == 200, proof.text
            assert verify(proof.content, kept.bodies[number]).ok
        unanswered = set(kept.bodies) - set(kept.receipts)
        for number in unanswered:
            assert client.post(PATH, content=kept.bodies[number], headers={"Idempotency-Key": number}).status_code == 201
