"""The stream under a hard hand: killed, shared and taken over, NATS away, a flood of noise; what was accepted is there once.

KOUAN_OUTAGE_SECONDS: how long NATS hangs. Named after ThingsBoard #9625 (silent loss, no reconnection) and OpenRemote #3199
(a flood of 620 messages a second), Home Assistant #180041 (devices that do not come back after their broker did).
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from kouan_sim import ais
from tests.conftest import Running, end, planted, start
from tests.facilities.devices.acting import heard, mqtt_port, until_in
from tests.facilities.devices.acting import until as eventually
from tests.faults.flooding import flood, neighbour, new
from tests.faults.killing import DOOR, OUTAGE, freeze, freeze_these, healthy, kill, mine, thaw
from tests.faults.streaming import (
    POURS,
    device,
    fixes,
    health,
    kept,
    new_device,
    nmea,
    over,
    pour,
    readings,
    resident,
    sentence,
    stream,
    tell,
    told,
    until,
)
from tests.operations.alerts.conftest import Staff

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A platform of our own, to be hurt."""
    running = start(planted(tmp_path_factory.mktemp("stream") / "data"), KOUAN_RANDOM_SHARE="0")
    yield running
    end(running)


def test_kill_9_of_the_stream_loses_nothing_accepted_and_counts_nothing_twice(victim: Running) -> None:
    device, accepted = new_device(victim), 0
    for round_ in range(6):
        accepted += readings(victim, device, 500, round_ * 500)
        if round_ in (1, 3):
            until(lambda: any(line.strip().endswith("cli stream") for line in mine(victim).values()))
            kill(victim, "cli stream")
    assert accepted == 3000
    until(lambda: kept(victim, device) == 3000)
    time.sleep(3)
    assert kept(victim, device) == 3000
    until(lambda: stream(victim)["leader"])


def test_another_lookout_watches_when_one_is_killed_and_the_sockets_do_not_notice(victim: Running) -> None:
    def lookout() -> dict[str, Any]:
        workers = stream(victim)["workers"]
        return next((w for w in workers if w.get("role") == "watch" and w["leads"] and "operations.traffic" in w["watchers"]), {})

    mmsi = 413_000_000 + secrets.randbelow(900_000)
    first = until(lookout)["owner"]
    with socket.create_connection(("127.0.0.1", nmea(victim))) as line:
        line.sendall(sentence(mmsi, 123.0))
        until(lambda: fixes(victim, mmsi) == 1)
        kill(victim, "cli watch")
        line.sendall(sentence(mmsi, 123.1))
        until(lambda: fixes(victim, mmsi) == 2, 5)
        until(lambda: lookout().get("owner", first) != first)

        def followed() -> bool:
            with victim.client("portoffice") as office:
                features = office.get("/api/traffic/tracks", params={"bbox": "122.9,35.9,123.2,36.1"}).json()["features"]
                return any(one["properties"]["ref"] == f"vessel:mmsi:{mmsi}" for one in features)

        until(followed)


def test_two_processes_share_the_partitions_and_one_takes_over_from_the_other(victim: Running) -> None:
    until(lambda: stream(victim)["leader"])
    second = subprocess.Popen(
        [sys.executable, "-m", "kouan.app.cli", "stream"], env={**os.environ, **told(victim)}, stderr=subprocess.DEVNULL
    )
    try:

        def shares() -> list[int]:
            return sorted(len(w["parts"]) for w in stream(victim)["workers"] if w["parts"])

        until(lambda: shares() == [2, 2])
        device = new_device(victim)
        assert readings(victim, device, 400, 0) == 400
        second.kill()
        second.wait()
        began = time.monotonic()
        assert readings(victim, device, 400, 400) == 400
        until(lambda: shares() == [4], 30)
        until(lambda: kept(victim, device) == 800, 30)
        assert time.monotonic() - began < 30
    finally:
        second.kill()
        second.wait()


def test_what_is_heard_while_nats_hangs_is_seen_at_once_and_kept_afterwards(victim: Running) -> None:
    mmsi = 413_000_000 + secrets.randbelow(900_000)
    sent = 0
    with socket.create_connection(("127.0.0.1", nmea(victim))) as line:
        line.sendall(sentence(mmsi, 120.0))
        sent += 1
        until(lambda: fixes(victim, mmsi) == 1)
        pids = freeze(victim, "nats-server")
        try:
            limit = time.monotonic() + OUTAGE
            while time.monotonic() < limit:
                line.sendall(sentence(mmsi, 120.0 + sent / 100))
                sent += 1
                time.sleep(1)
            with victim.client("portoffice") as office:
                assert office.get("/api/vessels").status_code == 200
        finally:
            thaw(pids)
        until(lambda: fixes(victim, mmsi) == sent, 60)
    assert not any(count for name, count in stream(victim)["totals"].items() if name.startswith("lost"))


def test_a_flood_of_noise_is_counted_and_does_not_stop_the_intake(victim: Running) -> None:
    mmsi = 413_000_000 + secrets.randbelow(900_000)
    before = stream(victim)["totals"]
    noise = (
        os.urandom(4000)
        + b"\r\n"
        + b"!AIVDM,1,1,,A,15M67FC000G?ufbE`FepT@3n00Sa,0*FF\r\n" * 620
        + b"!AIVDM,9,9,9\n$GPXXX*00\n\\s:x*00\\!\n"
    )
    senders = [socket.create_connection(("127.0.0.1", nmea(victim))) for _ in range(8)]
    try:
        for _ in range(10):
            for sender in senders:
                sender.sendall(noise)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for _ in range(200):
                datagrams.sendto(os.urandom(900), ("127.0.0.1", nmea(victim)))
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", nmea(victim))) as line:
            line.sendall(sentence(mmsi, 121.5))
            until(lambda: fixes(victim, mmsi) == 1, 20)
        assert time.monotonic() - began < 20
    finally:
        for sender in senders:
            sender.close()
    counted = until(
        lambda: (
            (t := stream(victim)["totals"]).get("refused.checksum", 0) - before.get("refused.checksum", 0)
            >= 8 * 10 * 620
            and t
        )
    )
    assert counted["listener.refused"] > 0
    with pytest.raises(httpx.HTTPStatusError):
        victim.client().get("/api/stream").raise_for_status()


async def test_a_device_whose_clock_is_an_hour_wrong_is_dated_by_arrival_and_counted(victim: Running) -> None:
    with victim.client("terminal") as owner:
        await heard(owner)
        given = new(owner)
        code = given["user"]
        line = await until_in(("127.0.0.1", mqtt_port(victim)), given)

        async def tell(value: float, **wrong: float) -> datetime:
            at = datetime.now(UTC) + timedelta(**wrong)
            told = {"at": at.isoformat(), "value": value}
            await line.publish(f"devices/{code}/t", json.dumps(told).encode())
            return at

        def known() -> dict[float, float]:
            found = owner.get("/api/history", params={"device": code, "since": (datetime.now(UTC) - timedelta(hours=2)).isoformat()})
            columns = found.json()["columns"] if found.status_code == 200 else {"value": (), "at": ()}
            return {value: at / 1e6 - time.time() for value, at in zip(columns["value"], columns["at"], strict=True)}

        await tell(1, hours=1)
        await tell(2, hours=1)
        await eventually(lambda: {1, 2} <= set(known()), 20)
        assert all(-20 < ago < 1 for ago in known().values()), "the time of arrival stands in their place"
        right = await tell(3)
        await tell(4, hours=-1)
        await eventually(lambda: {1, 2, 3, 4} <= set(known()), 20)
        assert abs(known()[3] + time.time() - right.timestamp()) < 0.001
        await eventually(lambda: device(victim, code)["readings"] == 4)
        last = [(one["value"], one["at"]) for one in device(victim, code)["last"]]
        assert last == [(3, int(right.timestamp() * 1e6))], "what is late moves nothing back"

        def counted() -> dict[str, int]:
            told = [worker["senders"].get(f"device:{code}") for worker in stream(victim)["workers"]]
            return next((dict(one) for one in told if one), {})

        await eventually(lambda: counted() == {"rows": 4, "future": 2, "late": 1})
        await line.close()


FLOODS = {"620": (620, 1, 3.0), "100000": (200, 500, 2.0)}


@pytest.mark.parametrize(("rate", "rows", "seconds"), FLOODS.values(), ids=FLOODS.keys())
async def test_a_device_that_floods_is_thinned_and_counted_and_harms_no_other(
    victim: Running, rate: int, rows: int, seconds: float
) -> None:
    """OpenRemote #3199: 620 messages a second; and ten times the 10,000 readings a second for which the port's stream is made."""
    before = stream(victim)["totals"]
    with victim.client("terminal") as owner:
        await heard(owner)
        given = new(owner)
        async with neighbour(victim, owner) as beside:
            beside.late.clear()
            sent = await flood(victim, given, rate, seconds, rows)
            await eventually(lambda: device(victim, given["user"])["messages"] == sent + 2, 20)  # its birth and its last will
            assert beside.late
            assert max(beside.late) < 3, "another device's reading is known as soon as ever"
        found = device(victim, given["user"])
        thinned = found["refused"].get("thinned", 0) + rows * found["refused"].get("thinned_messages", 0)
        assert found["readings"] + thinned == sent * rows, "each reading is kept or counted"
        assert (thinned == 0) == (rate == 620)
        assert found["readings"] > 500 * seconds
        since = {"device": given["user"], "since": (datetime.now(UTC) - timedelta(minutes=5)).isoformat()}
        await eventually(lambda: owner.get("/api/history", params=since).json().get("rows", 0) == found["readings"], 20)
        neighbours = {**since, "device": beside.code}
        await eventually(lambda: owner.get("/api/history", params=neighbours).json().get("rows", 0) >= len(beside.late), 20)

        def counted() -> int:
            now = stream(victim)["totals"]
            readings, messages = (now.get(cause, 0) - before.get(cause, 0) for cause in ("thinned", "thinned_messages"))
            return int(readings + rows * messages)

        await eventually(lambda: counted() == thinned)


async def test_devices_come_back_by_themselves_after_the_broker_was_away(victim: Running) -> None:
    """kill -9 of the broker: ThingsBoard #9625 and Home Assistant #180041 needed a restart of the other side by hand."""
    with victim.client("terminal") as owner:
        await heard(owner)
        async with neighbour(victim, owner) as beside:
            kill(victim, "nats-server")
            once = beside.came_back
            await eventually(lambda: beside.came_back > once, 30)
            known = len(beside.late)
            await eventually(lambda: len(beside.late) > known + 2, 20)
            assert device(victim, beside.code)["online"]
        since = {"device": beside.code, "since": (datetime.now(UTC) - timedelta(minutes=5)).isoformat()}
        await eventually(lambda: owner.get("/api/history", params=since).json().get("rows", 0) >= len(beside.late), 20)
    until(lambda: stream(victim)["leader"])


@pytest.fixture
def staff(victim: Running) -> Iterator[Staff]:
    """The port's people at the platform that is hurt."""
    people = Staff(victim)
    yield people
    people.close()


def test_a_watch_that_hangs_is_noticed_in_ten_seconds_and_started_again_and_warns_of_what_came_meanwhile(
    victim: Running, staff: Staff
) -> None:
    device = new_device(victim)
    raised = over(staff, [device], "hang")
    tell(staff, device, 1)
    healthy(victim)
    pids = [pid for pid, line in mine(victim).items() if line.strip().endswith("cli watch")]
    freeze_these(pids)
    began = time.monotonic()
    tell(staff, device, 99)
    told = until(lambda: (said := health(victim))["trouble"] == "watch" and said, 10)
    assert time.monotonic() - began < 10
    parts = {name: part["status"] for board in told["modules"].values() for name, part in board["parts"].items()}
    assert (told["status"], parts["operations.alerts"], parts["base.manifest"]) == ("degraded", "degraded", "ok")
    until(lambda: not set(pids) & set(mine(victim)), 30)
    alert = f"rule:{raised['data']['code']}"
    (warned,) = until(lambda: staff.warnings(alert), 60)
    assert warned["data"]["value"] == 99
    assert healthy(victim)["trouble"] == ""


async def test_while_the_database_hangs_the_stream_loses_nothing_and_warns_once(victim: Running, staff: Staff) -> None:
    mmsi = 413_000_000 + secrets.randbelow(900_000)
    with victim.client("terminal") as owner:
        await heard(owner)
        given = new(owner)
        raised = over(staff, [given["user"]], "away")
        line = await until_in(("127.0.0.1", mqtt_port(victim)), given)
        told = 0

        async def say(value: float) -> None:
            nonlocal told
            told += 1
            now = datetime.now(UTC).isoformat()
            await line.publish(f"devices/{given['user']}/t", json.dumps({"at": now, "value": value}).encode())

        await say(1)
        await eventually(lambda: device(victim, given["user"])["readings"] == 1, 30)
        sent, pids = 0, freeze(victim, "postgres")
        try:
            limit = time.monotonic() + OUTAGE
            with socket.create_connection(("127.0.0.1", nmea(victim))) as wire:
                while time.monotonic() < limit:
                    wire.sendall(sentence(mmsi, 120.0 + sent / 1000))
                    sent += 1
                    await say(99.0 if sent == 5 else 2 + sent / 1000)
                    await asyncio.sleep(1)
        finally:
            thaw(pids)
        await say(3)
        since = {"device": given["user"], "since": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
        await eventually(lambda: owner.get("/api/history", params=since).json().get("rows", 0) == told, 60)
        await line.close()
    healthy(victim)
    until(lambda: fixes(victim, mmsi) == sent)
    (warned,) = until(lambda: staff.warnings(f"rule:{raised['data']['code']}"))
    assert (warned["data"]["value"], warned["data"]["count"]) == (99, 1)
    await asyncio.sleep(3)
    assert fixes(victim, mmsi) == sent
    assert len(staff.warnings(f"rule:{raised['data']['code']}")) == 1
    assert not any(count for name, count in stream(victim)["totals"].items() if name.startswith("lost"))


def test_ten_times_the_rated_ais_is_taken_at_our_pace_and_counted_and_filing_lives(victim: Running) -> None:
    (pid,) = (pid for pid, line in mine(victim).items() if line.strip().endswith("cli stream"))
    first, before, held = 412_000_000 + 1000 * secrets.randbelow(900), stream(victim)["totals"], resident(pid)
    blob = "".join(f"{line}\r\n" for n in range(1000) for line in ais.Talker().sentences(
        ais.type1(first + n, ais.Position(122.0 + n / 1000, 36.5, 5.0, 90.0, 90)))).encode()  # fmt: skip
    waybill = f"WFLOOD{secrets.token_hex(4).upper()}"
    took: list[float] = []
    with ThreadPoolExecutor(2) as pool, victim.client("carrier") as carrier:
        pouring = [pool.submit(pour, ("127.0.0.1", nmea(victim)), blob, POURS) for _ in range(2)]
        while not all(one.done() for one in pouring):
            body = {"waybill": f"{waybill}{len(took)}", "wagon": "52839471", "entered_at": "2026-11-01T00:00:00Z"}
            began = time.monotonic()
            assert carrier.post(DOOR, json=body).status_code == 201
            took.append(time.monotonic() - began)
        sent = 1000 * sum(one.result() for one in pouring)
    assert took
    assert max(took) < 10

    def counted(*causes: str) -> int:
        now = stream(victim)["totals"]
        return sum(int(now.get(cause, 0) - before.get(cause, 0)) for cause in causes)

    until(lambda: counted("rows") >= sent)
    assert resident(pid) - held < 400
    mmsi = 413_000_000 + secrets.randbelow(900_000)
    with socket.create_connection(("127.0.0.1", nmea(victim))) as line:
        line.sendall(sentence(mmsi, 121.5))
        until(lambda: fixes(victim, mmsi) == 1)
    assert counted("lost.bus_away", "listener.refused") == 0
    assert sent > 50_000 * POURS / 5, "it was a flood"
