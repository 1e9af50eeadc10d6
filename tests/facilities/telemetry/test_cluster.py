"""The stream on a cluster of three NATS servers: one is killed, the others go on, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kouan.app.supervisor import binaries
from kouan.facilities.telemetry.bus import AWAY, Bus
from kouan.facilities.telemetry.codec import unpack
from kouan.facilities.telemetry.publishing import publish
from kouan.facilities.telemetry.reader import Place, Reader
from kouan.kernel.settings import Settings, servers
from kouan.kernel.signals import Frame
from tests.conftest import free_port

NAMES = ("one", "two", "three")
ROWS = 50


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Three servers by the port of each."""
    ports, routes = [free_port() for _ in NAMES], [free_port() for _ in NAMES]
    running = {}
    for name, port, route in zip(NAMES, ports, routes, strict=True):
        stated = {
            "server_name": name, "listen": f"127.0.0.1:{port}", "jetstream": {"store_dir": str(tmp_path / name)},
            "cluster": {"name": "port", "listen": f"127.0.0.1:{route}", "routes": [f"nats://127.0.0.1:{one}" for one in routes]},
        }  # fmt: skip
        config = tmp_path / f"{name}.conf"
        config.write_text(json.dumps(stated))
        running[port] = subprocess.Popen([str(binaries.nats()), "-c", str(config), "-l", str(tmp_path / f"{name}.log")])
    try:
        yield running
    finally:
        for process in running.values():
            process.kill()
            process.wait(10)


async def until(found: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something."""
    limit = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < limit, "it does not come"
        await asyncio.sleep(0.05)


async def sent(bus: Bus, batch: int) -> None:
    """A batch of readings in the stream, tried again as the publisher does while a new leader is chosen."""
    at = 1_750_000_000_000_000 + batch * 1_000_000 + np.arange(ROWS)
    frame = Frame("reading", {"key": np.full(ROWS, 7, np.uint64), "at": at, "value": np.full(ROWS, float(batch))})
    limit = time.monotonic() + 60
    while True:
        try:
            await publish(bus, [frame])
            return
        except AWAY:
            assert time.monotonic() < limit, "the cluster does not come back"
            await asyncio.sleep(0.3)


def test_settings_name_one_server_or_a_cluster() -> None:
    assert servers(" nats://a:1, nats://b:2 ,nats://c:3") == ["nats://a:1", "nats://b:2", "nats://c:3"]
    of = {url: Settings(Path("/"), nats_url=url).replicas for url in ("", "nats://a", "nats://a,nats://b", "nats://a,nats://b,nats://c")}
    assert list(of.values()) == [1, 1, 1, 3]
    assert Settings(Path("/"), nats_url="nats://a,nats://b,nats://c", nats_replicas=1).replicas == 1


async def test_one_of_three_servers_is_killed_and_the_stream_goes_on(cluster: dict[int, subprocess.Popen[bytes]]) -> None:
    url = ",".join(f"nats://127.0.0.1:{port}" for port in cluster)
    bus, reading, heard = Bus(url, "T", 3), Bus(url, "T", 3), list[float]()
    reader = Reader(reading, "*.*.*", Place(), lambda batch: heard.extend(unpack(batch.content)["value"].tolist()))
    bus.start()
    reading.start()
    await until(lambda: bus.connected and reading.connected)
    await sent(bus, 0)
    assert (await bus.stream()).config.num_replicas == 3
    reader.start()
    for batch in range(1, 5):
        await sent(bus, batch)
    await until(lambda: len(heard) == 5 * ROWS)
    client = reading.client
    assert client is not None
    assert client.connected_url is not None
    victim = cluster[int(client.connected_url.port or 0)]
    victim.kill()
    victim.wait(10)
    for batch in range(5, 10):
        await sent(bus, batch)
    await until(lambda: len(heard) >= 10 * ROWS)
    assert sorted(set(heard)) == [float(batch) for batch in range(10)]
    assert len(set(heard)) * ROWS == 10 * ROWS
    assert reader.gaps == 0
    await reader.stop()
    await bus.close()
    await reading.close()
