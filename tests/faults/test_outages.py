"""Stores that hang for a while: filing waits for the database and not for the stream; all goes on by itself.

KOUAN_OUTAGE_SECONDS: how long they hang, 15 unless said otherwise (`make faults`: 600).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.conftest import PLAIN, Running, end, planted, start
from tests.faults.killing import OUTAGE, Load, freeze, healthy, mine, nothing_is_lost, thaw

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform of our own, to be hurt."""
    running = start(planted(tmp_path_factory.mktemp("outages") / "data"), KOUAN_RANDOM_SHARE="0")
    yield running
    end(running)


def settled(load: Load, count: int = 50) -> None:
    """Wait until so many more filings are accepted."""
    want, limit = len(load.acknowledged) + count, time.monotonic() + 60
    while len(load.acknowledged) < want:
        assert time.monotonic() < limit, load.trouble
        time.sleep(0.1)


def hang_database(load: Load) -> None:
    """The database hangs: callers are told to come again, health says so, and nothing is taken for accepted."""
    running = load.running
    pids = freeze(running, "postgres")
    try:
        time.sleep(1)
        taken, limit = len(load.acknowledged), time.monotonic() + OUTAGE
        while time.monotonic() < limit:
            answer = httpx.get(f"{running.url}/api/health", timeout=8, trust_env=False, verify=PLAIN)
            assert (answer.status_code, answer.json()["trouble"]) == (503, "database")
            time.sleep(0.5)
        assert len(load.acknowledged) == taken
    finally:
        thaw(pids)


def hang_stream(load: Load) -> None:
    """The stream hangs: filing does not need it."""
    pids = freeze(load.running, "nats-server")
    try:
        limit = time.monotonic() + OUTAGE
        while time.monotonic() < limit:
            settled(load, 1)
            time.sleep(0.5)
    finally:
        thaw(pids)


async def test_a_database_that_hangs_delays_and_loses_nothing(victim: Running) -> None:
    load, server = Load(victim, "hang"), {pid for pid, line in mine(victim).items() if "/postgres -D" in line}
    await load.run([(0.0, partial(settled, load)), (0.0, partial(hang_database, load))], after=1.0)
    assert load.trouble
    await nothing_is_lost(load)
    assert healthy(victim)["status"] == "ok"
    assert server <= set(mine(victim)), "nobody took a server that hangs for a dead one"


async def test_filing_goes_on_while_the_stream_hangs(victim: Running) -> None:
    load = Load(victim, "stream", pace=OUTAGE / 150)
    await load.run([(0.0, partial(settled, load)), (0.0, partial(hang_stream, load))], after=1.0)
    assert load.trouble == 0
    await nothing_is_lost(load)
    assert healthy(victim)["status"] == "ok"
