"""NATS for one data folder: JetStream for the stream, its MQTT 3.1.1 listener for devices.

Both doors want a password; they are made once for each data folder and stand in run/nats.json (0600). What JetStream
keeps on disk is encrypted under keys/stream (0600). The second is for the devices of gate lanes (`LANES`); devices with
credentials of their own stand in run/devices.json:
`{"devices": [{"user": "D-1", "password": "$2a$…", "publish": ["devices.D-1.>"], "subscribe": ["devices.D-1.>"]}]}`,
written whole or not at all by whoever manages them; a change is taken over while the server runs (SIGHUP).
A server whose JetStream has given up (its disk was full) says so to nobody and does not try again: who finds that it answers while
its stream does not touches run/nats.renew, and it is started again.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kouan.app.supervisor import binaries, spawn
from kouan.app.supervisor.trouble import Trouble
from kouan.kernel.text import Text

START_SECONDS = 20.0
STOP_SECONDS = 1.0
PAUSE = 0.05
AGAIN = 0.2
CLIENT, DEVICE = "kouan", "device"
LANES = {"publish": ["devices.lane.*.*.*"], "subscribe": ["devices.lane.*.command"]}
"""What the account that gate lanes share may do: tell readings and confirmations, hear commands. It commands nothing, and reaches no
device with credentials of its own. `devices.lane.in-1.scale.scale-1` is `devices/lane/in-1/scale/scale-1` in MQTT."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The passwords of the platform's own processes and of gate lanes."""

    client_password: str
    device_password: str
    client_user: str = CLIENT
    device_user: str = DEVICE


class Nats:
    """The NATS server of one data folder, on loopback for clients and on `bind` for devices."""

    name = "NATS"

    def __init__(self, home: Path, port: int, mqtt_port: int, bind: str = "127.0.0.1") -> None:
        self.home, self.port, self.mqtt_port, self.bind = home.absolute(), port, mqtt_port, bind
        self.log = self.home / "log" / "nats.log"
        self.devices = self.home / "run" / "devices.json"
        self.renew = self.home / "run" / "nats.renew"
        self._devices_seen = self._renew_seen = -1
        self.credentials = self._credentials()
        self._process: spawn.Process | None = None
        self._started = 0.0

    @property
    def url(self) -> str:
        """Where clients of the platform connect, password included."""
        return f"nats://{CLIENT}:{self.credentials.client_password}@127.0.0.1:{self.port}"

    def _credentials(self) -> Credentials:
        kept = self.home / "run" / "nats.json"
        with contextlib.suppress(OSError, ValueError, TypeError):
            return Credentials(**json.loads(kept.read_text()))
        made = Credentials(secrets.token_urlsafe(24), secrets.token_urlsafe(24))
        _write_private(kept, json.dumps(asdict(made), indent=1))
        return made

    def answers(self) -> bool:
        """Whether the server greets a client now."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2.0) as line:
            return line.recv(5) == b"INFO "
        return False

    def start(self) -> None:
        """Start the server and wait until it greets; Trouble when it does not."""
        limit = time.monotonic() + START_SECONDS
        while not self.tend():
            if time.monotonic() > limit:
                raise self.silent()
            time.sleep(PAUSE)

    def silent(self) -> Trouble:
        """Why a start failed."""
        return Trouble(Text(zh=f"NATS 没有应答，日志见 {self.log}", en=f"NATS does not answer, see {self.log}"))

    def lost(self) -> bool:
        """Whether the server runs no more."""
        return self._process is None or self._process.poll() is not None

    def tend(self) -> bool:
        """True when the server answers; else starts it when it does not run. Main thread only."""
        if not self.lost():
            return self.answers()
        if time.monotonic() >= self._started + AGAIN:
            self._launch()
        return False

    def refresh(self) -> None:
        """Take over the credentials of devices when they changed; end a server that is to be started again."""
        if (asked := _changed(self.renew)) != self._renew_seen:
            self._renew_seen = asked
            self.ask_to_stop()
            return
        changed = _changed(self.devices)
        if changed != self._devices_seen and self._process is not None and not self.lost():
            self._devices_seen = changed
            _write_private(self.home / "run" / "nats.conf", self._config())
            spawn.send(self._process, signal.SIGHUP)

    def _launch(self) -> None:
        self._started = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        config = self.home / "run" / "nats.conf"
        self._devices_seen, self._renew_seen = _changed(self.devices), _changed(self.renew)
        _write_private(config, self._config())
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            self._process = spawn.start([str(binaries.nats()), "-c", str(config)], descriptor)
        finally:
            os.close(descriptor)

    def _config(self) -> str:
        stated = {
            "server_name": "kouan",
            "listen": f"127.0.0.1:{self.port}",
            "max_payload": 8 << 20,
            "lame_duck_duration": "30s",
            "jetstream": {
                "store_dir": str(self.home / "nats"), "sync_interval": "1s", "cipher": "chachapoly", "key": self._key(),
            },
            "mqtt": {"listen": _address(self.bind, self.mqtt_port)},
            "authorization": {
                "users": [
                    {"user": CLIENT, "password": self.credentials.client_password},
                    {"user": DEVICE, "password": self.credentials.device_password, "permissions": LANES},
                    *self._own(),
                ]
            },
        }
        return json.dumps(stated, indent=1)  # the server's own format takes JSON

    def _key(self) -> str:
        """The key under which JetStream keeps its files; made once for each data folder."""
        path = self.home / "keys" / "stream"
        with contextlib.suppress(OSError):
            return path.read_text()
        # What was kept before there was a key is readable, and the server does not reliably take it over: it goes.
        shutil.rmtree(self.home / "nats", ignore_errors=True)
        made = secrets.token_urlsafe(32)
        _write_private(path, made)
        return made

    def _own(self) -> list[dict[str, Any]]:
        """Devices with credentials of their own; one that names no subject of devices.> is left out."""
        try:
            stated = json.loads(self.devices.read_text())["devices"]
            return [_device(one) for one in stated if _only_devices(one)]
        except (OSError, ValueError, KeyError, TypeError):
            return []

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Stop the server; after `seconds` at once."""
        self.ask_to_stop()
        self.end(seconds)

    def ask_to_stop(self) -> None:
        """Ask for a shutdown and return."""
        if self._process is not None:
            spawn.send(self._process, signal.SIGTERM)

    def end(self, seconds: float) -> None:
        """Wait for the shutdown; after `seconds` end the server at once."""
        if self._process is not None and not spawn.await_end(self._process, seconds):
            spawn.kill_group(self._process)
            spawn.await_end(self._process, 1.0)


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _only_devices(one: dict[str, Any]) -> bool:
    subjects = [*one["publish"], *one["subscribe"]]
    return one["user"] not in (CLIENT, DEVICE) and all(str(subject).startswith("devices.") for subject in subjects)


def _device(one: dict[str, Any]) -> dict[str, Any]:
    permissions = {"publish": list(one["publish"]), "subscribe": list(one["subscribe"])}
    return {"user": str(one["user"]), "password": str(one["password"]), "permissions": permissions}


def _address(bind: str, port: int) -> str:
    return f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}"


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_suffix(".new")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    making.replace(path)
