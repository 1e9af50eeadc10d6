"""The NATS starter, with real clients at both doors."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import aiomqtt
import nats
import pytest

from kouan.app.supervisor.nats import DEVICE, Nats
from kouan.app.supervisor.settings import Plan, choose_ports


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Nats]:
    ports = choose_ports(Plan(tmp_path))
    running = Nats(tmp_path, ports.nats, ports.mqtt)
    running.start()
    yield running
    running.stop()


async def test_a_device_report_reaches_the_stream_and_survives_kill_9(server: Nats) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(name="devices", subjects=["devices.>"])
    password = server.credentials.device_password
    async with aiomqtt.Client(
        "127.0.0.1", server.mqtt_port, username=DEVICE, password=password, identifier="scale-1"
    ) as device:
        await device.publish("devices/scale-1/weight", b"31500", qos=1)
    await client.close()
    assert server._process is not None
    server._process.kill()
    server._process.wait()
    assert server.lost()
    server.start()
    client = await nats.connect(server.url)
    subscription = await client.jetstream().pull_subscribe("devices.>", durable="reader", stream="devices")
    message, *rest = await subscription.fetch(1, timeout=5)
    assert (message.subject, message.data, rest) == ("devices.scale-1.weight", b"31500", [])
    await client.close()


async def test_nobody_enters_without_the_password(server: Nats) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5.0) as line, line.makefile("rwb") as stream:
        assert stream.readline().startswith(b"INFO ")
        stream.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
        stream.flush()
        assert b"Authorization Violation" in stream.readline()
    stranger = aiomqtt.Client("127.0.0.1", server.mqtt_port, username=DEVICE, password="x", identifier="s")
    with pytest.raises(aiomqtt.MqttError):
        async with stranger:
            pass


def test_the_passwords_are_private_and_kept(server: Nats, tmp_path: Path) -> None:
    for name in ("nats.json", "nats.conf"):
        assert stat.S_IMODE((tmp_path / "run" / name).stat().st_mode) == 0o600
    assert Nats(tmp_path, server.port, server.mqtt_port).credentials == server.credentials
