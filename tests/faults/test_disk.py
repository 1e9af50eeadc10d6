"""A disk that runs low: filing stops before PostgreSQL is full, who only asks is served, and it ends without a hand.

On a small file system of our own in memory, which only root may mount; skipped where that is refused.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from kouan_sim import ais
from kouan_sim.identifiers import References
from tests.conftest import PLAIN, Running, end, start
from tests.faults.killing import DOOR, OUTAGE, Load, healthy, mine, nothing_is_lost, ports

pytestmark = pytest.mark.slow
SIZE, LOW = 800, 128
MEGABYTE = 1024 * 1024
CALL = "/api/records/base/portcall/port_call"
STAYS = OUTAGE / 4
"""Seconds for which a disk that ran low is watched while callers go on asking."""


@dataclass
class Small:
    """A platform on a small disk, and the file of somebody else's that fills it."""

    running: Running
    ballast: Path

    @property
    def left(self) -> int:
        """Bytes that are left."""
        seen = os.statvfs(self.running.home)
        return seen.f_bavail * seen.f_frsize

    def fill(self, leave: int) -> None:
        """Somebody else takes what is left but so many bytes."""
        with self.ballast.open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, max(self.left - leave, 1))

    def fill_up(self) -> None:
        """Somebody else takes all that is left."""
        # Unbuffered: what no longer fits must not be tried again when the file is closed.
        with self.ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(MEGABYTE // 16))

    def give_back(self) -> None:
        """Somebody else tidies up."""
        self.ballast.unlink(missing_ok=True)

    def server(self) -> set[int]:
        """The database's first process."""
        return {pid for pid, line in mine(self.running).items() if "/postgres -D" in line}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A platform of our own whose data folder lies on a small disk."""
    disk = tmp_path_factory.mktemp("disk")
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=0755", "kouan-faults", str(disk)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no small disk: mounting is refused here ({done.stderr.strip()})")
    try:
        running = start(disk / "data", KOUAN_RANDOM_SHARE="0", KOUAN_DISK_LOW_MB=str(LOW))
        try:
            yield Small(running, disk / "ballast")
        finally:
            end(running)
    finally:
        subprocess.run(["umount", "-l", str(disk)], capture_output=True)


def health(running: Running) -> tuple[int, str]:
    answer = httpx.get(f"{running.url}/api/health", timeout=10, trust_env=False, verify=PLAIN)
    return answer.status_code, answer.json()["trouble"]


def wait_low(running: Running) -> None:
    limit = time.monotonic() + 60
    while health(running) != (503, "disk_low"):
        assert time.monotonic() < limit, health(running)
        time.sleep(0.1)


def under_way(load: Load) -> None:
    """Wait until a good deal was accepted."""
    limit = time.monotonic() + 60
    while len(load.acknowledged) < 120:
        assert time.monotonic() < limit, load.trouble
        time.sleep(0.1)


def restricted(running: Running) -> str:
    """A port call whose master is named: reading the name is audited."""
    refs = References()
    body = {"vessel": "9074729", "ship_name": "LOW WATER", "flag": "CN", "voyage": refs.next("LW"), "port": "CNWHH", "crew_count": 1,
            "eta": datetime.now(UTC).isoformat(), "master": "P/CN/E00000000", "master_name": "NOBODY AT ALL"}  # fmt: skip
    with running.client("agent") as agent:
        answer = agent.post(CALL, json=body)
        assert answer.status_code == 201, answer.text
        return f"{CALL}/{answer.json()['item']['id']}"


def refused(answer: httpx.Response) -> None:
    """Not now, because storage is low; said in both languages."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    said: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (said["code"], said["rule"]) == ("disk_low", "disk.low_water")
    assert "存储空间不足" in said["reason"]["zh"]
    assert "low" in said["reason"]["en"]


def doors(small: Small, named: str) -> None:
    """What every caller meets while storage is low."""
    running = small.running
    with running.client("carrier") as carrier, running.client("agent") as agent, running.client("customs") as customs:
        filing = {"waybill": "WLOWWATER", "wagon": "52839471", "entered_at": "2026-11-01T00:00:00Z"}
        refused(carrier.post(DOOR, json=filing))
        refused(carrier.post("/api/intake/edifact", content=b"UNB+UNOC:3+A+B+261101:0000+1'UNZ+0+1'"))
        refused(agent.get(named))
        assert carrier.get(DOOR).status_code == 200
        assert customs.post("/api/trace", json={"ref": "wagon:52839471"}).status_code == 200
        assert customs.get("/api/me").status_code == 200
        assert customs.get("/api/status").status_code == 200
        assert carrier.get("/api/intake/quarantine").json()["items"] == []


def watch(small: Small, load: Load, named: str, server: set[int]) -> None:
    """The load has driven it to the mark: nothing more is taken in, and PostgreSQL stands with room to spare."""
    wait_low(small.running)
    time.sleep(1)
    taken, limit = len(load.acknowledged), time.monotonic() + STAYS
    doors(small, named)
    while time.monotonic() < limit:
        assert small.left > LOW * MEGABYTE * 3 // 4, "what was accepted before the mark fits above half of it"
        time.sleep(0.1)
    assert len(load.acknowledged) == taken
    assert small.server() == server


async def test_filing_stops_at_the_mark_and_goes_on_by_itself(small: Small) -> None:
    named, server, load = restricted(small.running), small.server(), Load(small.running, "low", pace=0.0)
    with small.running.client("agent") as agent:
        assert agent.get(named).status_code == 200
    strikes = [
        (0.0, partial(under_way, load)),
        (0.0, partial(small.fill, (LOW + 6) * MEGABYTE)),
        (0.0, partial(watch, small, load, named, server)),
        (0.0, small.give_back),
    ]
    await load.run(strikes, after=1.0)
    await nothing_is_lost(load)
    assert healthy(small.running)["trouble"] == ""
    with small.running.client("agent") as agent:
        assert agent.get(named).json()["data"]["master_name"] == "NOBODY AT ALL"
    assert small.server() == server


async def test_a_disk_that_somebody_else_fills_to_the_last_byte_hurts_nothing(small: Small) -> None:
    named, load = restricted(small.running), Load(small.running, "full", pace=0.0)

    def full() -> None:
        small.fill_up()
        wait_low(small.running)
        doors(small, named)
        time.sleep(STAYS)
        doors(small, named)

    try:
        await load.run([(0.0, partial(under_way, load)), (0.0, full), (0.0, small.give_back)], after=1.0)
    finally:
        small.give_back()
    await nothing_is_lost(load)
    assert healthy(small.running)["trouble"] == ""


def test_what_the_stream_hears_while_there_is_no_room_is_kept_afterwards(small: Small) -> None:
    """Also after the disk was full to the last byte (above): the bus has come back by itself."""
    mmsi, sent = 413_000_000 + secrets.randbelow(900_000), 0
    nmea = int(ports(small.running.home)["nmea"])

    def kept() -> int:
        with small.running.client("portoffice") as office:
            asked = {"signal": "position", "ref": f"vessel:mmsi:{mmsi}", "bbox": "100,35,179,37"}
            answer = office.get("/api/history", params=asked)
            return int(answer.json()["rows"]) if answer.status_code == 200 else 0

    def paused() -> int:
        with small.running.client("portoffice") as office:
            return int(office.get("/api/stream").json()["totals"].get("history.paused", 0))

    def until(check: Callable[[], bool]) -> None:
        limit = time.monotonic() + 60
        while not check():
            if time.monotonic() >= limit:
                logs = [(small.running.home / "log" / f"{name}.log").read_text()[-1500:] for name in ("stream", "nats")]
                raise AssertionError(f"{sent} sent, {kept()} kept, {paused()} paused\n" + "\n".join(logs))
            time.sleep(0.5)

    with socket.create_connection(("127.0.0.1", nmea)) as line:

        def hear(times: int) -> None:
            nonlocal sent
            for _ in range(times):
                position = ais.Position(120.0 + sent / 1000, 36.0, 5.0, 90.0, 90)
                text = ais.Talker(source="SIM1").sentences(ais.type1(mmsi, position), int(time.time()))
                line.sendall(("\r\n".join(text) + "\r\n").encode())
                sent += 1
                time.sleep(1)

        hear(1)
        until(lambda: kept() == 1)
        small.fill(LOW * MEGABYTE // 3)
        try:
            wait_low(small.running)
            until(lambda: paused() > 0)
            hear(max(int(STAYS), 3))
            assert small.left > LOW * MEGABYTE // 6, "the stream does not eat what is left"
        finally:
            small.give_back()
        until(lambda: kept() == sent)
        until(lambda: paused() == 0)
    assert healthy(small.running)["trouble"] == ""
