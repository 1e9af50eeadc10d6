"""A broker of the port's own on the running platform: the platform finds it by KOUAN_MQTT_URL, hears its devices by MQTT 5, comes back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouan_sim.mqtt import Mqtt, NotConnected
from tests.conftest import Running
from tests.facilities.devices.acting import REGISTER, entry, until

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
PASSWD = shutil.which("mosquitto_passwd") or "/usr/bin/mosquitto_passwd"
pytestmark = pytest.mark.skipif(not (Path(MOSQUITTO).exists() and Path(PASSWD).exists()), reason="no Mosquitto on this machine")
Start = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def broker(platform: Running, tmp_path: Path) -> Iterator[Start]:
    """Starts the port's broker, with the account that the platform was told of."""
    config, known = tmp_path / "mosquitto.conf", tmp_path / "known"
    subprocess.run([PASSWD, "-b", "-c", str(known), "port", "geheim"], check=True, timeout=30)
    known.chmod(0o644)
    config.write_text(f"listener {platform.broker} 127.0.0.1\nallow_anonymous false\npassword_file {known}\nuser root\n")
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait(10)


async def test_the_platform_hears_devices_of_the_ports_own_broker_and_finds_it_again(platform: Running, broker: Start) -> None:
    code = f"OB-{secrets.token_hex(4).upper()}"
    with platform.client("terminal") as owner:
        filed = owner.post(REGISTER, json=entry(code, keep_alive_s=60))
        assert filed.status_code == 201, filed.text
        assert owner.post(f"{REGISTER}/{filed.json()['item']['id']}/actions/commission", json={}).status_code == 200

        def last() -> dict[str, float]:
            return {one["metric"]: one["value"] for one in owner.get(f"/api/devices/{code}").json()["last"]}

        async def said(value: float) -> None:
            """A device says it until it is heard: the platform looks for its broker every twenty seconds at the latest."""
            limit = time.monotonic() + 60
            while last().get("temperature") != value:
                assert time.monotonic() < limit, "it is not heard"
                with contextlib.suppress(NotConnected):
                    async with Mqtt("127.0.0.1", platform.broker, "port", "geheim", f"dev-{secrets.token_hex(4)}") as device:
                        await device.publish(f"devices/{code}/temperature", json.dumps({"value": value, "simulated": True}).encode())
                await asyncio.sleep(0.5)

        process = broker()
        await said(-18.5)
        assert owner.get(f"/api/devices/{code}").json()["online"] is True
        process.kill()
        process.wait(10)
        broker()
        await said(-17.25)
        kept = {"device": code}

        def both() -> Any:
            found = owner.get("/api/history", params=kept).json()
            return found.get("rows") and {-18.5, -17.25} <= set(found["columns"]["value"]) and found

        columns = await until(both, 60)
        assert columns["simulated"] == columns["rows"]
