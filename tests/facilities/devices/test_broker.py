"""A broker of the port's own (Mosquitto, MQTT 5): plain devices and Sparkplug B edge nodes are heard by it, over real sockets."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from kouan.facilities.devices.bridge import Bridge
from kouan.facilities.devices.plants import Plants
from kouan.facilities.devices.records import Device
from kouan.facilities.devices.register import Entry, Register, read
from kouan.facilities.devices.telling import Told
from kouan_sim.mqtt import Mqtt, NotConnected
from kouan_sim.sparkplug import EdgeNode
from tests.conftest import free_port

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
pytestmark = pytest.mark.skipif(not Path(MOSQUITTO).exists(), reason="no Mosquitto on this machine")


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A Mosquitto on a port of its own."""
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    return subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """A broker for one test: its port."""
    port = free_port()
    process = started(tmp_path, port)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(5)


def registered() -> Register:
    """A register with one device behind an edge node."""
    data = Device.model_validate({
        "code": "PUMP-1", "name_zh": "泵", "name_en": "Pump", "kind": "other", "driver": "sparkplug", "address": "wanghai/node-1/pump",
        "metrics": [{"name": "pressure", "unit": "kPa"}, {"name": "flow", "unit": "m3/h"}],
    })  # fmt: skip
    row = {"id": UUID(int=1), "doc": data.model_dump(mode="json"), "state": "commissioned", "org": 2, "readers": []}
    return read([row], {}, [])


async def until(found: Callable[[], object], seconds: float = 15) -> None:
    """Wait for something."""
    limit = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < limit
        await asyncio.sleep(0.02)


async def test_an_edge_node_is_born_heard_by_alias_asked_anew_after_a_gap_and_dies_by_its_will(broker: int) -> None:
    heard: list[tuple[Entry, Told]] = []
    plain: list[tuple[str, bytes]] = []
    bridge = Bridge(lambda topic, content: heard.extend(plants.hear(topic, content)) if topic[0] == "s" else plain.append((topic, content)),
                    f"mqtt://127.0.0.1:{broker}")  # fmt: skip
    plants = Plants(bridge.publish)
    plants.keep(registered())

    def told() -> list[tuple[str, float]]:
        return [(value.metric, value.value) for _, one in heard for value in one.values]

    bridge.start()
    await until(lambda: bridge.connected)
    async with EdgeNode("127.0.0.1", broker, "wanghai", "node-1", "pump", {"pressure": 310.0, "flow": 12.5}) as node:
        await until(lambda: ("flow", 12.5) in told())
        assert heard[0][1].life == "birth"
        node.tell("pressure", 311.25)
        await until(lambda: ("pressure", 311.25) in told())
        at = next(value.at for _, one in heard for value in one.values if value.value == 311.25)
        assert abs(at / 1e6 - datetime.now(UTC).timestamp()) < 30
        node.tell("flow", 99.0, lost=3)
        await until(lambda: node.rebirths == 1)
        assert ("flow", 99.0) in told()
        assert dict(plants.refused())["sparkplug.gap"] == 1
    await until(lambda: heard[-1][1].life == "death")
    assert heard[-1][0].code == "PUMP-1"
    async with Mqtt("127.0.0.1", broker, "", "", "plain") as device:
        await device.publish("devices/D-1/t", b"1.5")
    await until(lambda: plain)
    assert plain == [("devices/D-1/t", b"1.5")]
    await bridge.stop()


async def test_a_broker_that_comes_late_or_goes_for_a_while_is_found(tmp_path: Path) -> None:
    port = free_port()
    heard: list[str] = []
    bridge = Bridge(lambda topic, _: heard.append(topic), f"mqtt://127.0.0.1:{port}")
    bridge.start()
    assert await bridge.publish("devices/D/command", b"{}") is False
    assert bridge.unsent == 1
    process = started(tmp_path, port)
    try:
        await until(lambda: bridge.connected)
        async with Mqtt("127.0.0.1", port, "", "", "plain") as device:
            await device.publish("devices/D-1/t", b"1")
        await until(lambda: heard)
        process.kill()
        process.wait(5)
        await until(lambda: not bridge.connected)
        process = started(tmp_path, port)
        await until(lambda: bridge.connected)
        async with Mqtt("127.0.0.1", port, "", "", "plain") as device:
            await device.publish("devices/D-1/t", b"2")
        await until(lambda: len(heard) == 2)
    except NotConnected as trouble:
        raise AssertionError(trouble) from trouble
    finally:
        await bridge.stop()
        process.terminate()
        process.wait(5)
