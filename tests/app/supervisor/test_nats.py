"""The NATS starter, with real clients at both doors."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import time
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
        await device.publish("devices/lane/in-1/scale/scale-1", b"31500", qos=1)
    await client.close()
    assert server._process is not None
    server._process.kill()
    server._process.wait()
    assert server.lost()
    server.start()
    client = await nats.connect(server.url)
    subscription = await client.jetstream().pull_subscribe("devices.>", durable="reader", stream="devices")
    message, *rest = await subscription.fetch(1, timeout=30)
    assert (message.subject, message.data, rest) == ("devices.lane.in-1.scale.scale-1", b"31500", [])
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


async def test_what_jetstream_keeps_is_not_readable_on_disk(server: Nats) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(name="secret", subjects=["secret.*"])
    for number in range(50):
        await client.jetstream().publish("secret.one", b"PLAINLY-READABLE-%d" % number)
    await client.close()
    server.stop()
    kept = b"".join(path.read_bytes() for path in (server.home / "nats").rglob("*") if path.is_file())
    assert len(kept) > 1000
    assert b"PLAINLY-READABLE" not in kept
    assert stat.S_IMODE((server.home / "keys" / "stream").stat().st_mode) == 0o600


async def test_the_account_that_lanes_share_reaches_no_device_with_credentials_of_its_own_and_commands_nothing(server: Nats) -> None:
    platform = await nats.connect(server.url)
    heard = await platform.subscribe("devices.>")
    login = {"username": DEVICE, "password": server.credentials.device_password}
    async with aiomqtt.Client("127.0.0.1", server.mqtt_port, identifier="lane", **login) as lane:
        for topic in ("devices/D-7/weight", "devices/D-7/command", "devices/lane/in-1/command", "devices/lane/in-1/scale", "kouan/x"):
            await lane.publish(topic, b"forged", qos=1)
        await lane.publish("devices/lane/in-1/scale/scale-1", b"1", qos=1)
        await lane.publish("devices/lane/in-1/ack/barrier", b"2", qos=1)
        assert [(await heard.next_msg(5)).subject for _ in range(2)] == ["devices.lane.in-1.scale.scale-1", "devices.lane.in-1.ack.barrier"]
        foreign = ("devices/#", "devices/D-7/#", "devices/+/command", "devices/lane/#", "devices/lane/in-1/scale/+", "#")
        refused = await lane.subscribe([(topic, 1) for topic in foreign])
        assert [getattr(code, "value", code) for code in refused] == [128] * len(foreign)
        await lane.subscribe("devices/lane/in-1/command", qos=1)
        for subject in ("devices.D-7.command", "devices.lane.in-1.scale.scale-1", "devices.lane.in-1.command"):
            await platform.publish(subject, b"for someone")
        message = await anext(aiter(lane.messages))
        assert str(message.topic) == "devices/lane/in-1/command"
    await platform.close()


async def test_a_device_with_its_own_credentials_enters_at_once_and_reaches_its_own_subjects_only(server: Nats) -> None:
    secret = "a-password-of-its-own"
    own = {"user": "D-7", "password": secret, "publish": ["devices.D-7.>"], "subscribe": ["devices.D-7.>"]}
    foreign = {**own, "user": "D-8", "publish": ["kouan.>"]}
    server.devices.write_text(json.dumps({"devices": [own, foreign]}))
    server.refresh()
    heard = await nats.connect(server.url)
    subscription = await heard.subscribe("devices.>")
    limit = time.monotonic() + 10
    while True:
        try:
            async with aiomqtt.Client("127.0.0.1", server.mqtt_port, username="D-7", password=secret, identifier="D-7") as device:
                await device.publish("devices/D-9/weight", b"1")
                await device.publish("devices/D-7/weight", b"2", qos=1)
            break
        except aiomqtt.MqttError:
            assert time.monotonic() < limit
            await asyncio.sleep(0.1)
    assert (await subscription.next_msg(5)).subject == "devices.D-7.weight"
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", server.mqtt_port, username="D-8", password=secret, identifier="D-8"):
            pass
    await heard.close()
