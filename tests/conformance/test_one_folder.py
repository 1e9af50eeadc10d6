"""Adding a driver touches one folder: copied into a tree, it is listed, checked, validated in the form and used. Sibling of one file.

The tree is the platform's own, shown to another process by links; only the folders that get a driver are real.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import kouan
from tests.conftest import free_port

SOURCE = Path(kouan.__file__).parent
DEVICE = r'''
"""A thermometer that says a number and an end of line."""
from __future__ import annotations
import asyncio, re
from kouan.facilities.devices.lining import HOST, DeviceDriver, Line, Target
from kouan.facilities.devices.telling import Told, Value
from kouan.facilities.telemetry.api import check_samples
from kouan.kernel.drivers import Decoded
from kouan.kernel.text import Text

class ThermoLine:
    def __init__(self, device):
        self.host, _, self.port = device.data.address.removeprefix("thermo://").partition(":")

    async def run(self, said):
        reader, writer = await asyncio.open_connection(self.host, int(self.port))
        driver = ThermoDriver()
        while chunk := await reader.read(100):
            said(Told([Value(one["metric"], one["value"]) for one in driver.decode(chunk).observations]))
        writer.close()

class ThermoDriver(DeviceDriver):
    """Numbers, line by line."""
    code = "thermo"
    title = label = Text("测温仪", "Thermometer")
    protocol, signal, connects = "plain numbers", "reading", True
    address = re.compile(r"thermo://" + HOST + r":[0-9]{1,5}\Z")
    address_words = Text("thermo://主机:端口", "thermo://host:port")

    def decode(self, chunk):
        return Decoded([{"metric": "t", "value": float(one)} for one in chunk.split()])

    @classmethod
    def line(cls, device):
        return ThermoLine(device)

    @staticmethod
    def check():
        return check_samples(ThermoDriver, __file__)
'''
SIGNAL = r'''
"""Beacons that say their number and place."""
import numpy as np
from kouan.facilities.telemetry.drivers import samples
from kouan.kernel import clock
from kouan.kernel.drivers import Decoded, Driver
from kouan.kernel.signals import Frame
from kouan.kernel.text import Text

class BeaconDriver(Driver):
    """Beacons."""
    code = "beacon"
    title = Text("信标", "Beacon")
    protocol, signal = "number lon lat", "position"

    def decode(self, chunk):
        rows = [line.split() for line in chunk.split(b"\n") if line.strip()]
        at = int(clock.now().timestamp() * 1e6)
        columns = {"key": ("u8", int, 0), "lon": ("f8", float, 1), "lat": ("f8", float, 2)}
        made = {name: np.array([of(row[n]) for row in rows], kind) for name, (kind, of, n) in columns.items()}
        return Decoded((), {}, [Frame("position", {**made, "at": np.full(len(rows), at), "flags": np.ones(len(rows), "u1")})])

    @staticmethod
    def check():
        return samples.check(BeaconDriver, __file__)
'''
USE = r'''
import asyncio, json, os, socket, sys, uuid
from pathlib import Path
import kouan
import kouan.facilities.devices.module, kouan.facilities.telemetry.module
from kouan.facilities.devices import rules
from kouan.facilities.devices.lines import LINES
from kouan.facilities.devices.polling import Pollers
from kouan.facilities.devices.records import Device
from kouan.facilities.devices.register import read
from kouan.facilities.telemetry import lines
from kouan.facilities.telemetry.edge import Edge
from kouan.kernel.drivers import Driver
from kouan.kernel.rules import Found
from kouan.kernel.settings import Settings
from kouan.kernel.words import every

drivers = {one.code: one for one in every(Driver)}
said = {"root": kouan.__file__, "drivers": sorted(drivers), "checks": [str(drivers[code].check()) for code in ("thermo", "beacon")]}
words = Device.model_json_schema()["properties"]["driver"]
said["form"] = ["thermo" in words["enum"], words["x-kouan"]["values"]["thermo"]["en"]]

def device(address):
    return Device.model_validate({"code": "T-1", "name_zh": "测温", "name_en": "T", "kind": "other", "driver": "thermo",
                                  "address": address, "metrics": [{"name": "t", "unit": "Cel"}]})

judged = [rules.PlainAddress().judge(device(address), Found({}, "TERMINAL")) for address in ("10.0.0.1:7", "thermo://10.0.0.1:7")]
said["judged"] = [None if one is None else one.reason.en for one in judged]

async def used():
    async def speak(reader, writer):
        writer.write(b"-18.5\n")
        await writer.drain()
    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    data, heard = device("thermo://127.0.0.1:%d" % server.sockets[0].getsockname()[1]), []
    row = {"id": uuid.UUID(int=1), "doc": data.model_dump(mode="json"), "state": "commissioned", "org": 2, "readers": []}
    pollers = Pollers(lambda _, told: heard.extend(told.values), LINES)
    await pollers.keep(read([row], {}, []))
    stated, edge = Settings.read(), Edge()
    line = next(made for made in lines.Lines(stated, None, None, edge)._lines if made.name == "beacon")
    listener = lines.Listener(line.driver, line.take)
    await listener.start("127.0.0.1", stated.port_of("beacon"))
    sender = socket.create_connection(("127.0.0.1", stated.port_of("beacon")))
    sender.sendall(b"7 120.2 36.05\n")
    rows = []
    for _ in range(600):
        rows += [float(lon) for frame in edge.drain() for lon in frame["lon"]]
        if heard and rows:
            break
        await asyncio.sleep(0.05)
    sender.close()
    await listener.stop()
    await pollers.stop()
    server.close()
    return [(one.metric, one.value) for one in heard[:1]], rows

said["used"] = asyncio.run(used())
print(json.dumps(said))
'''


def tree(root: Path, *real: str) -> Path:
    """The platform's tree by links, with real folders where these lead."""
    for folder in real:
        inside = SOURCE
        for name in ("", *folder.split("/")):
            inside = inside / name
            made = root / "kouan" / inside.relative_to(SOURCE)
            if made.is_symlink():
                made.unlink()
            if not made.is_dir():
                made.mkdir(parents=True)
                for one in inside.iterdir():
                    (made / one.name).symlink_to(one)
    return root


def folder(place: Path, name: str, source: str, sample: str) -> list[Path]:
    """The one folder that adds a driver; its files."""
    files = {"__init__.py": "", "driver.py": source, "samples/one.txt": sample}
    for path, text in files.items():
        made = place / name / path
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(text)
    return [place / name / path for path in files]


def test_a_folder_adds_a_driver_of_devices_and_one_of_signals(tmp_path: Path) -> None:
    root = tree(tmp_path, "facilities/devices/drivers", "facilities/telemetry/drivers")
    folder(root / "kouan/facilities/devices/drivers", "thermo", DEVICE, "-18.5\n21\n")
    folder(root / "kouan/facilities/telemetry/drivers", "beacon", SIGNAL, "7 120.2 36.05\n")
    home = tmp_path / "home"
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "master").write_bytes(bytes(32))
    told = {"PYTHONPATH": str(root), "KOUAN_HOME": str(home), "KOUAN_BEACON_PORT": str(free_port()), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", USE], env={**os.environ, **told}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["root"].startswith(str(root))
    assert {"thermo", "beacon", "modbus", "ais"} <= set(said["drivers"]), "listed"
    assert said["checks"] == ["None", "None"], "checked"
    assert said["form"] == [True, "Thermometer"]
    assert said["judged"] == ["The address of this protocol is thermo://host:port", None], "validated"
    assert said["used"] == [[["t", -18.5]], [120.2]]
