"""kill -9 in the middle of a load: what was acknowledged is there, once, proved; a retry gives the same receipt."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.conftest import PLAIN, Running, end, planted, start
from tests.faults.killing import Load, ancestry, healthy, kill, mine, nothing_is_lost

pytestmark = pytest.mark.slow
PARTS = ["cli serve", "cli signer", "postgres", "cli work", "cli push", "nats-server"]


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform of our own, to be hurt."""
    running = start(planted(tmp_path_factory.mktemp("victim") / "data"), KOUAN_RANDOM_SHARE="0")
    yield running
    end(running)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.rpartition(" ")[2])
async def test_nothing_acknowledged_is_lost(victim: Running, part: str) -> None:
    load = Load(victim, part.rpartition(" ")[2])
    killed: list[int] = []
    await load.run([(1.0, lambda: killed.append(kill(victim, part)))], after=1.0)
    assert killed[0] not in mine(victim), "the killed process still runs"
    await nothing_is_lost(load)
    assert healthy(victim)["status"] == "ok"


async def test_nothing_is_lost_when_all_are_killed_one_after_the_other(victim: Running) -> None:
    load = Load(victim, "all")
    strikes = [(0.7, partial(strike, victim, part)) for part in ("cli serve", "cli signer", "postgres", "cli serve", "cli work")]
    await load.run(strikes, after=1.0)
    await nothing_is_lost(load)
    assert healthy(victim)["status"] == "ok"


def strike(running: Running, part: str) -> None:
    """Kill a part; when it is just down from an earlier blow, that will do."""
    with contextlib.suppress(AssertionError, ProcessLookupError):
        kill(running, part)


async def test_events_of_the_killed_moment_are_handled_in_the_end(victim: Running) -> None:
    """Handlers catch up after a worker died with work in its hands, before its lease of a minute is over: every declaration is assessed."""
    with victim.client("trader") as trader:
        door = "/api/records/base/declaration/declaration"
        items = [{"sequence": 1, "hs": "851679", "origin": "KR", "description": "KETTLES", "value": "900", "currency": "USD",
                  "net_kg": 90, "gross_kg": 100}]  # fmt: skip
        ids = []
        for n in range(40):
            body = {"functional_reference": f"KILL-{n}", "function_code": "9", "office": "9901", "items": items, "hs": "851679"}
            answer = trader.post(door, json=body)
            assert answer.status_code == 201, answer.text
            ids.append(answer.json()["item"]["id"])
            if n == 20:
                kill(victim, "cli work")
        waiting, limit = set(ids), time.monotonic() + 50
        while waiting and time.monotonic() < limit:
            for number in list(waiting):
                if trader.get(f"{door}/{number}").json()["state"] != "lodged":
                    waiting.discard(number)
            await asyncio.sleep(0.3)
        assert waiting == set()
    with victim.client("customs") as customs:
        found = customs.get("/api/records/supervision/targeting/assessment", params={"limit": 500}).json()["items"]
    assessed = [item["data"]["declaration"] for item in found if "KILL-" in item["data"]["declaration"]]
    assert len(assessed) == len(set(assessed)) == 40


async def filed_so_far(load: Load, many: int) -> None:
    """Wait until so many filings are acknowledged."""
    async with asyncio.timeout(60):
        while len(load.acknowledged) <= many:
            await asyncio.sleep(0.1)


async def start_again(victim: Running) -> None:
    """Start what has ended in the same data folder; the fixture's platform goes on as this one."""
    again = await asyncio.to_thread(start, victim.home, KOUAN_RANDOM_SHARE="0")
    vars(victim).update(vars(again))


async def test_the_supervisor_killed_takes_its_group_along_and_the_next_start_recovers(victim: Running) -> None:
    load = Load(victim, "supervisor")
    family: list[int] = []
    workers = [asyncio.create_task(load.worker(n)) for n in range(6)]
    await filed_so_far(load, 120)
    family += mine(victim)
    os.kill(victim.process.pid, signal.SIGKILL)
    victim.process.wait(10)
    await asyncio.sleep(0.5)
    load.stop = True
    await asyncio.gather(*workers)
    limit = time.monotonic() + 20
    while left := [pid for pid, (_, line) in ancestry().items() if pid in family and "postgres:" not in line]:
        assert time.monotonic() < limit, [ancestry().get(pid) for pid in left]
        await asyncio.sleep(0.2)
    began = time.monotonic()
    await start_again(victim)
    took = time.monotonic() - began
    await nothing_is_lost(load)
    assert took < 40


async def test_a_clean_stop_answers_or_refuses_and_leaves_nothing_running(victim: Running) -> None:
    load = Load(victim, "stop")
    workers = [asyncio.create_task(load.worker(n)) for n in range(6)]
    await filed_so_far(load, 120)
    family = mine(victim)
    began = time.monotonic()
    await asyncio.to_thread(end, victim)
    assert time.monotonic() - began < 10
    load.stop = True
    await asyncio.gather(*workers)
    left = {pid: ancestry()[pid][1] for pid in family if pid in ancestry() and ancestry()[pid][1] == family[pid]}
    assert left == {}
    async with httpx.AsyncClient(trust_env=False, timeout=2, verify=PLAIN) as client:
        with pytest.raises(httpx.HTTPError):
            await client.get(f"{victim.url}/api/health")
    await start_again(victim)
    await nothing_is_lost(load)
